"""Say what a reader is: from a question and hits to candidate spans with their confidence.

The reader that ships is in `qa.reading.selector`; turning a reading into an answer is left to
`qa.assistant`.
"""

import math
from collections.abc import Sequence
from typing import Protocol

from qa.errors import InputError
from qa.schema import Hit, Reading


class Reader(Protocol):
    """What finds the spans that may answer a question."""

    @property
    def fingerprint(self) -> str:
        """A digest of the model and its settings."""

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Return candidates from the hits, best first, none of them twice.

        A reading without candidates is a legal answer to any input.
        """


def sigmoid(value: float) -> float:
    """Return 1 / (1 + exp(-value)), without overflow.

    >>> sigmoid(0.0), sigmoid(-1000.0)
    (0.5, 0.0)
    """
    if value < 0:
        power = math.exp(max(value, -700.0))
        return round(power / (1 + power), 6)
    return round(1 / (1 + math.exp(-min(value, 700.0))), 6)


def checked_confidence(value: float) -> float:
    """Return the least confidence that a user asks of an answer; raise `InputError` for no such.

    >>> checked_confidence(0.8)
    0.8
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InputError(f"min_confidence is a probability from 0 to 1, not {value!r}")
    return float(value)

"""Say what a reader is: from a question and hits to candidate spans with their confidence.

The reader that ships is in `qa.selector`; turning a reading into an answer is left to
`qa.assistant`.
"""

import math
from collections.abc import Sequence
from typing import Protocol

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

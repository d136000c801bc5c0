"""Turn log-odds into a probability, and check the probability that a user asks for.

Where the log-odds come from is left to `qa.reading.selector`.
"""

import math

from qa.errors import InputError


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
    """Validate ``min_confidence``; raise `InputError` where it is no probability.

    >>> checked_confidence(0.8)
    0.8
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InputError(f"min_confidence is a probability from 0 to 1, not {value!r}")
    return float(value)

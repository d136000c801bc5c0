"""Say how certain a mean is: bootstrap intervals, the paired bootstrap test, percentiles.

The same seed gives the same numbers. What is compared is left to the callers.
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T")
_DRAWS_AT_ONCE = 2_000_000
SEED = 20260101  # of every interval and test in a report


def interval(
    values: Sequence[float], seed: int, resamples: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean (Efron 1979)."""
    means = np.concatenate(list(_resampled_means(values, seed, resamples)))
    return _middle(means, level)


def statistic_interval(
    items: Sequence[_T],
    statistic: Callable[[Sequence[_T]], float | None],
    seed: int,
    resamples: int = 200,
    level: float = 0.95,
) -> tuple[float, float] | None:
    """Return the percentile bootstrap interval of any statistic of ``items``.

    Resamples for which the statistic is None are left out; the result is None if all are.
    """
    draw = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        chosen = draw.integers(0, len(items), len(items))
        value = statistic([items[int(index)] for index in chosen])
        if value is not None:
            values.append(value)
    return _middle(np.array(values), level) if values else None


def probability_of_no_loss(
    differences: Sequence[float], seed: int, resamples: int = 10_000
) -> float:
    """Return the share of paired bootstrap resamples whose mean difference is not below zero.

    ``differences`` holds after minus before for each question. The share is the p-value of the
    one-sided paired bootstrap test for a loss (Koehn 2004). With ``s`` of ``n`` questions lost and
    none won it is close to ``(1 - s/n) ** n``, so about three lost questions are significant at
    5 %, whatever ``n`` is.
    """
    means = np.concatenate(list(_resampled_means(differences, seed, resamples)))
    return float(np.mean(means >= -1e-12))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that at least ``share`` (0 to 1) of them do not exceed.

    >>> percentile([10.0, 20.0, 30.0, 40.0], 0.5)
    20.0
    """
    return sorted(values)[max(ceil(share * len(values) - 1e-9), 1) - 1]


def _resampled_means(
    values: Sequence[float], seed: int, resamples: int
) -> Iterator[NDArray[np.float64]]:
    array = np.asarray(values, dtype=np.float64)
    draw = np.random.default_rng(seed)
    rows = max(1, _DRAWS_AT_ONCE // len(array))
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        yield array[draw.integers(0, len(array), (count, len(array)))].mean(axis=1)


def _middle(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

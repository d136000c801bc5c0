"""Score a ranking of passages or documents: recall, reciprocal rank, nDCG.

The formulas are those of trec_eval, which BEIR reports. What counts as relevant is left to the
callers: `eval.judge` for gold questions, `eval.benchmarks` for judged collections.
"""

from collections.abc import Hashable, Mapping, Sequence
from math import log2
from typing import TypeVar

_Item = TypeVar("_Item", bound=Hashable)


def recall(ranked: Sequence[_Item], grades: Mapping[_Item, int], k: int) -> float:
    """Return the share of the relevant items (grade above 0) that are among the first ``k``.

    It is 0 where nothing is relevant.

    >>> recall(["a", "b", "c"], {"b": 1, "x": 2}, 2)
    0.5
    """
    relevant = {item for item, grade in grades.items() if grade > 0}
    if not relevant:
        return 0.0
    return len(relevant.intersection(ranked[:k])) / len(relevant)


def reciprocal_rank(ranked: Sequence[_Item], grades: Mapping[_Item, int], k: int) -> float:
    """Return ``1 / rank`` of the first relevant item among the first ``k``, else 0.

    >>> reciprocal_rank(["a", "b"], {"b": 1}, 10)
    0.5
    """
    for rank, item in enumerate(ranked[:k], start=1):
        if grades.get(item, 0) > 0:
            return 1 / rank
    return 0.0


def ndcg(ranked: Sequence[_Item], grades: Mapping[_Item, int], k: int) -> float:
    """Return the discounted cumulative gain of the first ``k``, divided by the best possible one.

    ``DCG = sum of grade / log2(rank + 1)`` (Järvelin and Kekäläinen 2002, with the linear gain of
    trec_eval). Negative grades count as 0. It is 0 where nothing is relevant.

    >>> round(ndcg(["a", "b"], {"b": 1}, 10), 4)
    0.6309
    """
    ideal = _gain(sorted((max(grade, 0) for grade in grades.values()), reverse=True)[:k])
    if ideal == 0:
        return 0.0
    return _gain([max(grades.get(item, 0), 0) for item in ranked[:k]]) / ideal


def single_relevant(rank: int) -> list[int]:
    """Return a ranking of 0s with one relevant item, 1, at ``rank`` from 1; empty for rank 0.

    >>> single_relevant(3), single_relevant(0)
    ([0, 0, 1], [])
    """
    return [*[0] * (rank - 1), 1] if rank else []


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, start=1))

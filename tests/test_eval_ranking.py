"""Test the ranking scores against slow oracles and worked examples."""

from itertools import permutations
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.ranking import ndcg, recall, reciprocal_rank

documents = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)
judgements = st.dictionaries(st.sampled_from("abcdefg"), st.integers(-1, 3), max_size=4)
cuts = st.integers(1, 7)


def slow_gain(order: list[str], grades: dict[str, int], k: int) -> float:
    """Return the gain of the first k: each grade above 0 over the binary logarithm."""
    total = 0.0
    for place in range(min(k, len(order))):
        if order[place] in grades and grades[order[place]] > 0:
            total += grades[order[place]] / (log(place + 2) / log(2))
    return total


@given(ranked=documents, grades=judgements, k=cuts)
def test_ndcg_agrees_with_the_best_of_all_orders(
    ranked: list[str], grades: dict[str, int], k: int
) -> None:
    best = max(slow_gain(list(order), grades, k) for order in permutations(grades))
    expected = slow_gain(ranked, grades, k) / best if best else 0.0
    assert ndcg(ranked, grades, k) == pytest.approx(expected)


@given(ranked=documents, grades=judgements, k=cuts)
def test_recall_and_reciprocal_rank_agree_with_counting(
    ranked: list[str], grades: dict[str, int], k: int
) -> None:
    relevant = [item for item in grades if grades[item] > 0]
    found = [place for place in range(min(k, len(ranked))) if ranked[place] in relevant]
    assert recall(ranked, grades, k) == (len(found) / len(relevant) if relevant else 0.0)
    assert reciprocal_rank(ranked, grades, k) == (1 / (found[0] + 1) if found else 0.0)


def test_graded_example() -> None:
    """Grades 3, 0, 1 at ranks 1 to 3: 3 + 1/2 = 3.5; ideal 3, 2, 1: 3 + 2/1.58496 + 1/2.

    That is 4.76186, so nDCG is 0.73501; two of three relevant ones are found.
    """
    grades = {"a": 3, "b": 0, "c": 1, "d": 2}
    assert ndcg(["a", "b", "c"], grades, 10) == pytest.approx(0.73501, abs=1e-5)
    assert recall(["a", "b", "c"], grades, 10) == pytest.approx(2 / 3)
    assert reciprocal_rank(["b", "x", "c"], grades, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(["b", "x", "c"], grades, 2) == 0

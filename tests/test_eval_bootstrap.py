"""Test intervals, the paired test and percentiles: known values, and the same numbers again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.bootstrap import interval, percentile, probability_of_no_loss, statistic_interval


def test_interval_of_a_share() -> None:
    """Half of 400 right: the standard error is 0.025, so about 0.451 to 0.549."""
    low, high = interval([1.0, 0.0] * 200, seed=1)
    assert low == pytest.approx(0.451, abs=0.006)
    assert high == pytest.approx(0.549, abs=0.006)


def test_intervals_repeat_and_hold_the_mean() -> None:
    values = [0.0, 1.0, 1.0, 0.5]
    assert interval(values, seed=3) == interval(values, seed=3)
    low, high = interval(values, seed=3)
    assert low <= sum(values) / 4 <= high
    assert interval([0.7], seed=3) == (0.7, 0.7)


def test_statistic_interval_leaves_undefined_resamples_out() -> None:
    def mean_or_nothing(items: list[float]) -> float | None:
        return sum(items) / len(items) if 1.0 in items else None

    low, high = statistic_interval([0.0, 1.0], mean_or_nothing, seed=5)
    assert (low, high) == (0.5, 1.0)
    assert statistic_interval([0.0], mean_or_nothing, seed=5) is None


@pytest.mark.parametrize(("lost", "count"), [(1, 10), (2, 10), (3, 10), (3, 200), (5, 200)])
def test_chance_of_no_loss_has_a_closed_form(lost: int, count: int) -> None:
    """With s of n lost and none won a resample shows no loss only where it misses all s.

    That has the probability (1 - s/n) ** n: 0.349, 0.107, 0.028, 0.049, 0.006.
    """
    found = probability_of_no_loss([-1.0] * lost + [0.0] * (count - lost), seed=2)
    assert found == pytest.approx((1 - lost / count) ** count, abs=0.01)


def test_gains_and_ties_are_no_loss() -> None:
    assert probability_of_no_loss([0.0, 0.0], seed=2) == 1
    assert probability_of_no_loss([1.0, -1.0] * 20, seed=2) > 0.4


@given(
    values=st.lists(st.floats(0, 1e6), min_size=1, max_size=20),
    share=st.sampled_from([0.01, 0.5, 0.95, 1.0]),
)
def test_percentile_is_the_smallest_that_suffices(values: list[float], share: float) -> None:
    enough = [v for v in values if sum(w <= v for w in values) >= share * len(values) - 1e-9]
    assert percentile(values, share) == min(enough)

"""Test refusals, AUROC, risk-coverage and calibration against slow versions and by hand."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.selective import (
    CurvePoint,
    area_under_risk,
    auroc,
    calibration,
    calibration_error,
    coverage_at,
    refusals,
    risk_coverage,
)

confidences = st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 0.9, 1.0])
outcomes = st.lists(st.tuples(confidences, st.booleans()), min_size=1, max_size=5)


@given(pairs=outcomes)
def test_auroc_is_the_share_of_pairs_in_order(pairs: list[tuple[float, bool]]) -> None:
    high = [score for score, positive in pairs if positive]
    low = [score for score, positive in pairs if not positive]
    wins = [(one > other) + (one == other) / 2 for one in high for other in low]
    expected = sum(wins) / len(wins) if wins else None
    assert auroc(*zip(*pairs, strict=True)) == pytest.approx(expected)


@given(pairs=outcomes)
def test_area_is_the_mean_over_all_orders_of_ties(pairs: list[tuple[float, bool]]) -> None:
    areas = []
    for order in permutations(pairs):
        if list(order) != sorted(order, key=lambda pair: -pair[0]):
            continue
        risks = [
            sum(not right for _, right in order[:count]) / count
            for count in range(1, len(order) + 1)
        ]
        areas.append(sum(risks) / len(risks))
    assert area_under_risk(*zip(*pairs, strict=True)) == pytest.approx(sum(areas) / len(areas))


@given(pairs=outcomes, accuracy=st.sampled_from([0.0, 0.5, 0.75, 0.9, 1.0]))
def test_coverage_is_the_best_of_all_thresholds(
    pairs: list[tuple[float, bool]], accuracy: float
) -> None:
    best = 0.0
    for threshold, _ in pairs:
        kept = [right for score, right in pairs if score >= threshold]
        if sum(kept) >= accuracy * len(kept):
            best = max(best, len(kept) / len(pairs))
    assert coverage_at(*zip(*pairs, strict=True), accuracy) == best


def test_refusals_by_hand() -> None:
    """Refused 3, 2 rightly: P = 2/3; unanswerable 4: R = 1/2; F1 = 2 * 1/3 / (7/6) = 4/7."""
    refused = [True, True, True, False, False, False]
    answerable = [False, False, True, False, False, True]
    found = refusals(refused, answerable)
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), 0.5)
    assert found.f1 == pytest.approx(4 / 7)
    assert refusals([False], [True]).f1 == 0


def test_risk_coverage_takes_ties_together() -> None:
    points = risk_coverage([0.9, 0.5, 0.5, 0.1], [True, True, False, False])
    assert points == (CurvePoint(0.25, 0.0), CurvePoint(0.75, 1 / 3), CurvePoint(1.0, 0.5))
    assert coverage_at([0.9, 0.5, 0.5, 0.1], [True, True, False, False], 0.9) == 0.25


def test_calibration_by_hand() -> None:
    """Bins of 0.9 to 1: 0.95, 1.0, one right, so |0.5 - 0.975| * 2/4; of 0.2: |0 - 0.2| * 1/4;
    of 0.5: |1 - 0.5| * 1/4. Together 0.2375 + 0.05 + 0.125 = 0.4125.
    """
    given_confidences, right = [0.95, 1.0, 0.2, 0.5], [True, False, False, True]
    parts = calibration(given_confidences, right)
    assert [(part.low, part.high, part.count) for part in parts] == [
        (0.2, 0.3, 1),
        (0.5, 0.6, 1),
        (0.9, 1.0, 2),
    ]
    assert calibration_error(given_confidences, right) == pytest.approx(0.4125)


def test_nothing_to_measure_is_none() -> None:
    assert auroc([0.5], [True]) is None
    assert area_under_risk([], []) is None
    assert calibration_error([], []) is None
    assert coverage_at([], [], 0.9) == 0

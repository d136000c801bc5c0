"""Compute scores: plain texts, rankings and confidences in; numbers and their intervals out.

What a score means for a gold question is left to `eval.judge`, how it is shown to `eval.report`.
"""

from eval.metrics.answers import accepted_answers, exact_match, f1
from eval.metrics.bootstrap import (
    SEED,
    interval,
    percentile,
    probability_of_no_loss,
    statistic_interval,
)
from eval.metrics.ranking import ndcg, recall, reciprocal_rank, single_relevant
from eval.metrics.selective import (
    CalibrationBin,
    CurvePoint,
    Refusals,
    area_under_risk,
    auroc,
    calibration,
    calibration_error,
    coverage_at,
    decisions,
    refusals,
    risk_coverage,
)

__all__ = [
    "SEED", "CalibrationBin", "CurvePoint", "Refusals", "accepted_answers", "area_under_risk",
    "auroc", "calibration", "calibration_error", "coverage_at", "decisions", "exact_match", "f1",
    "interval", "ndcg", "percentile", "probability_of_no_loss", "recall", "reciprocal_rank",
    "refusals", "risk_coverage", "single_relevant", "statistic_interval",
]  # fmt: skip

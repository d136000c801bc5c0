"""Score how well an assistant knows when it is right: refusals, risk-coverage, calibration.

Every function takes the questions of one run: ``confidence`` is the probability that the best
span is right, even where the assistant abstained, and ``right`` says whether it was. For a
question that the documents do not answer, no span is right. What "right" means is left to
`eval.judge`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Refusals:
    """How well refusing detects the unanswerable questions, each 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Decisions:
    """The outcome of answering only above some confidence, as shares from 0 to 1.

    ``answered`` is the share of all questions that were answered, ``right`` the share of those
    answers that were right, ``refused`` the share of the unanswerable questions that were
    refused, ``withheld`` the share of the right best spans that were not given. A share is None
    where there is nothing to take it of.
    """

    answered: float | None
    right: float | None
    refused: float | None
    withheld: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of the risk-coverage curve: the share answered, and the share of those wrong."""

    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The questions whose confidence lies in ``[low, high)``; the last bin includes 1.

    ``confidence`` is their mean confidence, ``accuracy`` the share whose best span was right.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def refusals(refused: Sequence[bool], answerable: Sequence[bool]) -> Refusals:
    """Return precision, recall and F1 of refusing, counting a refusal as the positive class.

    A score that would divide by zero is 0.

    >>> refusals([True, True, False], [False, True, False])
    Refusals(precision=0.5, recall=0.5, f1=0.5)
    """
    pairs = list(zip(refused, answerable, strict=True))
    justified = sum(gave_up and not possible for gave_up, possible in pairs)
    precision = justified / sum(refused) if any(refused) else 0.0
    recall = justified / (len(pairs) - sum(answerable)) if not all(answerable) else 0.0
    both = precision + recall
    return Refusals(precision, recall, 2 * precision * recall / both if both else 0.0)


def decisions(
    answered: Sequence[bool], right: Sequence[bool], answerable: Sequence[bool]
) -> Decisions:
    """Return the outcome where ``answered`` says which questions were answered.

    ``right`` judges the best span of every question, answered or not.

    >>> decisions([True, True, False], [True, False, True], [True, False, True])
    Decisions(answered=0.6666666666666666, right=0.5, refused=0.0, withheld=0.5)
    """
    rows = list(zip(answered, right, answerable, strict=True))
    return Decisions(
        _share([given for given, _, _ in rows]),
        _share([good for given, good, _ in rows if given]),
        _share([not given for given, _, possible in rows if not possible]),
        _share([not given for given, good, _ in rows if good]),
    )


def _share(truths: Sequence[bool]) -> float | None:
    return sum(truths) / len(truths) if truths else None


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Return the probability that a positive scores above a negative; a tie counts as half.

    From the rank sum (Mann and Whitney 1947): ``(R - p (p + 1) / 2) / (p n)``, where ``R`` is the
    sum of the positives' ranks, tied items sharing their mean rank. None without positives or
    without negatives.

    >>> auroc([0.9, 0.4, 0.4], [True, True, False])
    0.75
    """
    positives = sum(positive)
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    order = sorted(zip(scores, positive, strict=True))
    rank_sum, before = 0.0, 0
    for _, tied in groupby(order, key=lambda pair: pair[0]):
        group = [truth for _, truth in tied]
        rank_sum += sum(group) * (before + (len(group) + 1) / 2)
        before += len(group)
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> tuple[CurvePoint, ...]:
    """Return a point for every distinct confidence as the threshold, lowest coverage first.

    Questions with the same confidence are answered together or not at all
    (El-Yaniv and Wiener 2010).
    """
    order = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    points, answered, wrong = [], 0, 0
    for _, tied in groupby(order, key=lambda pair: pair[0]):
        group = [truth for _, truth in tied]
        answered += len(group)
        wrong += len(group) - sum(group)
        points.append(CurvePoint(answered / len(order), wrong / answered))
    return tuple(points)


def area_under_risk(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the mean risk of answering the 1, 2, ... n most confident (Geifman et al. 2019).

    Within a group of equal confidence it is the expectation over all orders, so that the order
    of the questions does not matter. None without questions.

    >>> area_under_risk([0.9, 0.5], [True, False])
    0.25
    """
    if not confidences:
        return None
    order = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    total, answered, wrong = 0.0, 0, 0.0
    for _, tied in groupby(order, key=lambda pair: pair[0]):
        group = [truth for _, truth in tied]
        share = (len(group) - sum(group)) / len(group)
        for _ in group:
            answered, wrong = answered + 1, wrong + share
            total += wrong / answered
    return total / len(order)


def coverage_at(confidences: Sequence[float], right: Sequence[bool], accuracy: float) -> float:
    """Return the largest share of questions answered at which at least ``accuracy`` are right.

    >>> coverage_at([0.9, 0.8, 0.7, 0.6], [True, True, False, False], 0.6)
    0.75
    """
    points = risk_coverage(confidences, right)
    return max((p.coverage for p in points if 1 - p.risk >= accuracy - 1e-12), default=0.0)


def calibration(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 10
) -> tuple[CalibrationBin, ...]:
    """Return ``bins`` bins of equal width over the confidence, leaving out empty ones."""
    grouped: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, truth in zip(confidences, right, strict=True):
        grouped[min(int(confidence * bins), bins - 1)].append((confidence, truth))
    return tuple(
        CalibrationBin(
            number / bins,
            (number + 1) / bins,
            len(group),
            sum(confidence for confidence, _ in group) / len(group),
            sum(truth for _, truth in group) / len(group),
        )
        for number, group in enumerate(grouped)
        if group
    )


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the expected calibration error over ten bins (Guo et al. 2017).

    ``ECE = sum of count / n * |accuracy - confidence|``. None without questions.

    >>> calibration_error([0.75, 0.75], [True, False])
    0.25
    """
    if not confidences:
        return None
    parts = calibration(confidences, right)
    return sum(p.count * abs(p.accuracy - p.confidence) for p in parts) / len(confidences)

"""Average marks into scores with intervals: by system, kind, difficulty and wording.

Every score is 0 to 100. Which marks a question gets is left to `eval.judge`, how they are shown to
`eval.report.table` and `eval.report.page`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.metrics import (
    SEED,
    Refusals,
    area_under_risk,
    auroc,
    calibration_error,
    coverage_at,
    interval,
    percentile,
    refusals,
    statistic_interval,
)
from eval.schema import FailureStage, Judged, Marks, Run

TRUSTED = 0.9  # the accuracy at which coverage is reported


@dataclass(frozen=True, slots=True)
class Score:
    """A score over ``count`` questions with its 95 % bootstrap interval; None over no question."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of the time that one question takes, in milliseconds."""

    p50: float
    p95: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class SystemScores:
    """The scores of one system; ``failed`` counts the questions on which it raised an error."""

    system: str
    description: str
    failed: int
    scores: tuple[Score, ...]
    latency: Latency

    def score(self, name: str) -> Score:
        """Return the score of that name."""
        return next(score for score in self.scores if score.name == name)


@dataclass(frozen=True, slots=True)
class Group:
    """The assistant's scores on the questions that share a kind, difficulty or wording."""

    field: str
    name: str
    answerable: int
    scores: tuple[Score, ...]

    def score(self, name: str) -> Score:
        """Return the score of that name."""
        return next(score for score in self.scores if score.name == name)


@dataclass(frozen=True, slots=True)
class FailureCount:
    """How many questions of a kind failed at a stage."""

    loss: FailureStage
    kind: str
    count: int


def summarise(run: Run) -> SystemScores:
    """Return the scores of a run with their intervals, and its latency."""
    times = run.milliseconds
    shares = [percentile(times, share) for share in (0.5, 0.95, 0.99, 1.0)]
    failed = sum(bool(item.prediction.error) for item in run.judged)
    scores = mean_scores(run.judged) + selective_scores(run.judged)
    return SystemScores(run.system, run.description, failed, scores, Latency(*shares))


def mean_scores(judged: Sequence[Judged]) -> tuple[Score, ...]:
    """Return the mean of every mark over the questions that it applies to."""
    return tuple(_mean(name, judged) for name in Marks.names())


def selective_scores(judged: Sequence[Judged]) -> tuple[Score, ...]:
    """Return the scores of the refusals, and those of the confidences where a system gives them."""
    sure = [item for item in judged if item.prediction.confidence is not None]
    some_unanswerable = not all(item.question.answerable for item in judged)
    return (
        *(_statistic(*one, judged if some_unanswerable else ()) for one in _OF_REFUSING.items()),
        *(_statistic(*one, sure) for one in _OF_CONFIDENCE.items()),
    )


def groups(judged: Sequence[Judged]) -> tuple[Group, ...]:
    """Return the scores by kind, difficulty and wording; unlabelled questions are left out."""
    found = []
    for field in ("kind", "difficulty", "wording"):
        names = sorted({str(getattr(item.question, field)) for item in judged} - {""})
        for name in names:
            part = [item for item in judged if getattr(item.question, field) == name]
            answerable = sum(item.question.answerable for item in part)
            found.append(Group(field, name, answerable, mean_scores(part)))
    return tuple(found)


def failures(judged: Sequence[Judged]) -> tuple[FailureCount, ...]:
    """Return how many questions failed at each stage, by kind, largest count first."""
    counts = Counter(
        (item.stage, item.question.kind) for item in judged if item.stage is not FailureStage.NONE
    )
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0][0].value, pair[0][1]))
    return tuple(FailureCount(stage, kind, count) for (stage, kind), count in order)


def confidences(judged: Sequence[Judged]) -> tuple[list[float], list[bool]]:
    """Return the confidences that were given, and whether the best span was right for each."""
    known = [item for item in judged if item.prediction.confidence is not None]
    return [float(item.prediction.confidence or 0) for item in known], [i.best_right for i in known]


def _mean(name: str, judged: Sequence[Judged]) -> Score:
    marks = [getattr(item.marks, name) for item in judged]
    values = [mark for mark in marks if mark is not None]
    if not values:
        return Score(name, None, None, None, 0)
    return Score(name, sum(values) / len(values), *interval(values, SEED), len(values))


def _statistic(name: str, measure: "_Measure", judged: Sequence[Judged]) -> Score:
    value = measure(judged) if judged else None
    if value is None:
        return Score(name, None, None, None, 0)
    low, high = statistic_interval(judged, measure, SEED) or (value, value)
    return Score(name, 100 * value, 100 * low, 100 * high, len(judged))


_Measure = Callable[[Sequence[Judged]], float | None]


def _refusals(judged: Sequence[Judged]) -> Refusals:
    answerable = [item.question.answerable for item in judged]
    return refusals([item.abstained for item in judged], answerable)


def _auroc(judged: Sequence[Judged]) -> float | None:
    return auroc(confidences(judged)[0], [item.question.answerable for item in judged])


_OF_REFUSING: dict[str, _Measure] = {
    "refusal_precision": lambda judged: _refusals(judged).precision,
    "refusal_recall": lambda judged: _refusals(judged).recall,
    "refusal_f1": lambda judged: _refusals(judged).f1,
}
_OF_CONFIDENCE: dict[str, _Measure] = {
    "auroc": _auroc,
    "auroc_right": lambda judged: auroc(*confidences(judged)),
    "area_under_risk": lambda judged: area_under_risk(*confidences(judged)),
    "coverage_at_90": lambda judged: coverage_at(*confidences(judged), TRUSTED),
    "calibration_error": lambda judged: calibration_error(*confidences(judged)),
}

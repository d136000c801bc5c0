"""Compare a report with a baseline, question by question, and decide whether it is a loss.

The decision rests on one score, F1 over all questions with a refusal as the empty answer. It is a
loss if a one-sided paired bootstrap test is significant *and* the mean falls by a minimum effect.
How the verdict reads is left to `eval.report.verdict`.

A baseline may come from another machine: between processors only times differ, no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from eval.metrics import SEED, interval, probability_of_no_loss
from eval.report.build import Report, Row

MINIMUM_EFFECT = 1.0  # points of F1
SIGNIFICANCE = 0.05
_WEAK = 5.0  # points; a test that cannot see a loss of this size is called weak
_LOST_TO_SEE = 3  # questions lost, none won, that the test calls significant (see bootstrap)
_NAMED = 10


class Exit(IntEnum):
    """The exit code of the process."""

    HELD = 0
    LOSS = 1
    BROKEN = 2


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that turned from right to wrong or the other way round."""

    id: str
    question: str
    before: str
    after: str
    stage: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two runs differ on the questions that are the same in both; scores are 0 to 100.

    ``difference`` is after minus before; ``low`` and ``high`` bound its 95 % interval.
    """

    compared: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    p_value: float
    minimum_effect: float
    lost: tuple[Flip, ...]
    won: tuple[Flip, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    broken: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def exit_code(self) -> Exit:
        """The verdict: held, a significant loss, or a run that cannot be judged."""
        if self.broken:
            return Exit.BROKEN
        loss = self.difference <= -self.minimum_effect + 1e-9 and self.p_value < SIGNIFICANCE
        return Exit.LOSS if loss else Exit.HELD


def compare(baseline: Report, report: Report, minimum_effect: float = MINIMUM_EFFECT) -> Comparison:
    """Return the comparison of ``report`` with ``baseline``.

    The run is broken if the report lacks a question of the baseline, or if the assistant raised an
    error on one. Questions that the baseline lacks, or whose text or answers were edited since, are
    listed and do not count.
    """
    old = {row.id: row for row in baseline.questions}
    new = {row.id: row for row in report.questions}
    pairs = paired(baseline, report)
    before, after = [_score(one) for one, _ in pairs], [_score(other) for _, other in pairs]
    # a report in JSON keeps four digits: less is no difference
    differences = [round(now - then, 2) for then, now in zip(before, after, strict=True)]
    low, high = interval(differences, SEED) if pairs else (0.0, 0.0)
    return Comparison(
        compared=len(pairs),
        before=_mean(before),
        after=_mean(after),
        difference=_mean(differences),
        low=low,
        high=high,
        p_value=probability_of_no_loss(differences, SEED) if pairs else 1.0,
        minimum_effect=minimum_effect,
        lost=tuple(_flip(*pair) for pair in pairs if pair[0].right and not pair[1].right),
        won=tuple(_flip(*pair) for pair in pairs if pair[1].right and not pair[0].right),
        added=tuple(key for key in new if key not in old),
        changed=tuple(key for key in old if key in new and _asked(old[key]) != _asked(new[key])),
        broken=_broken(old, report, len(pairs)),
        warnings=_warnings(baseline, report, len(pairs)),
    )


def paired(baseline: Report, report: Report) -> list[tuple[Row, Row]]:
    """Return the questions that are the same in both and raised no error in the baseline."""
    new = {row.id: row for row in report.questions}
    return [
        (row, new[row.id])
        for row in baseline.questions
        if row.id in new and _asked(row) == _asked(new[row.id]) and not row.error
    ]


def broken_run(report: Report) -> tuple[str, ...]:
    """Return a line for every error that the assistant raised, with the questions it arose on.

    Another system that raised errors has a line as well: a report with gaps cannot be used.
    """
    met: dict[str, list[str]] = {}
    for row in report.failed:
        met.setdefault(row.error, []).append(row.id)
    lines = [
        f"{len(ids)} question(s) failed, {error}: {', '.join(ids[:_NAMED])}"
        + (", ..." if len(ids) > _NAMED else "")
        for error, ids in met.items()
    ]
    others = [system for system in report.systems[1:] if system.failed]
    lines += [f"{system.system}: {system.failed} question(s) failed" for system in others]
    return tuple(lines)


def _broken(old: dict[str, Row], report: Report, compared: int) -> tuple[str, ...]:
    present = {row.id for row in report.questions}
    missing = [f"question {key} of the baseline is missing" for key in old if key not in present]
    nothing = [] if compared else ["no question can be compared with the baseline"]
    return (*broken_run(report), *missing, *nothing)


def _warnings(baseline: Report, report: Report, compared: int) -> tuple[str, ...]:
    found = []
    seen = 100 * _LOST_TO_SEE / max(compared, 1)
    if seen > _WEAK:
        found.append(
            f"{compared} questions make a weak test: a loss of less than about "
            f"{min(seen, 100):.0f} points cannot be told from chance"
        )
    if baseline.documents_sha256 != report.documents_sha256:
        found.append("the documents are not those of the baseline")
    broke_then = sum(bool(row.error) for row in baseline.questions)
    if broke_then:
        found.append(f"{broke_then} question(s) failed in the baseline and do not count")
    return tuple(found)


def _asked(row: Row) -> tuple[str, frozenset[str]]:
    return row.question, frozenset(row.answers)


def _score(row: Row) -> float:
    return row.marks.f1_with_refusal or 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _flip(old: Row, new: Row) -> Flip:
    return Flip(new.id, new.question, _said(old), _said(new), new.error or new.loss.value)


def _said(row: Row) -> str:
    if row.error:
        return "(failed)"
    return "(refused)" if row.answer is None else row.answer

"""Gather runs into a report, which holds all that the tables, the page and the gate need.

The first run is the assistant's. Except for the times, the same runs give the same report. How it
is kept is left to `eval.report.storage`, how it looks to `eval.report.table` and `.page`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from eval.judge import relevant_passages
from eval.metrics import CalibrationBin, CurvePoint, calibration, risk_coverage
from eval.report.summary import (
    FailureCount,
    Group,
    SystemScores,
    confidences,
    failures,
    groups,
    summarise,
)
from eval.schema import FailureStage, GoldSet, Judged, Location, Marks, Run
from eval.systems import PassageMap
from qa import Document

FORMAT = 1
_EXCERPT = 80
_READ_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """A piece of a document: ``text``, which begins at ``start``, and the words around it."""

    document: str
    start: int
    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A passage that was read: its document, start and first words; whether it holds an answer."""

    document: str
    start: int
    excerpt: str
    holds_answer: bool


@dataclass(frozen=True, slots=True)
class Other:
    """What another system answered to the same question, cut if it is long."""

    system: str
    answer: str | None
    right: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A question, the assistant's answer, and what went wrong; ``loss`` is the failure stage."""

    id: str
    question: str
    kind: str
    difficulty: str
    wording: str
    answers: tuple[str, ...]
    evidence: tuple[Quote, ...]
    answer: str | None
    confidence: float | None
    reason: str
    best: Quote | None
    right: bool
    best_right: bool
    loss: FailureStage
    error: str
    marks: Marks
    read: tuple[Read, ...]
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole result of an evaluation; ``systems`` begins with the assistant."""

    format: int
    gold: str
    gold_sha256: str
    documents: int
    documents_sha256: str
    answerable: int
    warnings: tuple[str, ...]
    systems: tuple[SystemScores, ...]
    groups: tuple[Group, ...]
    losses: tuple[FailureCount, ...]
    risk_coverage: tuple[CurvePoint, ...]
    calibration: tuple[CalibrationBin, ...]
    questions: tuple[Row, ...]
    milliseconds: tuple[float, ...]

    @property
    def failed(self) -> tuple[Row, ...]:
        """The questions on which the assistant raised an error."""
        return tuple(row for row in self.questions if row.error)


def build_report(gold: GoldSet, located: PassageMap, runs: Sequence[Run]) -> Report:
    """Return the report of ``runs`` over one gold set, the assistant's run first."""
    main, *others = runs
    given, right = confidences(main.judged)
    rows = (
        _row(item, located, [(run.system, run.judged[number]) for run in others])
        for number, item in enumerate(main.judged)
    )
    return Report(
        format=FORMAT,
        gold=gold.name,
        gold_sha256=gold.sha256,
        documents=len(located.documents),
        documents_sha256=_digest(located.documents),
        answerable=sum(question.answerable for question in gold.questions),
        warnings=gold.warnings,
        systems=tuple(summarise(run) for run in runs),
        groups=groups(main.judged),
        losses=failures(main.judged),
        risk_coverage=risk_coverage(given, right),
        calibration=calibration(given, right),
        questions=tuple(rows),
        milliseconds=tuple(round(time, 1) for time in main.milliseconds),
    )


def _row(item: Judged, located: PassageMap, others: Sequence[tuple[str, Judged]]) -> Row:
    question, prediction = item.question, item.prediction
    best = None
    if prediction.location is not None:
        best = _quote(prediction.location, prediction.sentence or prediction.location, located)
    holding = set(relevant_passages(question, prediction.read))
    return Row(
        id=question.id,
        question=question.text,
        kind=question.kind,
        difficulty=question.difficulty,
        wording=question.wording,
        answers=tuple(dict.fromkeys(question.texts)),
        evidence=tuple(_quote(each, each, located) for each in question.evidence),
        answer=prediction.text,
        confidence=prediction.confidence,
        reason=prediction.refusal_reason,
        best=best,
        right=item.marks.right == 100,
        best_right=item.best_right,
        loss=item.stage,
        error=prediction.error,
        marks=item.marks,
        read=tuple(
            Read(p.document, p.span.start, located.text(p)[:_EXCERPT], p in holding)
            for p in prediction.read[:_READ_SHOWN]
        ),
        others=tuple(
            Other(name, _start(each.prediction.text), each.marks.right == 100)
            for name, each in others
        ),
    )


def _start(text: str | None) -> str | None:
    if text is None or len(text) <= _EXCERPT:
        return text
    return text[: _EXCERPT - 1] + "…"


def _quote(quoted: Location, around: Location, located: PassageMap) -> Quote:
    if not around.covers(quoted):
        around = quoted
    context, at = located.text(around), quoted.span.start - around.span.start
    before, after = context[:at], context[at + len(quoted.span) :]
    return Quote(quoted.document, quoted.span.start, located.text(quoted), before, after)


def _digest(documents: Sequence[Document]) -> str:
    lines = sorted(f"{document.sha256}  {document.source}\n" for document in documents)
    return hashlib.sha256("".join(lines).encode()).hexdigest()

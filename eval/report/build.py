"""Gather runs into a report, and keep it as JSON.

A report holds all that the tables, the page and the gate need; the first run is the assistant's.
Apart from the times in it, the same run gives the same bytes. How it looks is left to
`eval.report.table` and `eval.report.page`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.judge import relevant_passages
from eval.metrics.selective import CalibrationBin, CurvePoint, calibration, risk_coverage
from eval.report.storage import from_plain, to_plain
from eval.report.summary import (
    Group,
    LossCount,
    SystemScores,
    confidences,
    groups,
    losses,
    summarise,
)
from eval.schema import EvalError, GoldSet, Judged, Loss, Marks, Place, Run
from eval.systems import Corpus
from qa import Document

FORMAT = 1
_EXCERPT = 80
_READ_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """The words ``text`` of a document from ``start`` on, and what stands around them."""

    document: str
    start: int
    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A passage that was read: where it stands, how it begins, whether it holds an answer."""

    document: str
    start: int
    excerpt: str
    holds_answer: bool


@dataclass(frozen=True, slots=True)
class Other:
    """What another system said to the same question, or how that begins."""

    system: str
    answer: str | None
    right: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A question, what the assistant made of it, and what went wrong."""

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
    loss: Loss
    error: str
    marks: Marks
    read: tuple[Read, ...]
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All of an evaluation."""

    format: int
    gold: str
    gold_sha256: str
    documents: int
    documents_sha256: str
    answerable: int
    warnings: tuple[str, ...]
    systems: tuple[SystemScores, ...]
    groups: tuple[Group, ...]
    losses: tuple[LossCount, ...]
    risk_coverage: tuple[CurvePoint, ...]
    calibration: tuple[CalibrationBin, ...]
    questions: tuple[Row, ...]
    milliseconds: tuple[float, ...]

    @property
    def failed(self) -> tuple[Row, ...]:
        """The questions that broke the assistant."""
        return tuple(row for row in self.questions if row.error)


def build_report(gold: GoldSet, corpus: Corpus, runs: Sequence[Run]) -> Report:
    """Return the report of ``runs`` over the same gold set, the assistant's run first."""
    main, *others = runs
    given, right = confidences(main.judged)
    rows = (
        _row(item, corpus, [(run.system, run.judged[number]) for run in others])
        for number, item in enumerate(main.judged)
    )
    return Report(
        format=FORMAT,
        gold=gold.name,
        gold_sha256=gold.sha256,
        documents=len(corpus.documents),
        documents_sha256=_digest(corpus.documents),
        answerable=sum(question.answerable for question in gold.questions),
        warnings=gold.warnings,
        systems=tuple(summarise(run) for run in runs),
        groups=groups(main.judged),
        losses=losses(main.judged),
        risk_coverage=risk_coverage(given, right),
        calibration=calibration(given, right),
        questions=tuple(rows),
        milliseconds=tuple(round(time, 1) for time in main.milliseconds),
    )


def save_report(report: Report, path: Path) -> None:
    """Write a report as JSON, a question a line, so that changes read well."""
    fields = to_plain(report)
    lines = ",\n".join(f"{_json(name)}: {_lines(value)}" for name, value in fields.items())
    write_text(path, f"{{\n{lines}\n}}\n")


def _lines(value: object) -> str:
    """Return JSON with each member of a list of objects on its own line."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(_json(each) for each in value) + "\n]"
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def load_report(path: Path) -> Report:
    """Return the report that `save_report` wrote; raise `EvalError` where it is no such file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        found = value.get("format") if isinstance(value, dict) else None
        if found != FORMAT:
            raise ValueError(f"its format is {found!r}, this version reads {FORMAT}")
        return from_plain(Report, value)
    except FileNotFoundError as error:
        raise EvalError(f"{path}: there is no such report; {_MENDING}") from error
    except (OSError, ValueError) as error:
        raise EvalError(f"{path}: no report that can be used ({error}); {_MENDING}") from error


_MENDING = "make it anew with --update-baseline"


def write_text(path: Path, text: str) -> None:
    """Write a file and the folders above it; raise `EvalError` where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvalError(f"{path}: cannot be written ({error.strerror or error})") from error


def _row(item: Judged, corpus: Corpus, others: Sequence[tuple[str, Judged]]) -> Row:
    question, attempt = item.question, item.attempt
    best = None
    if attempt.place is not None:
        best = _quote(attempt.place, attempt.sentence or attempt.place, corpus)
    holding = set(relevant_passages(question, attempt.read))
    return Row(
        id=question.id,
        question=question.text,
        kind=question.kind,
        difficulty=question.difficulty,
        wording=question.wording,
        answers=tuple(dict.fromkeys(question.texts)),
        evidence=tuple(_quote(place, place, corpus) for place in question.evidence),
        answer=attempt.text,
        confidence=attempt.confidence,
        reason=attempt.reason,
        best=best,
        right=item.marks.right == 100,
        best_right=item.best_right,
        loss=item.loss,
        error=attempt.error,
        marks=item.marks,
        read=tuple(
            Read(p.document, p.span.start, corpus.text(p)[:_EXCERPT], p in holding)
            for p in attempt.read[:_READ_SHOWN]
        ),
        others=tuple(
            Other(name, _start(each.attempt.text), each.marks.right == 100) for name, each in others
        ),
    )


def _start(text: str | None) -> str | None:
    if text is None or len(text) <= _EXCERPT:
        return text
    return text[: _EXCERPT - 1] + "…"


def _quote(place: Place, around: Place, corpus: Corpus) -> Quote:
    if not around.covers(place):
        around = place
    context, at = corpus.text(around), place.span.start - around.span.start
    before, after = context[:at], context[at + len(place.span) :]
    return Quote(place.document, place.span.start, corpus.text(place), before, after)


def _digest(documents: Sequence[Document]) -> str:
    lines = sorted(f"{document.sha256}  {document.source}\n" for document in documents)
    return hashlib.sha256("".join(lines).encode()).hexdigest()

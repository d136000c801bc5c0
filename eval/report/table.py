"""Render the scores of a report as Markdown tables, which also line up in a terminal.

The tables of the README are made here from the committed JSON. Charts and the list of questions
are left to `eval.report.page`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.console import markdown
from eval.metrics import decisions
from eval.report.build import Report, Row
from eval.report.summary import FailureCount, Group, Score, SystemScores


@dataclass(frozen=True, slots=True)
class Column:
    """A score in a table: its name in the report, its heading, and whether to show its interval."""

    score: str
    heading: str
    meaning: str
    interval: bool = False


_KINDS = 3
_CHOICES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of --min-confidence
ANSWERS = (
    Column("f1", "F1", "token F1 of the best span, never abstaining, answerable questions", True),
    Column("exact_match", "EM", "the same, exact match"),
    Column("evidence", "sentence", "best span shown in the gold evidence sentence"),
    Column("recall_at_5", "recall@5", "one of the first five passages holds an answer"),
    Column("ndcg_at_10", "nDCG@10", "ranking of the passages that hold an answer"),
)
DECISIONS = (
    Column("right", "right", "right answers and right refusals, all questions", True),
    Column("f1_with_refusal", "F1 all", "F1 where a refusal is the empty answer, all questions"),
    Column("citation", "citation", "quotes inside the gold evidence, of the answers given"),
    Column("refusal_f1", "refusal F1", "how well refusals find the unanswerable questions"),
    Column("auroc", "AUROC", "confidence tells answerable from unanswerable"),
    Column("coverage_at_90", "cov@90", "share that can be answered at 90 % accuracy"),
    Column("calibration_error", "ECE", "expected calibration error of the confidence"),
)
MORE = (
    Column("exact_match_with_refusal", "EM all", "exact match with refusals, all questions"),
    Column("recall_at_1", "recall@1", "the first passage holds an answer"),
    Column("recall_at_10", "recall@10", "one of the first ten passages holds an answer"),
    Column("mrr_at_10", "MRR@10", "one over the rank of the first passage that holds an answer"),
    Column("refusal_precision", "refusal P", "share of refusals that were right"),
    Column("refusal_recall", "refusal R", "share of unanswerable questions that were refused"),
    Column("auroc_right", "AUROC right", "confidence tells right best spans from wrong ones"),
    Column("area_under_risk", "AURC", "area under the risk-coverage curve; less is better"),
)


CHOICES_HEAD = (
    "--min-confidence", "answered", "of these right", "no answer there: refused",
    "best span right: withheld",
)  # fmt: skip


def render_table(report: Report) -> str:
    """Return the tables: answers, decisions, groups, thresholds and failure stages."""
    count = len(report.questions)
    parts = [
        f"Questions of `{report.gold}`: {count}, answerable {report.answerable}; documents: "
        f"{report.documents}. Percentages; 95 % bootstrap intervals in brackets.",
        systems_table(report.systems, ANSWERS),
        systems_table(report.systems, DECISIONS, latency=True),
        groups_table(report.groups),
        choices_table(report.questions),
        failures_table(report.losses),
    ]
    return "\n\n".join(part for part in parts if part)


def systems_table(
    systems: Sequence[SystemScores], columns: Sequence[Column], latency: bool = False
) -> str:
    """Return a table with a row for each system."""
    head = [
        "system",
        *(column.heading for column in columns),
        *(["p50 ms", "p95 ms"] if latency else []),
    ]
    rows = []
    for system in systems:
        cells = [cell(system.score(column.score), column.interval) for column in columns]
        times = [f"{time:.0f}" for time in (system.latency.p50, system.latency.p95) if latency]
        rows.append([system.system, *cells, *times])
    return markdown(head, rows)


def groups_table(groups: Sequence[Group]) -> str:
    """Return a table with a row for each group of questions; empty without any."""
    columns = (*ANSWERS[:4], *DECISIONS[:2])
    head = ["questions", "n", *(column.heading for column in columns)]
    rows = [
        [
            f"{group.field}: {group.name}",
            str(group.score("right").count),
            *(cell(group.score(column.score), column.interval) for column in columns),
        ]
        for group in groups
    ]
    return markdown(head, rows) if rows else ""


def choices(questions: Sequence[Row]) -> list[list[str]]:
    """Return the cells of a row for the run, then of one for each ``--min-confidence``."""
    known = [row for row in questions if row.confidence is not None]
    right, possible = [row.best_right for row in known], [bool(row.answers) for row in known]
    chosen = [("as it was run", [row.answer is not None for row in known])]
    for least in _CHOICES:
        chosen.append((f"{least:g}", [(row.confidence or 0.0) >= least for row in known]))
    found = [(name, decisions(answered, right, possible)) for name, answered in chosen]
    return [
        [name, *(_percent(share) for share in (one.answered, one.right, one.refused, one.withheld))]
        for name, one in found
    ]


def choices_table(questions: Sequence[Row]) -> str:
    """Return a table with a row for each ``--min-confidence``; empty without confidences."""
    if all(row.confidence is None for row in questions):
        return ""
    return markdown(CHOICES_HEAD, choices(questions))


def failures_table(failures: Sequence[FailureCount]) -> str:
    """Return a table of the failure stages with the kinds that fail most; empty without any."""
    stages = list(dict.fromkeys(each.loss for each in failures))
    rows = []
    for stage in stages:
        counts = [(each.kind, each.count) for each in failures if each.loss is stage]
        kinds = ", ".join(f"{kind} {count}" for kind, count in counts[:_KINDS] if kind)
        rows.append([stage.value, str(sum(n for _, n in counts)), stage.meaning, kinds])
    rows.sort(key=lambda row: -int(row[1]))
    return markdown(["lost at", "n", "what happened", "most of the kinds"], rows) if rows else ""


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def cell(score: Score, with_interval: bool = False) -> str:
    """Return a score with one decimal, or a dash where it does not apply.

    >>> cell(Score("f1", 71.234, 65.01, 77.0, 80), with_interval=True)
    '71.2 [65.0, 77.0]'
    """
    if score.value is None or score.low is None or score.high is None:
        return "–"
    shown = f"{score.value:.1f}"
    return f"{shown} [{score.low:.1f}, {score.high:.1f}]" if with_interval else shown

"""Write a report as one HTML page that loads nothing from elsewhere.

Everything that comes from gold files and documents is escaped. Scores and their headings come from
`eval.report.table`, drawings from `eval.report.plots`, the questions from `eval.report.questions`.
"""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from eval.metrics import CurvePoint
from eval.report.build import Report
from eval.report.plots import calibration_plot, latency_plot, risk_coverage_plot
from eval.report.questions import question_list
from eval.report.summary import Group, Score, SystemScores
from eval.report.table import ANSWERS, CHOICES_HEAD, DECISIONS, MORE, Column, cell, choices
from eval.schema import FailureStage

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_TABLES = (ANSWERS, DECISIONS, MORE)
_GROUPED = (*ANSWERS[:4], *DECISIONS[:3])


def render_page(report: Report) -> str:
    """Return the whole page."""
    main = report.systems[0]
    parts = [
        _head(report),
        _cards(main),
        _section("Systems side by side", _systems(report.systems) + _legend()),
        _section("What lost the questions", _failures(report)),
        _section("Can the confidence be trusted?", _plots(report) + _choices(report)),
        _section("By kind, difficulty and wording", _groups(report.groups)),
        _section("Every question", question_list(report.questions)),
        f"</main>\n<script>{_asset('report.js')}</script>\n</body>\n</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], titles: Sequence[str] = ()) -> str:
    """Return a table whose cells are HTML already; ``titles`` explain the columns."""
    explained = [*titles, *[""] * (len(head) - len(titles))]
    cells = "".join(
        f'<th scope="col"{_title(title)}>{name}</th>'
        for name, title in zip(head, explained, strict=True)
    )
    body = "\n".join(_table_row(row) for row in rows)
    return (
        f'<div class="wide"><table><thead><tr>{cells}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def _table_row(row: Sequence[str]) -> str:
    first, *others = row
    cells = "".join(f"<td>{each}</td>" for each in others)
    return f'<tr><th scope="row">{first}</th>{cells}</tr>'


def _title(text: str) -> str:
    return f' title="{escape(text)}"' if text else ""


def _asset(name: str) -> str:
    return (files("eval") / "assets" / name).read_text(encoding="utf-8")


def _head(report: Report) -> str:
    count = len(report.questions)
    name = escape(report.gold)
    warnings = "".join(f"<li>{escape(warning)}</li>" for warning in report.warnings)
    failed = len(report.failed)
    alarm = f'<p class="alarm">Questions that broke the assistant: {failed}.</p>' if failed else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Evaluation: {name}</title>\n<style>{_asset('report.css')}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>Evaluation on {name}</h1>\n"
        f"<p>Questions: {count}, answerable {report.answerable}; documents: {report.documents}. "
        "Percentages; 95 % bootstrap intervals in brackets.</p>\n"
        f"{alarm}{f'<ul class=alarm>{warnings}</ul>' if warnings else ''}"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>\n{content}\n</section>" if content else ""


def _cards(main: SystemScores) -> str:
    shown = ("right", "f1", "exact_match", "evidence", "recall_at_5", "refusal_f1")
    by_name = {column.score: column for column in (*ANSWERS, *DECISIONS)}
    cards = [_card(by_name[name], main.score(name)) for name in shown]
    times = f"p95 {main.latency.p95:.0f} ms, longest {main.latency.longest:.0f} ms"
    cards.append(_card_html("median time", f"{main.latency.p50:.0f} ms", times, ""))
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(column: Column, score: Score) -> str:
    spread = ""
    if score.low is not None and score.high is not None:
        spread = f"{score.low:.1f} to {score.high:.1f}"
    return _card_html(column.heading, cell(score), spread, column.meaning)


def _card_html(name: str, value: str, below: str, meaning: str) -> str:
    return (
        f'<div class="card"{_title(meaning)}><span>{name}</span><b>{value}</b>'
        f"<small>{below}</small></div>"
    )


def _systems(systems: Sequence[SystemScores]) -> str:
    return "\n".join(
        table(
            ["system", *(column.heading for column in columns)],
            ([_named(s), *_cells(s, columns)] for s in systems),
            ["", *(column.meaning for column in columns)],
        )
        for columns in _TABLES
    )


def _legend() -> str:
    """Explain the columns for those who cannot point at a heading, as on a phone."""
    meanings = "".join(
        f"<dt>{column.heading}</dt><dd>{column.meaning}</dd>"
        for columns in _TABLES
        for column in columns
    )
    summary = "<summary>What the columns mean</summary>"
    return f'<details class="legend">{summary}<dl>{meanings}</dl></details>'


def _named(system: SystemScores) -> str:
    return f"<span{_title(system.description)}>{escape(system.system)}</span>"


def _cells(source: SystemScores | Group, columns: Sequence[Column]) -> list[str]:
    shown = []
    for column in columns:
        value, _, spread = cell(source.score(column.score), column.interval).partition(" ")
        shown.append(f"{value} <small>{spread}</small>" if spread else value)
    return shown


def _groups(groups: Sequence[Group]) -> str:
    head = ["questions", "n", *(column.heading for column in _GROUPED)]
    rows = (
        [
            f"<small>{each.field}</small> {escape(each.name)}",
            str(each.score("right").count),
            *_cells(each, _GROUPED),
        ]
        for each in groups
    )
    return table(head, rows, ["", "", *(c.meaning for c in _GROUPED)]) if groups else ""


def _failures(report: Report) -> str:
    failures = report.losses
    stages = [stage for stage in FailureStage if any(each.loss is stage for each in failures)]
    if not stages:
        return "<p>None was lost.</p>"
    rows = []
    for stage in stages:
        counts = [(each.kind, each.count) for each in failures if each.loss is stage]
        kinds = ", ".join(f"{escape(kind)} {count}" for kind, count in counts if kind)
        total = sum(count for _, count in counts)
        name = f"{stage.value}<br><small>{stage.meaning}</small>"
        rows.append([name, f"<b>{total}</b>", f'<span class="words">{kinds}</span>'])
    return table(["stage", "questions", ""], rows)


def _plots(report: Report) -> str:
    drawings = [
        (
            latency_plot(report.milliseconds),
            "How long a question takes; dashed: median and 95th percentile.",
        )
    ]
    if report.risk_coverage:
        risk = risk_coverage_plot(report.risk_coverage, _now(report))
        drawings.insert(
            0, (risk, "Answering the surest questions only; dashed: 90 % right; dot: today.")
        )
        bins = calibration_plot(report.calibration)
        drawings.insert(1, (bins, "Is a confidence of 80 % right 8 times in 10? Dashed: ideal."))
    figures = "\n".join(
        f"<figure>{drawing}<figcaption>{words}</figcaption></figure>" for drawing, words in drawings
    )
    return f'<div class="plots">{figures}</div>'


def _choices(report: Report) -> str:
    """Return a table of what each ``--min-confidence`` decides; empty without confidences."""
    return table(CHOICES_HEAD, choices(report.questions)) if report.risk_coverage else ""


def _now(report: Report) -> CurvePoint | None:
    answered = [row for row in report.questions if row.answer is not None]
    if not answered:
        return None
    wrong = sum(not row.right for row in answered)
    return CurvePoint(len(answered) / len(report.questions), wrong / len(answered))

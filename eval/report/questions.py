"""Write the questions of a report as HTML: a list to filter, each with what went wrong.

All text from the gold set and the documents is escaped here. The page around the list is left to
`eval.report.page`.
"""

from collections.abc import Sequence
from html import escape

from eval.report.build import Other, Quote, Read, Row


def question_list(rows: Sequence[Row]) -> str:
    """Return the filters and the questions, those that failed first."""
    order = sorted(rows, key=lambda row: not row.loss.value)
    filters = "".join(
        _choice(name, label, sorted({value for row in rows for value in values(row)} - {""}))
        for name, label, values in (
            ("outcome", "outcome", lambda row: [_outcome(row)]),
            ("kind", "kind", lambda row: [row.kind]),
            ("difficulty", "difficulty", lambda row: [row.difficulty]),
            ("wording", "wording", lambda row: [row.wording]),
        )
    )
    return (
        '<form class="filters" id="filters"><input type="search" name="text" '
        'placeholder="words in question, answer or quote" aria-label="Search the questions">'
        f'{filters}<output id="shown">{len(rows)} of {len(rows)}</output></form>\n'
        f'<div id="questions">{"".join(_question(row) for row in order)}</div>'
    )


def _choice(name: str, label: str, values: Sequence[str]) -> str:
    if len(values) < 2:
        return ""
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    return (
        f'<select name="{name}" aria-label="{label}"><option value="">every {label}</option>'
        f"{options}</select>"
    )


def _outcome(row: Row) -> str:
    if row.loss.value:
        return f"lost: {row.loss.value}"
    return "right: refused" if row.answer is None else "right: answered"


def _question(row: Row) -> str:
    data = "".join(
        f' data-{name}="{escape(value)}"'
        for name, value in (
            ("outcome", _outcome(row)),
            ("kind", row.kind),
            ("difficulty", row.difficulty),
            ("wording", row.wording),
        )
    )
    said = "refused" if row.answer is None else escape(row.answer)
    if row.error:
        said = "failed"
    style = "lost" if row.loss.value else "right"
    return (
        f'<details class="{style}"{data}><summary>'
        f"<b>{escape(row.question)}</b> <span class=said>{said}</span>"
        f"<small>{escape(row.loss.value or 'right')}</small></summary>\n"
        f"{_body(row)}</details>\n"
    )


def _body(row: Row) -> str:
    labels = " · ".join(x for x in (row.id, row.kind, row.difficulty, row.wording) if x)
    lines = [("question", escape(labels))]
    if row.loss.value:
        lines.append(("lost at", f"{escape(row.loss.value)}: {escape(row.loss.meaning)}"))
    if row.error:
        lines.append(("error", escape(row.error)))
    accepted = " <i>or</i> ".join(f"<q>{escape(answer)}</q>" for answer in row.answers)
    lines.append(("accepted", accepted or "<i>no answer in the documents</i>"))
    lines += [("evidence", _quote(quote)) for quote in row.evidence[:3]]
    if row.best is not None:
        verdict = "right" if row.best_right else "wrong"
        name = "answer" if row.answer is not None else "withheld"
        lines.append((f"{name}, {verdict}", _quote(row.best)))
    if row.confidence is not None:
        lines.append(("confidence", f"{row.confidence:.0%}"))
    if row.reason:
        lines.append(("reason", escape(row.reason)))
    lines += [(f"read, {rank}", _read(read)) for rank, read in enumerate(row.read, 1)]
    if row.others:
        lines.append(("others", "<br>".join(_other(other) for other in row.others)))
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in lines) + "</dl>"


def _quote(quote: Quote) -> str:
    words = escape(quote.text)
    if quote.before or quote.after:
        words = f"{escape(quote.before)}<mark>{words}</mark>{escape(quote.after)}"
    place = f"{escape(quote.document)}, {quote.start} to {quote.start + len(quote.text)}"
    return f"<blockquote>{words}</blockquote><small>{place}</small>"


def _read(read: Read) -> str:
    holds = " · <b>holds an answer</b>" if read.holds_answer else ""
    return f"{escape(read.excerpt)}… <small>{escape(read.document)}, {read.start}{holds}</small>"


def _other(other: Other) -> str:
    said = "<i>refused</i>" if other.answer is None else escape(other.answer)
    verdict = "right" if other.right else "wrong"
    return (
        f'<small>{escape(other.system)}:</small> {said} <small class="{verdict}">{verdict}</small>'
    )

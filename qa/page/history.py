"""Show the questions of a visit as a list on the page, or as a file: Markdown or JSON.

Gold questions, made from what a visitor judged, are left to `qa.page.gold`. The HTML is in
``history.html``.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.answering import in_words, refusal
from qa.page.markup import render
from qa.page.visits import Entry
from qa.schema import Citation

_MOST_SHOWN = 50  # questions
_LONGEST = 80  # characters of an answer in the list
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&])")


@dataclass(frozen=True, slots=True)
class Row:
    """A question in the list, and the start of its answer."""

    number: int
    question: str
    answer: str


def render_history(entries: Sequence[Entry]) -> str:
    """Return the HTML list of the last questions, the latest first."""
    return render("history.html", rows=[_row(one) for one in entries[: -_MOST_SHOWN - 1 : -1]])


def _row(entry: Entry) -> Row:
    text = "no answer" if entry.answer.text is None else entry.answer.text
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return Row(entry.number, entry.answer.question, text)


def to_markdown(entries: Iterable[Entry]) -> str:
    """Return the questions with their answers and full citations as Markdown."""
    return "# Questions and answers\n" + "".join(_section(entry) for entry in entries)


def to_json(entries: Iterable[Entry]) -> str:
    """Return a JSON list: each ``Answer.to_dict()`` with ``asked`` (UTC) and ``documents``."""
    rows = [
        {**entry.answer.to_dict(), "asked": entry.asked_at, "documents": entry.scope}
        for entry in entries
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _section(entry: Entry) -> str:
    answer = entry.answer
    lines = [
        "",
        f"## {_plain(answer.question)}",
        "",
        f"Asked {entry.asked_at}, {_plain(', '.join(entry.chosen)) or f'{entry.scope} documents'}.",
    ]
    if answer.text is None:
        lines += ["", f"**{refusal(answer)}.**", "", _plain(f"{answer.reason}.")]
        lines += ["", "Nearest passages:"] if answer.nearest else []
        lines += [line for one in answer.nearest for line in _cited(one)]
    else:
        sure = f"{in_words(answer.confidence)}, {answer.confidence:.2f}"
        lines += ["", f"**{_plain(answer.text)}** ({sure})"]
        lines += [line for one in answer.citations for line in _cited(one)]
    if answer.alternatives:
        lines += ["", "Other candidates:", ""]
        lines += [
            f"- {_plain(one.citation.quote)} ({one.confidence:.2f}): {_place(one.citation)}"
            for one in answer.alternatives
        ]
    return "\n".join(lines) + "\n"


def _cited(citation: Citation) -> list[str]:
    """Return the lines of a block quote: the sentence with its quote in bold, and its source."""
    start = citation.span.start - citation.context_span.start
    end = citation.span.end - citation.context_span.start
    before, after = citation.context[:start], citation.context[end:]
    shown = _plain(citation.context)
    if citation.quote != citation.context:
        shown = f"{_plain(before)}**{_plain(citation.quote)}**{_plain(after)}"
    return ["", f"> {shown}", ">", f"> — {_place(citation)}, SHA-256 `{citation.sha256}`"]


def _place(citation: Citation) -> str:
    known = (citation.title, citation.publisher, citation.date)
    said = ", ".join(_plain(part) for part in known if part)
    span = citation.span
    return f"{said} ({_plain(citation.part)}, characters {span.start} to {span.end})"


def _plain(text: str) -> str:
    """Return text as one line of Markdown that shows it as it is.

    >>> _plain("# a *b* <script>")
    '\\\\# a \\\\*b\\\\* \\\\<script\\\\>'
    """
    return _SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", text))

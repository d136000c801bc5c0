"""Write what a visit asked and judged as Markdown, as JSON, and as gold questions.

Gold questions are the lines that `eval` reads: ``id``, ``question``, ``answers``, ``document``.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from qa.answering import in_words, refusal
from qa.page.visits import Entry, Judgement
from qa.schema import Citation

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&])")


def to_markdown(entries: Iterable[Entry]) -> str:
    """Return the questions with their answers and full citations as Markdown."""
    return "# Questions and answers\n" + "".join(_section(entry) for entry in entries)


def to_json(entries: Iterable[Entry]) -> str:
    """Return a JSON list: ``Answer.to_dict()`` with ``asked`` (UTC) and ``documents``."""
    rows = [
        {**entry.answer.to_dict(), "asked": entry.asked, "documents": entry.scope}
        for entry in entries
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def to_gold(entries: Iterable[Entry]) -> str:
    """Return the judged questions whose right answer is known, one JSON object a line."""
    rows = [gold_row(entry.answer.question, entry.judgement) for entry in entries]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows if row is not None)


def gold_row(question: str, judgement: Judgement | None) -> dict[str, Any] | None:
    """Return a gold question, or None where the right answer is not known.

    The id comes from the question and its answers, so that the same judgement twice is one line.
    """
    if judgement is None or judgement.answers is None:
        return None
    answers = [
        {"text": text, "document": document, "start": start}
        for text, document, start in judgement.answers
    ]
    identity = json.dumps([question, answers], ensure_ascii=False).encode("utf-8", "replace")
    return {
        "id": f"use-{hashlib.sha256(identity).hexdigest()[:12]}",
        "question": question,
        "answers": answers,
        "document": answers[0]["document"] if answers else None,
    }


def _section(entry: Entry) -> str:
    answer = entry.answer
    lines = [
        "",
        f"## {_plain(answer.question)}",
        "",
        f"Asked {entry.asked}, {_plain(', '.join(entry.chosen)) or f'{entry.scope} documents'}.",
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
    """Return the sentence with the quote in bold as a block quote, and where it stands."""
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

"""Show an answer in a terminal: 80 columns, the quote marked in its sentence.

What is shown is decided elsewhere; nothing here changes an answer.
"""

import re
from typing import Any

from qa.answering import in_words, refusal
from qa.commands.columns import CLOSE, OPEN, columns, shortened, visible, wrap
from qa.schema import Alternative, Answer, Citation
from qa.text import display, item_lines

_WIDTH = 80
_BOLD, _DIM, _PLAIN = "\x1b[1;32m", "\x1b[2m", "\x1b[0m"
_LONGEST_CONTEXT = 480  # characters of a sentence that are shown around the quote


def render(answer: Answer, *, color: bool = False, explain: bool = False) -> str:
    """Return the text that ``qa ask`` prints; the quote is bold in color, else in ``**``."""
    lines = _answered(answer, color) if answer.text is not None else _refused(answer, color)
    if answer.read_as is not None:
        lines = [*wrap(visible(f"Read as: {answer.read_as}"), _WIDTH), *lines]
    if explain:
        lines += ["", *_explained(answer)]
    return "\n".join(lines)


def _answered(answer: Answer, color: bool) -> list[str]:
    first = answer.citations[0]
    lines = [*_wrap(_by_items(first.display or first.quote), "", color, strong=True)]
    lines += [_dim(f"confidence {answer.confidence:.2f} ({in_words(answer.confidence)})", color)]
    for citation in answer.citations:
        lines += ["", *_wrap(_marked(citation), "  ", color), "", *_place(citation, color)]
    if answer.alternatives:
        lines += ["", "Other candidates:"]
        lines += [_alternative(one) for one in answer.alternatives]
    return lines


def _refused(answer: Answer, color: bool) -> list[str]:
    lines = [*_wrap(f"{refusal(answer)}.", "", color, strong=True)]
    lines += wrap(visible(f"Reason: {answer.reason}."), _WIDTH)
    if answer.nearest:
        lines += ["", "Nearest passages:"]
    for citation in answer.nearest:
        words = citation.display or citation.quote
        quote = _by_items(shortened(words, _LONGEST_CONTEXT // 2))
        lines += ["", *_wrap(quote, "  ", color=False)]
        lines += _place(citation, color)
    return lines


def _marked(citation: Citation) -> str:
    """Return the context with the quote between ``**``, cut where it is very long."""
    start = citation.span.start - citation.context_span.start
    end = citation.span.end - citation.context_span.start
    words = re.sub(f"[{OPEN}{CLOSE}]", " ", citation.context)
    marked = f"{words[:start]}{OPEN}{words[start:end]}{CLOSE}{words[end:]}"
    clean = display(marked, header=citation.header, marked=citation.extracted is None)
    start, end = clean.index(OPEN), clean.index(CLOSE) - 1
    shown = _by_items(clean.replace(OPEN, "").replace(CLOSE, ""))
    before, quote, after = shown[:start], shown[start:end], shown[end:]
    room = max(_LONGEST_CONTEXT - len(citation.quote), 80) // 2
    if len(before) > room:
        before = "…" + before[-room:].split(" ", 1)[-1]
    if len(after) > room:
        after = after[:room].rsplit(" ", 1)[0] + "…"
    return f"{before}{OPEN}{quote}{CLOSE}{after}"


def _by_items(text: str) -> str:
    """Return text made visible, on one line but for the items of a list."""
    letters = list(visible(text))
    for start in item_lines(text):
        if start:
            letters[start - 1] = "\n"
    return "".join(letters)


def _place(citation: Citation, color: bool) -> list[str]:
    about = ", ".join(part for part in (citation.title, citation.publisher, citation.date) if part)
    where = f"{citation.part}, characters {citation.span.start} to {citation.span.end}"
    lines = wrap(visible(about), _WIDTH, "  — ")
    return [*lines, *(_dim(line, color) for line in wrap(visible(where), _WIDTH, "    "))]


def _alternative(one: Alternative) -> str:
    document = shortened(visible(one.citation.document), _WIDTH // 2)
    place = f"  ({one.confidence:.2f}, {document})"
    words = visible(one.citation.display or one.citation.quote)
    return f"  {shortened(words, _WIDTH - 2 - columns(place))}{place}"


def _explained(answer: Answer) -> list[str]:
    lines = ["Retrieved:"]
    for hit in answer.hits:
        signals = ", ".join(f"{name} {value:.2f}" for name, value in hit.signals)
        start = shortened(visible(hit.passage.text), _WIDTH - 6)
        lines += wrap(f"{hit.rank}. score {hit.score:.2f}: {signals}", _WIDTH, "  ", "     ")
        lines += [f"     {start}"]
    if answer.reading is not None:
        lines += ["Read:", f"  no answer scores {answer.reading.no_answer:.2f}"]
        pairs = zip(answer.reading.candidates, answer.reading.confidences, strict=True)
        for candidate, probability in pairs:
            scores = f"  {candidate.score:6.2f} (confidence {probability:.2f})"
            place = f"{scores} passage {candidate.hit.rank}: "
            lines.append(place + shortened(visible(candidate.text), _WIDTH - columns(place)))
            signals = ", ".join(f"{name} {value:g}" for name, value in candidate.signals)
            lines += wrap(signals, _WIDTH, " " * 9)
    return lines


def explanation(answer: Answer) -> dict[str, Any]:
    """Return the scores of every stage, JSON-ready: ``hits``, ``candidates``, ``no_answer``."""
    reading = answer.reading
    candidates = () if reading is None else reading.candidates
    return {
        "hits": [
            {
                "rank": hit.rank,
                "score": hit.score,
                **dict(hit.signals),
                "kind": hit.passage.kind.value,
                "text": hit.passage.text,
            }
            for hit in answer.hits
        ],
        "candidates": [
            {
                "text": candidate.text,
                "rank": candidate.hit.rank,
                "score": candidate.score,
                "signals": dict(candidate.signals),
            }
            for candidate in candidates
        ],
        "no_answer": None if reading is None else reading.no_answer,
    }


def _wrap(text: str, indent: str, color: bool, *, strong: bool = False) -> list[str]:
    """Wrap to the width; what is marked, or all of the text if ``strong``, is bold in color."""
    marked = f"{OPEN}{text}{CLOSE}" if strong and color else text
    lines: list[str] = []
    bold = False
    for line in (one for part in marked.split("\n") for one in wrap(part, _WIDTH, indent)):
        opened, bold = bold, (bold or OPEN in line) and CLOSE not in line
        lines.append(_show_marks(line, len(indent), opened, bold) if color else _starred(line))
    return lines


def _show_marks(line: str, margin: int, opened: bool, open_still: bool) -> str:
    """Turn the marks of a line into colors that end with the line."""
    if opened:
        line = f"{line[:margin]}{_BOLD}{line[margin:]}"
    shown = line.replace(OPEN, _BOLD).replace(CLOSE, _PLAIN)
    return f"{shown}{_PLAIN}" if open_still else shown


def _starred(line: str) -> str:
    return line.replace(OPEN, "**").replace(CLOSE, "**")


def _dim(text: str, color: bool) -> str:
    return f"{_DIM}{text}{_PLAIN}" if color else text

"""Read the text layer of a PDF and the values of its form, page by page, as a person reads them.

Getting the characters out of the file is left to `qa.formats.pdfium`, the order of the lines to
`qa.formats.lines`, what they make to `qa.formats.pages`; pictures of text are left aside.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from qa.formats.apart import pdf_answers
from qa.formats.gibberish import is_gibberish
from qa.formats.layout import Extracted, Writer, tidy
from qa.formats.limits import Watch
from qa.formats.lines import Line, is_garbled, read_page
from qa.formats.pages import Piece, block_words, find_pieces
from qa.formats.tables import Cell, Row
from qa.schema import BlockKind, Place
from qa.text import ITEM

_NO_TITLE = re.compile(r"\.\w{2,5}$|^microsoft |^untitled|^\W*$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_NAMED_PAGES = 5
_TITLE_LINES = 12  # of the first page, among which the title stands
_RECOGNISE = "let a program for text recognition (OCR) add one"
_KINDS = {
    "caption": BlockKind.CAPTION,
    "footnote": BlockKind.FOOTNOTE,
    "scraps": BlockKind.BOILERPLATE,
}
_SAYING = re.compile(r"(?:[^\W\d_]{2,}\b.*?){3}|[^\W\d_]{2,}:\s*\S")  # enough to be asked for
_TALLER = 1.1  # times the usual height, that a title is


@dataclass(slots=True)
class _Found:
    """The lines of each page, and the numbers of the pages that were lost or are noise."""

    pages: list[list[Line]] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    title: str = ""


def read_pdf(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a PDF; the number of each page, from 1, is the place of its words."""
    if find_spec("pypdfium2") is None:
        raise ImportError("no PDFium", name="pypdfium2")
    if b"%PDF-" not in content[:1024]:
        raise watch.refusal("is no PDF, whatever its name says; remove or rename it")
    with closing(pdf_answers(content, watch)) as answers:
        found = _read(answers, watch)
    if not any(found.pages):
        if found.garbled:
            raise watch.refusal(f"has fonts that do not tell their letters; {_RECOGNISE}")
        raise watch.refusal(
            "is damaged, no page can be read; print it to a new PDF"
            if found.failed
            else f"has no text layer, it was scanned; {_RECOGNISE}"
        )
    pieces, known = find_pieces(found.pages)
    writer, places = Writer(watch), list[Place]()
    for piece in pieces:
        _write(piece, known, writer, places)
    title = _title(found.title, found.pages)
    written = writer.extracted(title, doubts=_doubts(found))
    labelled = [place for place in (*written.places, *places) if place.label]
    places = sorted(labelled, key=lambda place: place.start)
    return replace(written, places=(replace(places[0], start=0), *places[1:]))


def _read(answers: Iterator[dict[str, Any]], watch: Watch) -> _Found:
    whole = next(answers)
    if "error" in whole:
        raise watch.refusal(
            "is encrypted; save a copy without a password"
            if whole["error"] == "encrypted"
            else "is damaged, it cannot be opened; print it to a new PDF"
        )
    if whole["pages"] > watch.limits.pages:
        count = f"{whole['pages']} pages"
        raise watch.refusal(f"has {count}, the limit is {watch.limits.pages}; split it")
    found, length = _Found(title=tidy(whole["title"])), 0
    for number, answer in enumerate(answers, 1):
        lines = read_page(answer.get("runs", ()))
        kept = [line for line in lines if not is_garbled(line)]
        if is_gibberish(" ".join(line.words for line in kept)):
            kept = []
        if 2 * sum(len(line.words) for line in kept) < sum(len(line.words) for line in lines):
            found.garbled.append(number)
        if "failed" in answer:
            found.failed.append(number)
        found.pages.append(kept)
        length += sum(len(line.words) for line in kept)
        watch.check(length)
    return found


def _write(piece: Piece, known: set[str], writer: Writer, places: list[Place]) -> None:
    """Write a block, and note the page where it begins and those on which it goes on."""
    if piece.kind == "row":
        rows = [Row(tuple(Cell(cell) if cell else None for cell in line.cells),
                    f"page {number}") for number, line in piece.lines]  # fmt: skip
        writer.table(rows)
        return
    words, turns = block_words(piece, known)
    places.append(Place(writer.length, f"page {piece.lines[0][0]}"))
    if piece.kind == "heading":
        writer.heading(words, piece.level, named=False)
    elif piece.kind == "item" and (mark := ITEM.match(words)):
        writer.item(words[mark.end() :], mark=words[: mark.end()].strip())
    elif piece.kind == "furniture":
        is_said = _SAYING.search(words) is not None
        writer.paragraph(words, kind=BlockKind.PARAGRAPH if is_said else BlockKind.BOILERPLATE)
    else:
        writer.paragraph(words, kind=_KINDS.get(piece.kind, BlockKind.PARAGRAPH))
    start = writer.length - len(words)
    places += [Place(start + at, f"page {number}") for at, number in turns]


def _title(given: str, pages: Sequence[Sequence[Line]]) -> str:
    """Return the title that the file gives, if its pages know it, else their tallest line."""
    first = next(page for page in pages if page)
    shown = {word.casefold() for line in first for word in _WORD.findall(line.words)}
    words = [word.casefold() for word in _WORD.findall(given)]
    if 2 * sum(word in shown for word in words) > len(words):
        return "" if _NO_TITLE.search(given) else given
    tallest = max(first[:_TITLE_LINES], key=lambda line: line.height)
    heights = Counter[float]()
    for line in first:
        heights[line.height] += len(line.words)
    usual = heights.most_common(1)[0][0]
    if tallest.height > _TALLER * usual and _WORD.search(tallest.words):
        at = list(first).index(tallest)
        more = [line for line in first[at : at + 3] if abs(line.height - tallest.height) < 0.5]
        return " ".join(line.words for line in more)
    return "" if _NO_TITLE.search(given) else given


def _doubts(found: _Found) -> Iterator[str]:
    lost = {*found.failed, *found.garbled}
    empty = [number for number, page in enumerate(found.pages, 1) if not page]
    empty = [number for number in empty if number not in lost]
    if found.failed:
        yield f"{_named(found.failed)} could not be read; print it to a new PDF"
    if found.garbled:
        yield (
            f"{_named(found.garbled)}: {'its' if len(found.garbled) == 1 else 'their'} fonts do "
            "not tell their letters, so this was left out; let a program for text recognition "
            "(OCR) read it"
        )
    if 2 * len(empty) > len(found.pages):
        yield f"{_named(empty)} hold no text, perhaps they were scanned; {_RECOGNISE}"


def _named(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_NAMED_PAGES]))
    more = len(numbers) - _NAMED_PAGES
    return f"page{'s' if len(numbers) > 1 else ''} {shown}" + (
        f" and {more} more" if more > 0 else ""
    )

"""Show a passage to a reader of running text: under its headings and lead-in, a row as sentences.

What is proposed is placed back in the passage, so that every answer stays a slice of it. Scoring
is left to `qa.reading.onnx_reader` and `qa.reading.selector`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from qa.reading.candidates import (
    Proposal,
    SpanKind,
    balanced,
    joined,
    looks,
    propose,
    propose_cells,
    with_unit,
)
from qa.reading.onnx_reader import LIMIT, ScoredSpan
from qa.schema import Passage, PassageKind, Span
from qa.text import list_items, list_opening, sentences, whole_list

_UNDER_HEADINGS = {PassageKind.PARAGRAPH, PassageKind.LIST_ITEM, PassageKind.LIST}
_JOINED = 8  # spans that may open or close an enumeration
_UNREAD = -LIMIT  # log-odds of a cell in which nothing was proposed


@dataclass(frozen=True, slots=True)
class View:
    """A passage as it is read: ``pieces`` of it, each with where it starts in ``text``, or cells,
    each with its place there.
    """

    passage: Passage
    text: str
    pieces: tuple[tuple[int, Span], ...] = ()
    cells: tuple[tuple[Proposal, Span], ...] = ()

    def place(self, read: Sequence[ScoredSpan]) -> list[tuple[Proposal, float]]:
        """Return spans of the view as proposals in the passage; a cell takes its best span."""
        if self.cells:
            return [
                (
                    cell,
                    max((o.score for o in read if o.span.overlaps(place)), default=_UNREAD),
                )
                for cell, place in self.cells
            ]
        text, placed = self.passage.text, dict[Span, float]()
        for one in with_enumerations(self.text, read):
            span = self._within(one.span)
            if span is not None:
                span = with_unit(text, balanced(text, span))
                placed[span] = max(one.score, placed.get(span, one.score))
        return [(Proposal(span, looks(text, span)), odds) for span, odds in placed.items()]

    def _within(self, read: Span) -> Span | None:
        """Return where a span of the view stands in the passage, None where it begins above it.

        One that runs from an item of a list to another, or from what opens it, is the whole list.
        """
        starts = [at for at, _ in self.pieces]
        first, last = (bisect_right(starts, at) - 1 for at in (read.start, read.end - 1))
        if first < 0:
            return None
        if first != last:
            return whole_list(self.passage.text)
        at, piece = self.pieces[first]
        start = piece.start + min(read.start - at, len(piece) - 1)
        return Span(start, max(start + 1, min(piece.start + read.end - at, piece.end)))


def with_enumerations(text: str, read: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """Return spans, best first, and the enumerations that run from one of the best to another."""
    known = {one.span for one in read}
    found = list(read)
    for first in read[:_JOINED]:
        for last in read[:_JOINED]:
            span = joined(text, first.span, last.span)
            if span is not None and span not in known:
                known.add(span)
                found.append(ScoredSpan(span, first.opens, last.closes))
    return found


def view(passage: Passage) -> View:
    """Return a passage as a reader of running text should see it.

    >>> row = Passage("d", Span(0, 15), "| Rail | 2013 |", PassageKind.TABLE_ROW,
    ...               header="| Project | Year |")
    >>> view(row).text
    'Project: Rail. Year: 2013.'
    """
    if passage.kind is PassageKind.TABLE_ROW:
        return _row_view(passage)
    if passage.kind is PassageKind.LIST:
        return _list_view(passage)
    above = _heading(passage)
    if passage.kind is PassageKind.LIST_ITEM and passage.lead_in:
        above += f"{passage.lead_in}\n"
    whole = Span(0, len(passage.text))
    return View(passage, above + passage.text, ((len(above), whole),))


def _heading(passage: Passage) -> str:
    """Return what stands above running text as sentences in a line of their own.

    On the two halves of `eval/other`, each over its own documents, F1 is 76.7 instead of 73.2 and
    61.0 as without it (with another reader).
    """
    if passage.kind not in _UNDER_HEADINGS or not passage.heading:
        return ""
    return passage.heading.replace(" › ", ". ") + ".\n"


def _list_view(passage: Passage) -> View:
    """Return a list as a sentence that enumerates, under the words that open it."""
    items, opening = list_items(passage.text), list_opening(passage.text)
    above = passage.lead_in if opening is None else opening.of(passage.text)
    text = _heading(passage)
    pieces = [] if opening is None else [(len(text), opening)]
    text += f"{above}\n" if above else ""
    for number, item in enumerate(items):
        if number:
            text += _between(text, last=number == len(items) - 1)
        text += _number(passage.text, item)
        pieces.append((len(text), item))
        text += item.of(passage.text)
    return View(passage, text, tuple(pieces))


def _number(text: str, item: Span) -> str:
    """Return the number of an item with a blank, nothing for a bullet."""
    mark = text[max(text.rfind("\n", 0, item.start) + 1, 0) : item.start].strip()
    return f"{mark} " if any(map(str.isdigit, mark)) else ""


def _between(text: str, *, last: bool) -> str:
    """Return what joins an item of a list to what stands before it."""
    if text[-1] in ".;:!?,":
        return " "
    return ", and " if last else ", "


def _row_view(passage: Passage) -> View:
    text = ""
    cells: list[tuple[Proposal, Span]] = []
    for cell in propose_cells(passage.text, Span(0, len(passage.text)), passage.header):
        text += f"{cell.column}: " if cell.column else ""
        words = cell.span.of(passage.text)
        cells.append((cell, Span(len(text), len(text) + len(words))))
        text += f"{words}. "
    return View(passage, text.rstrip(), cells=tuple(cells))


def propose_by_rule(passage: Passage) -> list[Proposal]:
    """Return what the rules of `qa.reading.candidates` propose of a passage: for readers without a
    network."""
    if passage.kind is PassageKind.TABLE_ROW:
        return propose_cells(passage.text, Span(0, len(passage.text)), passage.header)
    whole = [Span(0, len(passage.text))]
    units = sentences(passage.text)
    if passage.kind is PassageKind.LIST_ITEM:
        units = whole
    elif passage.kind is PassageKind.LIST:
        units = list_items(passage.text)
    return [
        proposal
        for unit in units
        for proposal in [*propose(passage.text, unit), Proposal(unit, SpanKind.CLAUSE)]
    ]

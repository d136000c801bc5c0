"""Show a passage to a reader of running text: a list item under its lead-in, a row as sentences.

What is proposed is placed back in the passage, so that every answer stays a slice of it. Scoring
is left to `qa.network` and `qa.selector`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.network import LIMIT, ScoredSpan
from qa.schema import Passage, PassageKind, Span
from qa.spans import (
    Proposal,
    SpanKind,
    joined,
    looks,
    propose,
    propose_cells,
    with_unit,
)
from qa.text import sentences

_JOINED = 8  # spans that may open or close an enumeration
_UNREAD = -LIMIT  # log-odds of a cell in which nothing was proposed


@dataclass(frozen=True, slots=True)
class View:
    """A passage as it is read; its words start at ``skip``, or its ``cells`` stand at places."""

    passage: Passage
    text: str
    skip: int = 0
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
        own = [one for one in with_enumerations(self.text, read) if one.span.start >= self.skip]
        text, placed = self.passage.text, dict[Span, float]()
        for one in own:
            span = with_unit(text, one.span.shift(-self.skip))
            placed[span] = max(one.score, placed.get(span, one.score))
        return [(Proposal(span, looks(text, span)), odds) for span, odds in placed.items()]


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
    if passage.kind is PassageKind.LIST_ITEM and passage.lead_in:
        above = f"{passage.lead_in}\n"
        return View(passage, above + passage.text, skip=len(above))
    return View(passage, passage.text)


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
    """Return what the rules of `qa.spans` propose of a passage: for readers without a network."""
    if passage.kind is PassageKind.TABLE_ROW:
        return propose_cells(passage.text, Span(0, len(passage.text)), passage.header)
    whole = [Span(0, len(passage.text))]
    units = whole if passage.kind is PassageKind.LIST_ITEM else sentences(passage.text)
    return [
        proposal
        for unit in units
        for proposal in [*propose(passage.text, unit), Proposal(unit, SpanKind.CLAUSE)]
    ]

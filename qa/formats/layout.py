"""Write what a file holds as text, with the blocks that it is made of and the places it came from.

Nothing is marked as in Markdown: what a part is, its block says. Finding the parts in a file is
left to the readers, what the rows of a table are to `qa.formats.tables`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qa.formats.limits import Watch
from qa.formats.tables import Cell, Row, laid_out
from qa.schema import Block, BlockKind, Place, Span
from qa.text import find_blocks, promote_headings

_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphen, zero-width space, ...
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_DEEPEST_ITEM = 8
_ITEMS, _ROWS = "items", "rows"
BULLET = "•"
SEPARATOR = " | "  # between the cells of a row


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file, its places by start, and what the file says of itself.

    Text that is the file's own, decoded as UTF-8, has no places; text of another encoding or
    format has at least one. ``doubts`` say what may be missing. ``blocks`` are those of the
    layout, in order; None where they are to be found by the looks of the text.
    """

    text: str
    places: tuple[Place, ...] = ()
    title: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    blocks: tuple[Block, ...] | None = None


class Writer:
    """A text in the making: each call adds a block."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._parts: list[str] = []
        self._length = 0
        self._places: list[Place] = []
        self._blocks: list[Block] = []
        self._above: list[tuple[int, str]] = []
        self._last = ""  # what adjoins: the items of a list, the rows of a table

    @property
    def length(self) -> int:
        """The number of characters that were written."""
        return self._length

    def extracted(
        self, title: str = "", metadata: Iterable[tuple[str, str]] = (), doubts: Iterable[str] = ()
    ) -> Extracted:
        """Return what was written."""
        if not self._places or self._places[0].start > 0:
            self._places.insert(0, Place(0, ""))
        return Extracted(
            "".join(self._parts),
            tuple(self._places),
            tidy(title),
            tuple(metadata),
            tuple(doubts),
            tuple(self._blocks) or None,
        )

    def heading(self, words: str, level: int, *, named: bool = True) -> None:
        """Add a heading of a level from 1; its path is the place of what follows, if ``named``."""
        words = tidy(words)
        if not words:
            return
        label = None
        if named:
            self._above = [(depth, above) for depth, above in self._above if depth < level]
            self._above.append((level, words))
            label = " > ".join(above for _, above in self._above)
        self._add(BlockKind.HEADING, words, label=label, level=level)

    def paragraph(
        self, words: str, label: str | None = None, kind: BlockKind = BlockKind.PARAGRAPH
    ) -> None:
        """Add a paragraph, or those that blank lines part; other line breaks stay."""
        for part in _BLANK_LINES.split(words):
            lines = [line for line in map(tidy, part.split("\n")) if line]
            if lines:
                self._add(kind, "\n".join(lines), label=label)

    def item(self, words: str, depth: int = 0, mark: str = BULLET) -> None:
        """Add a list item under its mark; one inside another has a depth from 1."""
        words = tidy(words)
        if words:
            indent = "  " * min(depth, _DEEPEST_ITEM)
            self._add(BlockKind.LIST_ITEM, words, f"{indent}{mark} ", level=depth, mark=mark)

    def code(self, words: str) -> None:
        """Add lines whose blanks matter."""
        lines = clean(words).expandtabs(4).split("\n")
        while lines and not lines[0].strip():
            del lines[0]
        words = "\n".join(lines).rstrip()
        if words:
            self._add(BlockKind.CODE, words)

    def plain(self, text: str) -> None:
        """Add plain text, whose blocks are found by their looks."""
        lines = [clean(line).rstrip() for line in text.splitlines()]
        words = "\n".join(lines).strip("\n")
        if words.strip():
            self._begin("")
            start = self._length
            self._write(words)
            found = promote_headings(words, find_blocks(words))
            self._blocks += [replace(one, span=one.span.shift(start)) for one in found]

    def table(self, rows: Sequence[Row], headers: int | None = None) -> None:
        """Add a table; ``headers`` are its header rows, None where they are to be found out.

        Rows of one cell above and below are paragraphs, those amid it name the rows below them.
        """
        self.part()
        for row, kind in laid_out(rows, headers):
            self.watch.check(self._length)
            if kind is BlockKind.PARAGRAPH:
                for cell in dict.fromkeys(cell for cell in row.cells if cell and cell.words):
                    self.paragraph(cell.words, cell.label or row.label or None)
            else:
                self._row(row, kind)
        self.part()

    def part(self) -> None:
        """Part what follows from the table or list above."""
        self._last = ""

    def _row(self, row: Row, kind: BlockKind) -> None:
        self._begin(_ROWS)
        start, spans = self._length, list[Span | None]()
        if row.label:
            self._places.append(Place(start, row.label))
        written: dict[int, Span | None] = {}  # a cell over several columns stands there once
        words: list[str] = []
        at = start
        for cell in row.cells:
            text = "" if cell is None or id(cell) in written else shown(cell)
            span = Span(at, at + len(text)) if text else None
            if cell is not None:
                span = written.setdefault(id(cell), span)
                if text and cell.label:
                    self._places.append(Place(at, cell.label))
            spans.append(span)
            words.append(text)
            at += len(text) + len(SEPARATOR)
        while not words[-1]:
            del words[-1]
        self._write(SEPARATOR.join(words))
        span = Span(start, self._length)
        self._blocks.append(Block(kind, span, cells=tuple(spans)))

    def _add(
        self,
        kind: BlockKind,
        text: str,
        before: str = "",
        *,
        label: str | None = None,
        level: int = 0,
        mark: str = "",
    ) -> None:
        self._begin(_ITEMS if kind is BlockKind.LIST_ITEM else "")
        if label is not None:
            self._places.append(Place(self._length, label))
        start = self._length + len(before)
        self._write(before + text)
        self._blocks.append(Block(kind, Span(start, self._length), level, mark))

    def _begin(self, run: str) -> None:
        if self._length:
            self._write("\n" if run and run == self._last else "\n\n")
        self._last = run

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        self.watch.check(self._length)


def shown(cell: Cell) -> str:
    """Return the words of a cell in a row, where a pipe would part it.

    >>> shown(Cell("a|b"))
    'a¦b'
    """
    return tidy(cell.words).replace("|", "¦")


def clean(text: str) -> str:
    """Drop what is invisible within words; control characters and halves of pairs become U+FFFD.

    >>> clean("co\\u00adoperate\\x00")
    'cooperate\\ufffd'
    """
    return _UNWANTED.sub("\ufffd", _INVISIBLE.sub("", text))


def tidy(text: str) -> str:
    """Return the words of ``text``, cleaned, with one blank between them."""
    return clean(" ".join(text.split()))

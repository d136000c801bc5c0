"""Write what a file holds as text that `qa.text.passages` understands, with the places it came
from.

Headings, list items and table rows are written as in Markdown. Finding them in a file is left to
the readers.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qa.blocks import Block, Place
from qa.formats.limits import Watch

_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphen, zero-width space, ...
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_DEEPEST_HEADING, _DEEPEST_ITEM = 6, 8
_WIDEST_CELL = 50  # columns


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


@dataclass(slots=True)
class _Table:
    """An open table: the words of the cells of its open row, and which cell takes words."""

    cells: list[list[str]] = field(default_factory=list)
    cell: int = 0
    rows: int = 0
    is_layout: bool = False  # holds headings or tables: a grid for the eye, no table


class Writer:
    """A text in the making: each call adds a block, or goes into the open cell of a table."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._parts: list[str] = []
        self._length = 0
        self._places: list[Place] = []
        self._above: list[tuple[int, str]] = []
        self._last = ""
        self._rule = ""  # to be written below a header, once there is a row
        self._tables: list[_Table] = []

    def extracted(
        self, title: str = "", metadata: Iterable[tuple[str, str]] = (), doubts: Iterable[str] = ()
    ) -> Extracted:
        """Return what was written."""
        if not self._places or self._places[0].start > 0:
            self._places.insert(0, Place(0, ""))
        text = "".join(self._parts)
        return Extracted(text, tuple(self._places), tidy(title), tuple(metadata), tuple(doubts))

    def heading(self, words: str, level: int) -> None:
        """Add a heading of a level from 1; its path is the place of what follows."""
        words = tidy(words)
        if not words:
            return
        self._unframe()
        self._above = [(depth, above) for depth, above in self._above if depth < level]
        self._above.append((level, words))
        marks = "#" * min(level, _DEEPEST_HEADING)
        self._add("heading", f"{marks} {words}", " > ".join(above for _, above in self._above))

    def paragraph(self, words: str, label: str | None = None) -> None:
        """Add a paragraph, or those that blank lines part; other line breaks stay."""
        for part in _BLANK_LINES.split(words):
            lines = [line for line in map(tidy, part.split("\n")) if line]
            if lines and not self._into_cell(lines):
                self._add("paragraph", "\n".join(lines), label)

    def item(self, words: str, depth: int = 0) -> None:
        """Add a list item; one inside another has a depth from 1."""
        words = tidy(words)
        if words and not self._into_cell([words]):
            self._add("item", f"{'  ' * min(depth, _DEEPEST_ITEM)}- {words}")

    def code(self, words: str) -> None:
        """Add lines whose blanks matter."""
        words = clean(words).strip("\n").expandtabs(4)
        if words.strip() and not self._into_cell([tidy(words)]):
            fence = "~~~" if "```" in words else "```"
            self._add("code", f"{fence}\n{words}\n{fence}")

    def page(self, words: str, label: str) -> None:
        """Add what stands on a page, at which a word of the page before may go on."""
        if words:
            self._places.append(Place(self._length, label))
            self._write(words)

    def row(
        self, cells: Sequence[str], *, header: bool = False, labels: Sequence[str] = ()
    ) -> None:
        """Add a table row; ``labels`` name its place, then that of each cell."""
        words = [tidy(cell).replace("|", "¦") for cell in cells]
        self._begin("row")
        if labels:
            self._places.append(Place(self._length, labels[0]))
        start = self._length + 2
        for word, label in zip(words, labels[1:], strict=False):
            if word:
                self._places.append(Place(start, label))
            start += len(word) + 3
        self._write(f"| {' | '.join(words)} |")
        self._rule = f"\n|{' --- |' * len(words)}" if header else ""

    def open_table(self) -> None:
        """Open a table; the one around it, if any, turns out to be no table."""
        self._unframe()
        self._tables.append(_Table())
        self.part()

    def open_cell(self) -> None:
        """Open the next cell of the row."""
        if self._tables and not self._tables[-1].is_layout:
            table = self._tables[-1]
            table.cell = len(table.cells)
            table.cells.append([])

    def widen_cell(self, columns: str) -> None:
        """Let the open cell cover so many columns, a number as the file gives it."""
        known = columns.isascii() and columns.isdigit() and len(columns) < 4
        if known and self._tables and self._tables[-1].cells:
            self._tables[-1].cells += [[] for _ in range(min(int(columns), _WIDEST_CELL) - 1)]

    def close_row(self, *, header: bool) -> None:
        """Add the row of the innermost table; only a first row can be a header."""
        if not self._tables or self._tables[-1].is_layout:
            return
        table = self._tables[-1]
        cells = [" ".join(words) for words in table.cells]
        table.cells, table.cell = [], 0
        if sum(map(bool, cells)) > 1:
            self.row(cells, header=header and not table.rows)
            table.rows += 1
        elif any(cells):
            self._add("paragraph", "".join(cells))

    def close_table(self) -> None:
        """Close the innermost table."""
        if self._tables:
            self.close_row(header=False)
            self._tables.pop()
            self.part()

    def part(self) -> None:
        """Part what follows from the table or list above."""
        self._last = ""

    def _into_cell(self, lines: list[str]) -> bool:
        """Put lines into the open cell; tell whether there was one."""
        if not self._tables or self._tables[-1].is_layout:
            return False
        table = self._tables[-1]
        if not table.cells:
            table.cells.append([])
        table.cells[table.cell] += lines
        return True

    def _unframe(self) -> None:
        """Write what the open row holds as paragraphs: its table is a grid for the eye."""
        if self._tables and not self._tables[-1].is_layout:
            table = self._tables[-1]
            table.is_layout = True
            for words in table.cells:
                self.paragraph("\n".join(words))

    def _add(self, kind: str, text: str, label: str | None = None) -> None:
        self._begin(kind)
        if label is not None:
            self._places.append(Place(self._length, label))
        self._write(text)

    def _begin(self, kind: str) -> None:
        if self._length:
            adjoins = kind == self._last and kind in ("item", "row")
            self._write((self._rule if adjoins else "\n") + "\n")
        self._last, self._rule = kind, ""

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        self._watch.check(self._length)


def clean(text: str) -> str:
    """Drop what is invisible within words; control characters and halves of pairs become U+FFFD.

    >>> clean("co\\u00adoperate\\x00")
    'cooperate\\ufffd'
    """
    return _UNWANTED.sub("\ufffd", _INVISIBLE.sub("", text))


def tidy(text: str) -> str:
    """Return the words of ``text``, cleaned, with one blank between them."""
    return clean(" ".join(text.split()))

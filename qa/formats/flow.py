"""Write what comes piece by piece, as in HTML and DOCX: words go to the text or to an open cell.

What a table turns out to be is left to `qa.formats.tables`.
"""

from dataclasses import dataclass, field

from qa.formats.layout import BULLET, Writer, tidy
from qa.formats.limits import Watch
from qa.formats.tables import Cell, Row
from qa.schema import BlockKind

_MOST_ROWS = 10_000  # that a cell may cover


@dataclass(slots=True)
class _Open:
    """The cell that takes words."""

    columns: int
    rows: int
    is_header: bool
    words: str = ""
    is_covered: bool = False  # by a cell above

    def closed(self) -> Cell:
        """Return the cell with all its words."""
        return Cell(self.words, "", self.columns, self.rows, self.is_header)


@dataclass(slots=True)
class _Table:
    """An open table: the rows that are closed, the cells of the open one."""

    rows: list[tuple[list[_Open], bool]] = field(default_factory=list)  # and which are headers
    cells: list[_Open] = field(default_factory=list)
    merged: dict[int, _Open] = field(default_factory=dict)  # by column: the cell that goes on down
    is_header: bool = False
    is_headed: bool = False
    is_layout: bool = False  # holds headings or tables: a grid for the eye, no table


class Flow(Writer):
    """A text in the making; between `open_table` and `close_table`, words go into cells."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._tables: list[_Table] = []
        self._held = 0  # characters in open tables

    def heading(self, words: str, level: int, *, named: bool = True) -> None:
        """Add a heading; one within a table shows that it is none."""
        if words.strip():
            self._unframe()
            super().heading(words, level, named=named)

    def paragraph(
        self, words: str, label: str | None = None, kind: BlockKind = BlockKind.PARAGRAPH
    ) -> None:
        """Add a paragraph, or words of a cell."""
        if not self._into_cell(words, " "):
            super().paragraph(words, label, kind)

    def item(self, words: str, depth: int = 0, mark: str = BULLET) -> None:
        """Add a list item, or words of a cell that a semicolon parts from those before."""
        if not self._into_cell(words, "; "):
            super().item(words, depth, mark)

    def code(self, words: str) -> None:
        """Add lines whose blanks matter, or words of a cell."""
        if not self._into_cell(words, " "):
            super().code(words)

    def caption(self, words: str) -> None:
        """Add what stands above a table, or describes a picture, a cell's own aside."""
        if self._tables and not (self._tables[-1].cells or self._tables[-1].rows):
            super().paragraph(words, None, BlockKind.CAPTION)
        else:
            self.paragraph(words, None, BlockKind.CAPTION)

    @property
    def in_cell(self) -> bool:
        """Whether words go into a cell."""
        return bool(self._tables) and not self._tables[-1].is_layout

    def open_table(self) -> None:
        """Open a table; the one around it, if any, turns out to be no table."""
        self._unframe()
        self._tables.append(_Table())
        self.part()

    def open_row(self, *, header: bool = False) -> None:
        """Open the next row; ``header`` where the file calls it one."""
        self.close_row()
        if self._tables:
            self._tables[-1].is_header = header

    def open_cell(self, columns: str = "1", rows: str = "1", *, header: bool = False) -> None:
        """Open the next cell of the row, over so many columns and rows, as the file has them."""
        if self._tables and not self._tables[-1].is_layout:
            self._tables[-1].cells.append(_Open(_count(columns), _count(rows), header))

    def head_row(self) -> None:
        """Take the open row for a header."""
        if self._tables:
            self._tables[-1].is_header = True

    def head_table(self) -> None:
        """Take the first row of the innermost table for a header."""
        if self._tables:
            self._tables[-1].is_headed = True

    def widen_cell(self, columns: str) -> None:
        """Let the open cell cover so many columns."""
        if self._tables and self._tables[-1].cells:
            self._tables[-1].cells[-1].columns = _count(columns)

    def merge_cell(self, *, continues: bool) -> None:
        """Join the open cell with the one above it, if it ``continues`` that, or with those below.

        Columns are those of the grid: cells that others cover are there, and empty.
        """
        if not self._tables or not self._tables[-1].cells:
            return
        table = self._tables[-1]
        column = sum(one.columns for one in table.cells[:-1])
        if continues and column in table.merged:
            table.merged[column].rows += 1
            table.cells[-1].is_covered = True
        else:
            table.merged[column] = table.cells[-1]

    def close_row(self) -> None:
        """Close the open row of the innermost table."""
        if self._tables and self._tables[-1].cells:
            table = self._tables[-1]
            is_header = table.is_header or (table.is_headed and not table.rows)
            table.rows.append((table.cells, is_header))
            table.cells, table.is_header = [], False

    def close_table(self) -> None:
        """Close the innermost table and write it."""
        if self._tables:
            self.close_row()
            rows = self._tables.pop().rows
            self._held = 0 if not self._tables else self._held
            self.table(
                [
                    Row(tuple(one.closed() for one in cells if not one.is_covered), "", header)
                    for cells, header in rows
                ]
            )

    def _into_cell(self, words: str, parting: str) -> bool:
        """Put words into the open cell; tell whether there was one."""
        if not self.in_cell:
            return False
        words = tidy(words)
        table = self._tables[-1]
        if words:
            if not table.cells:
                table.cells.append(_Open(1, 1, False))
            cell = table.cells[-1]
            cell.words += f"{parting}{words}" if cell.words else words
            self._held += len(words)
            self.watch.check(self._length + self._held)
        return True

    def _unframe(self) -> None:
        """Write what the open table holds as paragraphs: it is a grid for the eye."""
        if self.in_cell:
            self.close_row()
            table = self._tables[-1]
            table.is_layout = True
            for cells, _ in table.rows:
                for cell in cells:
                    super().paragraph(cell.words)
            table.rows = []


def _count(columns: str) -> int:
    """Return a number as the file gives it, 1 where it is none.

    >>> _count("3"), _count("0"), _count("many")
    (3, 1, 1)
    """
    known = columns.isascii() and columns.isdigit() and len(columns) < 6
    return min(max(int(columns), 1), _MOST_ROWS) if known else 1

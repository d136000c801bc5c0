"""Know what a reader of a page sees above each block: title, headings, lead-in, names of columns.

Cutting the blocks into passages is left to `qa.text.passages`.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from qa.blocks import Block, BlockKind
from qa.schema import Document
from qa.text.tokens import sentences

SEPARATOR = " | "  # between the names of columns
DEEPEST = 7  # one below the deepest heading of Markdown
_STACKED = 2  # headings without a mark that are kept above another one
_YEARS = re.compile(r"(?<![\d.,])(\d\d)[_-](\d\d)(?![\d.,])")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_TABLE = (BlockKind.TABLE_HEADER, BlockKind.TABLE_SECTION, BlockKind.TABLE_ROW)


class Above:
    """What a reader of the page sees above the block that comes next."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        known = document.title in document.text or document.title == Path(document.source).stem
        self.title = "" if known else document.title  # one that was given, and tells more
        self.headings: list[Block] = []
        self.items: list[Block] = []
        self.lead_in = ""
        self.columns: list[str] = []  # the names of a table's columns
        self.header = ""  # them as they stand, where the cells are not known
        self.section = ""  # the row that names those below it
        self.bare = False  # nothing yet stands below the last heading
        self._last: BlockKind | None = None

    def heading(self, block: Block) -> str:
        """Return the title and the headings that a block stands under, widest first."""
        above = self.parents(block) if block.kind is BlockKind.HEADING else self.headings
        words = [heading.span.of(self.text) for heading in above]
        return " › ".join([self.title, *words] if self.title else words)

    def parents(self, heading: Block) -> list[Block]:
        """Return the open headings of a lower level; those without a mark are the deepest.

        Of two without a mark, one above the other, the lower one stands under the upper one.
        """
        depth = heading.level or DEEPEST
        kept = [above for above in self.headings if (above.level or DEEPEST) < depth]
        if self.bare and not heading.level:
            words = heading.span.of(self.text)
            stacked = [above for above in self.headings if not above.level][-_STACKED:]
            kept += [above for above in stacked if above.span.of(self.text) != words]
        return kept

    def item_lead_in(self, item: Block) -> str:
        """Return the line above the list, and the items that a nested item stands under."""
        while self.items and self.items[-1].level >= item.level:
            self.items.pop()
        parents = [parent.span.of(self.text) for parent in self.items]
        self.items.append(item)
        return _lines(self.lead_in, *parents)

    def row_lead_in(self) -> str:
        """Return the caption or sentence above the table, and the section of its rows."""
        return _lines(self.lead_in, self.section)

    def named(self, columns: Sequence[int]) -> str:
        """Return the names of some columns in a line, the header as it stands where none is known.

        A name is written as it is spoken: ``fatal_accidents_85_99`` is ``fatal accidents 85
        99, 1985 to 1999``.
        """
        if not self.columns:
            return self.header
        return SEPARATOR.join(self.columns[at] if at < len(self.columns) else "" for at in columns)

    def move_past(self, block: Block) -> None:
        """Remember what matters of a block for those below it."""
        if block.kind is BlockKind.HEADING:
            self.headings = [*self.parents(block), block]
        self.bare = block.kind is BlockKind.HEADING
        self._move_past_row(block)
        if block.kind is BlockKind.CAPTION:
            self.lead_in = block.span.of(self.text)
        elif block.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTE):
            last = sentences(self.text, block.span.start, block.span.end)[-1]
            self.lead_in = last.of(self.text)
        elif block.kind is BlockKind.HEADING:
            self.lead_in = ""
        if block.kind is not BlockKind.LIST_ITEM:
            self.items.clear()

    def _move_past_row(self, block: Block) -> None:
        is_header = block.kind is BlockKind.TABLE_HEADER
        if block.kind not in _TABLE or (is_header and self._last is not BlockKind.TABLE_HEADER):
            self.columns, self.header, self.section = [], "", ""
        self._last = block.kind
        if block.kind is BlockKind.TABLE_SECTION:
            self.section = next((cell.of(self.text) for cell in block.cells if cell), "")
        elif is_header:
            self.header = block.span.of(self.text)
            names = [spoken(cell.of(self.text)) if cell else "" for cell in block.cells]
            self.columns = _stacked(self.columns, names)


def spoken(name: str) -> str:
    """Return the name of a column as people say it.

    >>> spoken("fatal_accidents_85_99"), spoken("totalRevenue"), spoken("Unit price")
    ('fatal accidents 85 99, 1985 to 1999', 'total Revenue', 'Unit price')
    """
    name = _YEARS.sub(_with_years, name)
    name = name.replace("\\|", "¦").replace("|", "¦")
    return _HUMP.sub(" ", name.replace("_", " ")).strip()


def _with_years(found: re.Match[str]) -> str:
    return f"{found[1]} {found[2]}, {_year(found[1])} to {_year(found[2])}"


def _year(digits: str) -> str:
    return f"{'19' if digits >= '30' else '20'}{digits}"


def _stacked(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return the names of columns under two rows of header."""
    width = max(len(upper), len(lower))
    both = [[*row, *[""] * (width - len(row))] for row in (upper, lower)]
    return [one if one == two else f"{one} {two}".strip() for one, two in zip(*both, strict=True)]


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)

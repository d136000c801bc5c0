"""Define where things stand in a text: spans, places in the original, and the blocks of a layout.

They are frozen. Who finds the blocks of a file is left to `qa.formats` and `qa.text`.
"""

from dataclasses import dataclass
from enum import Enum

from qa.errors import SpanError


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of code points; never empty.

    >>> Span(2, 5).of("abcdefg")
    'cde'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise SpanError(f"a span needs 0 <= start < end, not [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the slice of ``text``; raise `SpanError` where the span reaches beyond it."""
        if self.end > len(text):
            raise SpanError(f"[{self.start}, {self.end}) reaches beyond {len(text)} characters")
        return text[self.start : self.end]

    def covers(self, other: "Span") -> bool:
        """Tell whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Tell whether the two spans share a character."""
        return self.start < other.end and other.start < self.end

    def shift(self, offset: int) -> "Span":
        """Return the same range ``offset`` characters further on."""
        return Span(self.start + offset, self.end + offset)


@dataclass(frozen=True, slots=True)
class Place:
    """What a reader of the original calls a part of it: ``page 3``, ``Sheet1, row 4``.

    ``start`` is where the part begins in the extracted text; it lasts until the next one.
    """

    start: int
    label: str


class BlockKind(Enum):
    """What a block is.

    A table section is a row that names the rows below it. Boilerplate is furniture of the page,
    seen but no answer; metadata (front matter) is neither searched nor cited.
    """

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    QUOTE = "quote"
    CODE = "code"
    LIST_ITEM = "list item"
    TABLE_HEADER = "table header"
    TABLE_SECTION = "table section"
    TABLE_ROW = "table row"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    SOURCE_LINE = "source line"
    BOILERPLATE = "boilerplate"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text without its marker and surrounding blanks; blocks never overlap.

    ``level`` is a heading's depth from 1 (0: found by its looks); a list item's grows with depth.
    ``mark`` is what stands before a list item: ``3.``, ``•``. ``cells`` of a row or header are
    those of its columns in order, None where one is empty; a header over several columns stands
    in each of them.
    """

    kind: BlockKind
    span: Span
    level: int = 0
    mark: str = ""
    cells: tuple[Span | None, ...] = ()

"""Define documents, their passages, and spans of their text.

How they are read and cut is left to `qa.documents` and `qa.text`.
"""

from bisect import bisect_right
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


class PassageKind(str, Enum):
    """What a passage is in its document."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    CAPTION = "caption"
    SOURCE_LINE = "source_line"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class Place:
    """What a reader of the original calls a part of it: ``page 3``, ``Sheet1, row 4``.

    ``start`` is where the part begins in the extracted text; it lasts until the next one.
    """

    start: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read, never rewritten afterwards.

    ``id`` comes from ``source`` and ``sha256`` alone. ``source`` is the path within its folder,
    with ``/``. ``sha256`` is that of the file's bytes, ``location`` the absolute path of the file.
    ``metadata`` holds what a manifest says, as sorted pairs. ``places``, by start, lead from the
    text back to the original; a plain text has none, one extracted from another format has some.
    """

    id: str
    text: str
    title: str
    source: str
    sha256: str
    location: str
    metadata: tuple[tuple[str, str], ...] = ()
    places: tuple[Place, ...] = ()

    def place(self, offset: int) -> str:
        """Return the label of the part of the original that holds a character, or ``""``.

        >>> pages = (Place(0, "page 1"), Place(90, "page 2"))
        >>> Document("1", "...", "T", "t.pdf", "", "", places=pages).place(95)
        'page 2'
        """
        number = bisect_right(self.places, offset, key=lambda place: place.start)
        return self.places[number - 1].label if number else ""

    def get(self, field: str) -> str | None:
        """Return a field of the metadata, or None."""
        return dict(self.metadata).get(field)

    @property
    def publisher(self) -> str | None:
        """Who published it, as the manifest says."""
        return self.get("publisher")

    @property
    def date(self) -> str | None:
        """When, as ISO 8601, perhaps a year or a month alone."""
        return self.get("date")


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable piece of a document: ``document.text[span] == text``.

    ``heading``, ``lead_in`` (the line that opens a list; a table's caption) and ``header`` (a
    table's header row) stand above the passage. They help to find it; they are no part of ``text``.
    """

    document_id: str
    span: Span
    text: str
    kind: PassageKind = PassageKind.PARAGRAPH
    heading: str = ""
    lead_in: str = ""
    header: str = ""

    @property
    def context(self) -> str:
        """Heading, lead-in and header, one a line, without the empty ones."""
        return "\n".join(part for part in (self.heading, self.lead_in, self.header) if part)

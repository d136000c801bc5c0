"""Define documents, their passages, and spans of their text.

How they are read and cut is left to `qa.documents` and `qa.text`.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum

from qa.schema.blocks import Block, Place, Span


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
class Document:
    """A text as it was read, never rewritten afterwards.

    ``id`` comes from ``source`` and ``sha256`` alone. ``source`` is the path within its folder,
    with ``/``. ``sha256`` is that of the file's bytes, ``location`` the absolute path of the file.
    ``metadata`` holds what a manifest says, as sorted pairs. ``places``, by start, lead from the
    text back to the original; a plain text has none, one extracted from another format has some.
    ``blocks`` are those that the reader of the format knows of, in order; none where the layout is
    to be found by the looks of the text. An index does not keep them.
    """

    id: str
    text: str
    title: str
    source: str
    sha256: str
    location: str
    metadata: tuple[tuple[str, str], ...] = ()
    places: tuple[Place, ...] = ()
    blocks: tuple[Block, ...] = field(default=(), repr=False, compare=False)

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

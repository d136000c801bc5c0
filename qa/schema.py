"""Define the nouns that pass between the stages: documents, passages, hits, citations, answers.

They are frozen and hold no arrays. How they are made and shown is left to the other files.
"""

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from qa.blocks import Block, Place, Span

__all__ = [
    "Alternative",
    "Answer",
    "Block",
    "Candidate",
    "Citation",
    "Document",
    "Hit",
    "Passage",
    "PassageKind",
    "Place",
    "Reading",
    "Span",
]


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


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was retrieved: its fused score, rank from 1, and what each part gave."""

    passage: Passage
    score: float
    rank: int
    signals: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may answer, within ``context``: its sentence, list item or table row.

    Scores compare across the passages of one question, and with that of not answering.
    """

    hit: Hit
    span: Span
    context: Span
    score: float
    signals: tuple[tuple[str, float], ...] = ()

    @property
    def text(self) -> str:
        """The candidate's words, a slice of its passage."""
        return self.span.shift(-self.hit.passage.span.start).of(self.hit.passage.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a question: candidates, best first, and the score of no answer.

    ``confidences`` are the candidates' probabilities of being right. ``doubt`` is what speaks
    against the best one, in words, or empty.
    """

    candidates: tuple[Candidate, ...]
    confidences: tuple[float, ...]
    no_answer: float
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: ``text[span] == quote`` in the file decoded as UTF-8 without BOM.

    ``context`` is the sentence, list item or table row around the quote, verbatim, at
    ``context_span``. ``place`` is that of the quote in the original: ``page 3``, ``Sheet1, B4``, in
    a text its headings and line. ``display`` and ``display_context`` are quote and context as
    people read them, without marks, a row under the names of its columns (``header``, None where
    the context is no row). Of a file in another format than text, ``extracted`` is the text that
    was made of it, in which spans count.
    """

    document: str
    title: str
    publisher: str | None
    date: str | None
    span: Span
    quote: str
    context: str
    context_span: Span
    sha256: str
    location: str
    place: str = ""
    display: str = ""
    display_context: str = ""
    header: str | None = None
    extracted: str | None = field(default=None, repr=False, compare=False)

    @property
    def part(self) -> str:
        """The document, and the part of it that holds the quote: ``report.pdf, page 3``."""
        return ", ".join(name for name in (self.document, self.place) if name)

    def verify(self) -> bool:
        """Tell whether the file still holds this quote at this place, byte for byte the same file.

        A file that changed, vanished or cannot be read gives False, never an exception. Of a file
        in another format, the bytes are compared, and the quote with the text made of them when
        they were read.
        """
        try:
            file = Path(self.location)
            content = file.read_bytes() if file.is_file() else b""  # a pipe would be waited for
            if hashlib.sha256(content).hexdigest() != self.sha256:
                return False
            text = content.decode("utf-8-sig") if self.extracted is None else self.extracted
            return self.span.of(text) == self.quote and self.context_span.of(text) == self.context
        except (OSError, ValueError):
            return False

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON promise: start and end are code points, half-open."""
        return {
            "document": self.document,
            "title": self.title,
            "publisher": self.publisher,
            "date": self.date,
            "start": self.span.start,
            "end": self.span.end,
            "place": self.place,
            "quote": self.quote,
            "context": self.context,
            "display": self.display or self.quote,
            "display_context": self.display_context or self.context,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer than the one given, with the probability that it is right."""

    citation: Citation
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return the citation's fields and the confidence."""
        return {**self.citation.to_dict(), "confidence": self.confidence}


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A verbatim quote with its citations, or a refusal with its reason.

    ``text`` is None exactly when there is no citation; ``reason`` then says why, and ``nearest``
    holds citations of the passages that came closest. ``confidence`` is the probability that the
    best answer is right, also when it is withheld. ``hits`` are the passages that were read.
    ``read_as`` is the question as it was read, if that was misspelt or all in capitals. What is
    ``limited`` was withheld only because the user asked for more confidence.
    """

    question: str
    text: str | None
    confidence: float
    citations: tuple[Citation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    reason: str | None = None
    nearest: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    reading: Reading | None = None
    read_as: str | None = None
    limited: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON promise of ``qa ask --json``; README lists its fields."""
        return {
            "question": self.question,
            "read_as": self.read_as,
            "answer": self.text,
            "confidence": self.confidence,
            "reason": self.reason,
            "citations": [citation.to_dict() for citation in self.citations],
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
            "nearest": [citation.to_dict() for citation in self.nearest],
            "error": None,
        }

    def __repr__(self) -> str:
        if self.text is None:
            return f"Answer(None, confidence={self.confidence:.2f}, reason={self.reason!r})"
        first = self.citations[0]
        place = f"{first.document}[{first.span.start}:{first.span.end}]"
        return f"Answer({self.text!r}, confidence={self.confidence:.2f}, at {place})"

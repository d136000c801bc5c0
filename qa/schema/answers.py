"""Define what is given back: citations that can be verified, and answers with their JSON promise.

How an answer is composed and worded is left to `qa.answering`.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.schema.blocks import Span
from qa.schema.hits import Hit, Reading


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
    ``read_as`` is the question as it was read, if that was misspelt or all in capitals;
    ``unknown`` are its content words, folded, that no passage holds. What is ``limited`` was
    withheld only because the user asked for more confidence.
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
    unknown: tuple[str, ...] = ()

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

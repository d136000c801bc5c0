"""Locate texts in the documents: answers, evidence, the sentence around a location.

What a gold file says, and what it may leave out, is left to `eval.datasets.gold`.
"""

import difflib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from eval.schema import Location
from qa import Document, Passage, Span, sentences, split_passages


class LocationFinder:
    """Locate texts in the documents of one folder."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {document.source: document for document in documents}
        self._passages: dict[str, tuple[Passage, ...]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The paths of the documents."""
        return tuple(self._documents)

    def document(self, name: str) -> str:
        """Return the path of a document as it is known; ``name`` may have backslashes or ``./``.

        Raise `ValueError` naming similar paths if there is no such document.
        """
        plain = name.replace("\\", "/").removeprefix("./")
        if plain in self._documents:
            return plain
        near = difflib.get_close_matches(plain, self._documents, n=3, cutoff=0.5)
        last = PurePosixPath(plain).name
        same = [s for s in self._documents if PurePosixPath(s).name == last and s not in near]
        shown = near + same or list(self._documents)[:3]
        raise ValueError(f"the documents hold no {plain!r}; nearest: {', '.join(shown)}")

    def at(self, name: str, start: int, end: int) -> Location:
        """Return the location of a range; raise `ValueError` if it is outside the document."""
        length = len(self._documents[name].text)
        if not 0 <= start < end <= length:
            raise ValueError(f"[{start}, {end}) is no range in {name}, {length} characters long")
        return Location(name, Span(start, end))

    def stated(self, text: str, name: str, start: int) -> Location:
        """Return the location of ``text`` at ``start``; raise `ValueError` if it is not there."""
        found = self._documents[name].text[max(start, 0) :][: len(text)]
        if start < 0 or found != text:
            raise ValueError(f"{text!r} does not start at {start} of {name}: {found!r} does")
        return Location(name, Span(start, start + len(text)))

    def search(self, text: str, name: str) -> tuple[Location, ...]:
        """Return every location of ``text`` in a document."""
        return tuple(Location(name, span) for span in occurrences(text, self._documents[name].text))

    def sentence(self, location: Location) -> Location:
        """Return the sentence around a location, or all of them if it spans several."""
        document = self._documents[location.document]
        if document.source not in self._passages:
            self._passages[document.source] = split_passages(document)
        touched = [
            span
            for passage in self._passages[document.source]
            if passage.span.overlaps(location.span)
            for span in sentences(document.text, passage.span.start, passage.span.end)
            if span.overlaps(location.span)
        ]
        if not touched:
            return location
        start, end = min(span.start for span in touched), max(span.end for span in touched)
        return Location(location.document, Span(start, end))


def occurrences(needle: str, text: str) -> list[Span]:
    """Return where ``needle`` stands in ``text``; any white space matches any other.

    Matches inside a longer word or number count only if there are no others.

    >>> occurrences("30", "2030: 30 of\\n30")
    [Span(start=6, end=8), Span(start=12, end=14)]
    """
    pattern = r"\s+".join(re.escape(word) for word in needle.split())
    found = [Span(*match.span()) for match in re.finditer(pattern, text)] if pattern else []
    return [span for span in found if not _cuts_a_word(span, text)] or found


def _cuts_a_word(span: Span, text: str) -> bool:
    borders = (border for border in (span.start, span.end) if 0 < border < len(text))
    return any(_in_word(text[border - 1]) and _in_word(text[border]) for border in borders)


def _in_word(character: str) -> bool:
    """Tell whether it is a letter or digit of a script that puts spaces between words."""
    return character.isalnum() and not "\u3040" <= character <= "\u9fff"

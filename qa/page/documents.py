"""Show documents: the lists of them, and one of them whole with its quote marked.

Which documents a visitor has is left to `qa.page.library`. The HTML is in ``document.html``,
``own.html`` and ``rows.html``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.page.library import as_size
from qa.page.markup import Link, Marked, marked, render
from qa.page.settings import Limits
from qa.page.visits import Visit
from qa.schema import Document, Span

_MOST_LISTED = 200  # shared documents that are listed by name
_LONG, _BLOCK = 100_000, 4_000  # characters: a longer text goes in blocks of about so many


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A whole document; ``part`` names the page or heading that holds the marked quote.

    A long text is in several blocks, which a browser lays out when they come into view.
    """

    link: Link
    part: str
    blocks: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a list; ``id``, ``passages`` and ``size`` belong to a visitor's own."""

    link: Link
    id: str = ""
    passages: int = 0
    size: str = ""


@dataclass(frozen=True, slots=True)
class SharedView:
    """The shared documents: how many there are, the first of them, and how many more."""

    count: int
    rows: tuple[Row, ...]
    more: int


def render_document(document: Document, quote: Span | None, sentence: Span | None) -> str:
    """Return a whole document as HTML; the first ``mark`` in it is the quote."""
    view = DocumentView(
        link=Link.to_document(document, quote),
        part="" if quote is None else document.place(quote.start),
        blocks=_blocks(document.text, quote, sentence),
    )
    return render("document.html", view=view)


def _blocks(text: str, quote: Span | None, sentence: Span | None) -> tuple[Marked, ...]:
    """Return a text, cut at ends of lines if it is long."""
    if len(text) <= _LONG:
        return (marked(text, 0, sentence, quote),)
    spans = [span for span in (quote, sentence) if span is not None]
    ends = [0, *_cuts(text, spans), len(text)]
    return tuple(marked(text[start:end], start, sentence, quote) for start, end in pairwise(ends))


def _cuts(text: str, spans: Sequence[Span]) -> Iterator[int]:
    """Yield ends of lines, some thousand characters apart, none inside one of ``spans``."""
    at = 0
    while (found := text.find("\n", at + _BLOCK)) >= 0 and found + 1 < len(text):
        at = found + 1
        if any(span.start < at < span.end for span in spans):
            at = max(span.end for span in spans) - _BLOCK
        else:
            yield at


def shared_documents(documents: Sequence[Document]) -> SharedView:
    """Return the list of the documents that every visitor may ask."""
    rows = tuple(Row(Link.to_document(one)) for one in documents[:_MOST_LISTED])
    return SharedView(len(documents), rows, len(documents) - len(rows))


def render_own(visit: Visit) -> str:
    """Return the HTML list of a visitor's own documents, each with a button that removes it."""
    rows = [
        Row(Link.to_document(document), key, len(passages), as_size(visit.sizes[key]))
        for key, (document, passages) in list(visit.documents.items())
    ]
    return render("own.html", rows=rows)


def limits_in_words(limits: Limits) -> str:
    """Say how much a visitor may add, and when it is deleted."""
    minutes = limits.idle_seconds / 60
    return (
        f"PDF, DOCX, HTML, XLSX, CSV, EML, text and Markdown, up to {limits.files} files, "
        f"{as_size(limits.file_bytes)} each, {as_size(limits.total_bytes)} in all. They stay "
        f"in the memory of the computer that runs this page, only you can ask them, and they are "
        f"deleted when you close the page, or after {minutes:g} minutes without use."
    )

"""Show the documents: the list of them, and one of them whole with its quote marked.

What is in the list is `qa.page.library`'s affair.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from qa.page.library import as_size
from qa.page.markup import about, button, escape, marked, opener
from qa.page.settings import Limits
from qa.page.visits import Visit
from qa.schema import Document, Span

_LISTED = 200  # shared documents that are listed by name
_WHOLE, _BLOCK = 100_000, 4_000  # characters: longer texts go in blocks of about so many


def render_document(document: Document, quote: Span | None, sentence: Span | None) -> str:
    """Return a whole document as HTML; the first ``mark`` in it is the quote."""
    text = _in_blocks(document.text, quote, sentence)
    place = ""
    if quote is not None:
        part = document.place(quote.start)
        place = f" · <bdi>{escape(part)}</bdi>" if part else ""
        place += f" · characters {quote.start}–{quote.end} marked"
    return (
        f'<header><h2 id="reading-title"><bdi>{escape(document.title)}</bdi></h2>'
        f"<p>{about(document.publisher, document.date)}</p>"
        f'<p class="place"><bdi>{escape(document.source)}</bdi>{place}</p></header>'
        f'<div class="text" dir="auto" tabindex="0" role="region" aria-label="Document text">'
        f"{text}</div>"
    )


def _in_blocks(text: str, quote: Span | None, sentence: Span | None) -> str:
    """Return a text; a long one in blocks of lines, which a browser lays out when they show."""
    if len(text) <= _WHOLE:
        return marked(text, 0, sentence, quote)
    cuts = [0, *_cuts(text, [span for span in (quote, sentence) if span is not None]), len(text)]
    return "".join(
        f'<div class="block">{marked(text[start:end], start, sentence, quote)}</div>'
        for start, end in pairwise(cuts)
    )


def _cuts(text: str, kept: Sequence[Span]) -> Iterator[int]:
    """Yield ends of lines, some thousand characters apart, none inside a span of ``kept``."""
    at = 0
    while (found := text.find("\n", at + _BLOCK)) >= 0 and found + 1 < len(text):
        at = found + 1
        if any(span.start < at < span.end for span in kept):
            at = max(span.end for span in kept) - _BLOCK
        else:
            yield at


def render_shared(documents: Sequence[Document]) -> str:
    """Return the list of the documents that every visitor may ask."""
    rows = "".join(_row(one, "") for one in documents[:_LISTED])
    rest = len(documents) - _LISTED
    more = f'<li class="about">and {rest} more</li>' if rest > 0 else ""
    return f'<ul class="documents">{rows}{more}</ul>'


def render_own(visit: Visit) -> str:
    """Return the list of a visitor's own documents, each with a button that removes it."""
    if not visit.documents:
        return '<p class="empty">None yet.</p>'
    rows = ""
    for key, (document, passages) in list(visit.documents.items()):
        count = f"{len(passages)} passage{'' if len(passages) == 1 else 's'}"
        remove = (
            f'<button type="button" class="quiet" data-act="remove" data-id="{key}" '
            f'aria-label="Remove {escape(document.source)}">Remove</button>'
        )
        name = f"<bdi>{escape(document.source)}</bdi>"
        note = f'<span class="about">{name} · {count} · {as_size(visit.sizes[key])}</span>'
        rows += _row(document, note + remove)
    total = f"<p>{button('Remove all', 'remove', id='')}</p>" if len(visit.documents) > 1 else ""
    return f'<ul class="documents own">{rows}</ul>{total}'


def render_limits(limits: Limits) -> str:
    """Say how much a visitor may add, and when it is deleted."""
    minutes = limits.idle_seconds / 60
    return (
        f"PDF, DOCX, HTML, XLSX, CSV, EML, text and Markdown, up to {limits.files} files, "
        f"{as_size(limits.file_bytes)} each, {as_size(limits.total_bytes)} in all. They stay "
        f"in the memory of the computer that runs this page, only you can ask them, and they are "
        f"deleted when you close the page, or after {minutes:g} minutes without use."
    )


def _row(document: Document, rest: str) -> str:
    details = rest or about(document.publisher, document.date)
    tick = (
        f'<input type="checkbox" name="qa-only" value="{escape(document.source)}" '
        f'aria-label="Ask only {escape(document.title)}" title="Ask only this document">'
    )
    return (
        f"<li>{tick}{opener(document.title, document.source, document.sha256)}"
        f'<span class="row">{details}</span></li>'
    )

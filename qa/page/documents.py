"""Show the documents: the list of them, and one of them whole with its quote marked.

What is in the list is `qa.page.library`'s affair.
"""

from collections.abc import Sequence

from qa.page.library import megabytes
from qa.page.markup import about, button, escape, marked, opener
from qa.page.settings import Limits
from qa.page.visits import Visit
from qa.schema import Document, Span

_LISTED = 200  # shared documents that are listed by name


def render_document(document: Document, quote: Span | None, sentence: Span | None) -> str:
    """Return a whole document as HTML; the first ``mark`` in it is the quote."""
    text = marked(document.text, 0, sentence, quote)
    place = "" if quote is None else f" · characters {quote.start}–{quote.end} marked"
    return (
        f'<header><h2 id="reading-title"><bdi>{escape(document.title)}</bdi></h2>'
        f"<p>{about(document.publisher, document.date)}</p>"
        f'<p class="place"><bdi>{escape(document.source)}</bdi>{place}</p></header>'
        f'<div class="text" dir="auto" tabindex="0" role="region" aria-label="Document text">'
        f"{text}</div>"
    )


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
        note = f'<span class="about">{count} · {megabytes(visit.sizes[key])}</span>'
        rows += _row(document, note + remove)
    total = button("Remove all", "remove", id="")
    return f'<ul class="documents own">{rows}</ul><p class="all">{total}</p>'


def render_limits(limits: Limits) -> str:
    """Say how much a visitor may add, and when it is deleted."""
    minutes = limits.idle_seconds / 60
    return (
        f"Text and Markdown (.txt, .md), up to {limits.files} files, "
        f"{megabytes(limits.file_bytes)} each, {megabytes(limits.total_bytes)} in all. They stay "
        f"in the memory of the computer that runs this page, only you can ask them, and they are "
        f"deleted when you close the page, or after {minutes:g} minutes without use."
    )


def _row(document: Document, rest: str) -> str:
    details = rest or about(document.publisher, document.date)
    return (
        f"<li>{opener(document.title, document.source, document.sha256)}"
        f'<span class="row">{details}</span></li>'
    )

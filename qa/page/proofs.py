"""Show the proof of an answer: its paragraph, the quote marked, the document, the exact place.

Which quotes prove an answer is decided elsewhere.
"""

from qa.page.markup import about, button, escape, listed, marked, open_citation
from qa.page.visits import Entry
from qa.schema import Citation, Document, Hit


def proof(citation: Citation, entry: Entry, *, whole: bool) -> str:
    """Return the sentence around a quote, or its ``whole`` paragraph, with the quote marked."""
    hit = _hit_of(citation, entry.answer.hits, entry.documents) if whole else None
    text, start = citation.context, citation.context_span.start
    above = ""
    if hit is not None:
        text, start = hit.passage.text, hit.passage.span.start
        above = hit.passage.header or hit.passage.heading
    shown = marked(text, start, citation.context_span, citation.span)
    heading = f'<span class="above"><bdi>{escape(above)}</bdi></span>' if above else ""
    return (
        f'<figure class="proof"><blockquote dir="auto">{heading}<span{listed(text)}>{shown}</span>'
        "</blockquote>"
        f"{_caption(citation, _checked(citation, entry.documents))}</figure>"
    )


def _checked(citation: Citation, documents: dict[str, Document]) -> str:
    """Say whether the quote stands in the file as it is now, or in what a visitor added."""
    if citation.location:
        right = citation.verify()
    else:
        right = any(
            document.sha256 == citation.sha256
            and document.text[citation.span.start : citation.span.end] == citation.quote
            for document in documents.values()
        )
    if right:
        return '<span class="checked">✓ checked: the file holds these words here</span>'
    return '<span class="changed">the file has changed since it was read: check it</span>'


def _caption(citation: Citation, checked: str = "") -> str:
    place = f"{citation.part}, characters {citation.span.start}–{citation.span.end}"
    copied = cite_in_words(citation)
    return (
        f"<figcaption>{open_citation(citation)}{about(citation.publisher, citation.date)}"
        f'<span class="place"><bdi>{escape(place)}</bdi></span>{checked}'
        f"{button('Copy citation', 'copy', text=copied)}</figcaption>"
    )


def cite_in_words(citation: Citation) -> str:
    """Return a citation as it may be pasted into a text.

    The quote comes first, then the title, the publisher, the date, and the exact place.
    """
    known = (citation.title, citation.publisher, citation.date)
    said = ", ".join(part for part in known if part)
    place = f"{citation.part}, characters {citation.span.start}–{citation.span.end}"
    return f"“{citation.quote}” — {said} ({place})"


def near(citation: Citation) -> str:
    """Return a passage that came close, though nothing in it answers."""
    return (
        f'<figure class="proof near"><blockquote dir="auto"><span{listed(citation.quote)}>'
        f"{escape(citation.quote)}</span></blockquote>"
        f"{_caption(citation)}</figure>"
    )


def _hit_of(
    citation: Citation, hits: tuple[Hit, ...], documents: dict[str, Document]
) -> Hit | None:
    """Return the hit whose passage holds the quote."""
    for hit in hits:
        document = documents[hit.passage.document_id]
        same = document.source == citation.document and document.sha256 == citation.sha256
        if same and hit.passage.span.covers(citation.span):
            return hit
    return None

"""Prepare what an answer rests on: its quotes in their passages, and every passage that was read.

Which quotes prove an answer, and how passages were found, is decided elsewhere. The HTML is in
``proof.html`` and ``sources.html``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from qa.page.markup import Link, Marked, Run, is_list, marked, with_words, words_in
from qa.page.visits import Entry
from qa.schema import Citation, Document, Hit
from qa.text import content_stems

_PREVIEW = 110  # characters of a passage that its closed row shows
_MOST_WORDS = 6  # shared words that are named
_SIGNALS = {
    "bm25": ("words (BM25)", "how rare and how frequent the shared words are"),
    "dense": ("meaning (cosine)", "how near question and passage are as vectors, at most 1"),
    "words": ("nearest words", "how near each word of the question comes to one here, at most 1"),
    "pairs": ("pairs of words", "share of the question's pairs of words that stand here"),
    "bm25_share": ("share of words", "what the words add to the score"),
    "dense_share": ("share of meaning", "what the meaning adds to the score"),
    "words_share": ("share of nearness", "what the nearest words add to the score"),
    "pairs_share": ("share of pairs", "what the pairs of words add to the score"),
    "spread": ("spread", "how far the eighth passage's score lies below the best one's"),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A quote in the text around it, and where it stands.

    ``verified`` says whether the file still holds the quote there, None that this was not checked.
    ``copied`` is the citation as plain text.
    """

    text: Marked
    heading: str
    is_list: bool
    link: Link
    place: str
    copied: str
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A number that ranked a passage, with its name and what it means."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was read: the start of its text, the whole, and why it was found."""

    preview: tuple[Run, ...]
    text: tuple[Run, ...]
    context: str
    link: Link
    why: str
    signals: tuple[Signal, ...]


def proof(citation: Citation, entry: Entry, *, whole: bool) -> Proof:
    """Show a quote in its sentence or, with ``whole``, in its passage, and verify it."""
    hit = _hit_of(citation, entry) if whole else None
    text, start, heading = citation.context, citation.context_span.start, ""
    if hit is not None:
        text, start = hit.passage.text, hit.passage.span.start
        heading = hit.passage.header or hit.passage.heading
    shown = marked(text, start, citation.context_span, citation.span)
    return _proof(citation, shown, text, heading, _verified(citation, entry.documents))


def near(citation: Citation) -> Proof:
    """Show a passage that came close, though nothing in it answers."""
    return _proof(citation, Marked(citation.quote), citation.quote)


def _proof(
    citation: Citation, shown: Marked, text: str, heading: str = "", verified: bool | None = None
) -> Proof:
    place = f"{citation.part}, characters {citation.span.start}–{citation.span.end}"
    known = (citation.title, citation.publisher, citation.date)
    said = ", ".join(part for part in known if part)
    return Proof(
        text=shown,
        heading=heading,
        is_list=is_list(text),
        link=Link.to_citation(citation),
        place=place,
        copied=f"“{citation.quote}” — {said} ({place})",
        verified=verified,
    )


def _hit_of(citation: Citation, entry: Entry) -> Hit | None:
    """Return the hit whose passage holds the quote."""
    for hit in entry.answer.hits:
        document = entry.documents[hit.passage.document_id]
        same = document.source == citation.document and document.sha256 == citation.sha256
        if same and hit.passage.span.covers(citation.span):
            return hit
    return None


def _verified(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Tell whether the quote stands in the file as it is now, or in what a visitor added."""
    if citation.location:
        return citation.verify()
    return any(
        document.sha256 == citation.sha256
        and document.text[citation.span.start : citation.span.end] == citation.quote
        for document in documents.values()
    )


def sources(entry: Entry) -> tuple[Source, ...]:
    """Return the passages that were read for an answer, best first."""
    stems = frozenset(content_stems(entry.answer.read_as or entry.answer.question))
    return tuple(
        _source(hit, entry.documents[hit.passage.document_id], stems) for hit in entry.answer.hits
    )


def _source(hit: Hit, document: Document, stems: frozenset[str]) -> Source:
    text = hit.passage.text
    preview = text if len(text) <= _PREVIEW else text[:_PREVIEW].rsplit(" ", 1)[0] + " …"
    return Source(
        preview=with_words(preview, stems),
        text=with_words(text, stems),
        context=hit.passage.context,
        link=Link.to_document(document, hit.passage.span),
        why=_why(hit, stems),
        signals=_signals(hit),
    )


def _why(hit: Hit, stems: frozenset[str]) -> str:
    """Say in words why a passage was found: the words that it shares, or its meaning."""
    inside = words_in(hit.passage.text, stems)
    above = [word for word in words_in(hit.passage.context, stems) if word not in inside]
    if not inside and not above:
        return "found by its meaning; it shares no word with the question"
    signals = dict(hit.signals)
    by_meaning, by_words = (
        sum(signals.get(f"{part}_share", 0.0) for part in parts)
        for parts in (("dense", "words"), ("bm25", "pairs"))
    )
    most = "meaning; it shares" if by_meaning > by_words else "words:"
    start = f"found most by its {most}"
    reasons = [f"{start} {_first(inside)}"] if inside else [start.rstrip(":")]
    reasons += [f"what stands above it has {_first(above)}"] if above else []
    return "; ".join(reasons)


def _first(words: list[str]) -> str:
    return ", ".join(words[:_MOST_WORDS])


def _signals(hit: Hit) -> tuple[Signal, ...]:
    rows = [Signal("rank", f"{hit.rank}", "1 is best")]
    rows.append(Signal("score", f"{hit.score:.2f}", "the fused score"))
    for key, value in hit.signals:
        name, meaning = _SIGNALS.get(key, (key, ""))
        rows.append(Signal(name, f"{value:.2f}", meaning))
    kind = hit.passage.kind.value.replace("_", " ")
    return (*rows, Signal("kind", kind, "what the passage is"))

"""Show the passages that were read for a question, and why each of them was found.

How they were found is `qa.retrieval.hybrid`'s affair; its signals are put into words here.
"""

from qa.page.markup import about, escape, opener, with_words, words_in
from qa.page.visits import Entry
from qa.schema import Hit
from qa.text import content_stems

_START = 110  # characters of a passage that its closed row shows


def render_sources(entry: Entry) -> str:
    """Return the panel of an answer's hits, one row each, closed until it is clicked."""
    hits = entry.answer.hits
    if not hits:
        return ""
    stems = frozenset(content_stems(entry.answer.read_as or entry.answer.question))
    rows = "".join(_row(hit, entry, stems) for hit in hits)
    count = f"{len(hits)} passage{'' if len(hits) == 1 else 's'}"
    return (
        f'<details class="sources"><summary>Sources: the {count} that were read, and why'
        f"</summary><ol>{rows}</ol></details>"
    )


def _row(hit: Hit, entry: Entry, stems: frozenset[str]) -> str:
    document = entry.documents[hit.passage.document_id]
    text = hit.passage.text
    start = text if len(text) <= _START else text[:_START].rsplit(" ", 1)[0] + " …"
    above = f'<p class="above">{escape(hit.passage.context)}</p>' if hit.passage.context else ""
    link = opener(document.title, document.source, document.sha256, quote=hit.passage.span)
    return (
        f'<li><details><summary><span class="start" dir="auto">{with_words(start, stems)}</span>'
        f'<span class="why"><bdi>{escape(document.title)}</bdi>'
        f"{f' · {escape(document.date)}' if document.date else ''}</span>"
        f'<span class="why">{_why(hit, stems)}</span></summary>'
        f'<div class="passage">{above}<p dir="auto">{with_words(text, stems)}</p>'
        f'<p class="from">{link}{about(document.publisher, document.date)}</p>'
        f"{_signals(hit)}</div></details></li>"
    )


def _why(hit: Hit, stems: frozenset[str]) -> str:
    """Say in words what brought a passage up: the words that it shares, or its meaning."""
    inside = words_in(hit.passage.text, stems)
    above = [word for word in words_in(hit.passage.context, stems) if word not in inside]
    signals = dict(hit.signals)
    if not inside and not above:
        return "found by its meaning; it shares no word with the question"
    meant, shared = (
        sum(signals.get(f"{part}_share", 0.0) for part in parts)
        for parts in (("dense", "words"), ("bm25", "pairs"))
    )
    by_meaning = meant > shared
    start = "found most by its meaning; it shares" if by_meaning else "found most by its words:"
    parts = [f"{start} {_listed(inside)}"] if inside else [start.rstrip(":")]
    parts += [f"what stands above it has {_listed(above)}"] if above else []
    return "; ".join(parts)


def _listed(words: list[str]) -> str:
    return ", ".join(escape(word) for word in words[:6])


_NAMES = {
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


def _signals(hit: Hit) -> str:
    rows = [("rank", f"{hit.rank}", "1 is best"), ("score", f"{hit.score:.2f}", "the fused score")]
    rows += [
        (_NAMES.get(name, (name, ""))[0], f"{value:.2f}", _NAMES.get(name, (name, ""))[1])
        for name, value in hit.signals
    ]
    rows.append(("kind", hit.passage.kind.value.replace("_", " "), "what the passage is"))
    cells = "".join(
        f'<div title="{escape(hint)}"><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>'
        for name, value, hint in rows
    )
    return f'<dl class="signals">{cells}</dl>'

"""Write the small pieces of HTML that every part of the page shares, all of it escaped.

Text of documents reaches the page through `escape` alone: whatever it holds, it shows as text.
"""

from collections.abc import Collection
from html import escape as _escape

from qa.schema import Citation, Span
from qa.text import item_lines, stem, tokenize

_KEPT = "\n\t"


def escape(text: str) -> str:
    """Return text as HTML that shows it letter by letter, also within a quoted attribute.

    Control characters show as U+FFFD, so that offsets stay what they are.

    >>> escape('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    visible = "".join(
        letter if letter >= " " or letter in _KEPT else " " if letter == "\r" else "\ufffd"
        for letter in text
    )
    return _escape(visible, quote=True)


def listed(text: str) -> str:
    """Return the class of a text whose lines are items of a list, which then stay lines.

    >>> listed("tea\\n- milk"), listed("tea and\\nmilk")
    (' class="listed"', '')
    """
    return ' class="listed"' if any(item_lines(text)) else ""


def marked(text: str, start: int, sentence: Span | None, quote: Span | None) -> str:
    """Return ``text``, which begins at offset ``start`` of its document, with the quote marked.

    >>> marked("It rose. Why?", 10, Span(10, 18), Span(13, 17))
    '<span class="sentence">It <mark>rose</mark>.</span> Why?'
    """
    end = start + len(text)
    whole = Span(start, end) if end > start else None
    if quote is None or whole is None or not whole.overlaps(quote):
        return escape(text)

    def piece(begin: int, stop: int) -> str:
        return escape(text[max(begin, start) - start : max(min(stop, end), start) - start])

    inner = f"<mark>{piece(quote.start, quote.end)}</mark>"
    if sentence is None or not sentence.covers(quote):
        return piece(start, quote.start) + inner + piece(quote.end, end)
    inside = piece(sentence.start, quote.start) + inner + piece(quote.end, sentence.end)
    return (
        f'{piece(start, sentence.start)}<span class="sentence">{inside}</span>'
        f"{piece(sentence.end, end)}"
    )


def with_words(text: str, stems: Collection[str]) -> str:
    """Return ``text`` with the words in bold whose stem is one of ``stems``."""
    parts, done = [], 0
    for token in tokenize(text):
        if stem(token.folded) in stems:
            start, end = token.span.start, token.span.end
            parts += [escape(text[done:start]), f"<b>{escape(text[start:end])}</b>"]
            done = end
    return "".join(parts) + escape(text[done:])


def words_in(text: str, stems: Collection[str]) -> list[str]:
    """Return the words of ``text`` whose stem is one of ``stems``, each stem once, in order.

    >>> words_in("Trade grew; trades rose", {"trade"})
    ['Trade']
    """
    found: dict[str, str] = {}
    for token in tokenize(text):
        stemmed = stem(token.folded)
        if stemmed in stems:
            found.setdefault(stemmed, token.span.of(text))
    return list(found.values())


def opener(
    label: str,
    document: str,
    sha256: str,
    *,
    quote: Span | None = None,
    sentence: Span | None = None,
) -> str:
    """Return a button that opens a document, scrolled to the quote if there is one."""
    places = [] if quote is None else [("start", quote.start), ("end", quote.end)]
    if sentence is not None:
        places += [("from", sentence.start), ("to", sentence.end)]
    data = "".join(f' data-{name}="{value}"' for name, value in places)
    return (
        f'<button type="button" class="link" data-act="open" '
        f'data-document="{escape(document)}" data-sha="{escape(sha256)}"{data}>'
        f"<bdi>{escape(label)}</bdi></button>"
    )


def open_citation(citation: Citation, label: str | None = None) -> str:
    """Return the button that opens a citation's document at its quote."""
    return opener(
        citation.title if label is None else label,
        citation.document,
        citation.sha256,
        quote=citation.span,
        sentence=citation.context_span,
    )


def about(publisher: str | None, date: str | None) -> str:
    """Return who published a document and when; what is not known is said to be so."""
    if not publisher and not date:
        return '<span class="about">no publisher or date given</span>'
    known = f"<bdi>{escape(publisher)}</bdi>" if publisher else "publisher not given"
    day = f"<time>{escape(date)}</time>" if date else "no date given"
    return f'<span class="about">{known} · {day}</span>'


def button(label: str, act: str, *, kind: str = "quiet", **data: str | int) -> str:
    """Return a button of the page; ``data`` becomes its data attributes."""
    rows = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    return f'<button type="button" class="{kind}" data-act="{act}"{rows}>{escape(label)}</button>'

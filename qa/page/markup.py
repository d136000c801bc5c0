"""Render the page's templates, and cut text into the pieces that they mark.

Templates escape every value, so that a document's text never becomes a tag. What a template shows
is computed in `answers`, `sources`, `documents` and `history`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from qa.schema import Citation, Document, Span
from qa.text import item_lines, stem, tokenize

# HTML cannot hold control characters. One letter replaces one, so offsets stay what they are.
_CONTROLS = {code: "\ufffd" for code in range(32) if chr(code) not in "\n\t\r"} | {ord("\r"): " "}


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in five consecutive pieces around the quote in it.

    ``opening``, ``quote`` and ``closing`` make up the sentence where ``in_sentence`` is true. A
    text without a quote is all ``before``.
    """

    before: str
    opening: str = ""
    quote: str = ""
    closing: str = ""
    after: str = ""
    in_sentence: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive characters of a text that are all bold or all plain."""

    text: str
    bold: bool


@dataclass(frozen=True, slots=True)
class Link:
    """What names a document, says who published it and when, and opens it with a quote marked."""

    title: str
    source: str
    sha256: str
    publisher: str | None
    date: str | None
    quote: Span | None = None
    sentence: Span | None = None

    @classmethod
    def to_document(cls, document: Document, quote: Span | None = None) -> "Link":
        """Return the link to a document, scrolled to ``quote`` if there is one."""
        named = document.title, document.source, document.sha256
        return cls(*named, document.publisher, document.date, quote)

    @classmethod
    def to_citation(cls, citation: Citation) -> "Link":
        """Return the link to a citation's document, scrolled to its quote."""
        named = citation.title, citation.document, citation.sha256
        spans = citation.span, citation.context_span
        return cls(*named, citation.publisher, citation.date, *spans)


def render(template: str, **values: Any) -> str:
    """Return the HTML of a file in ``templates``, filled with ``values``."""
    return _environment.get_template(template).render(values)


def bundled(folder: str, name: str) -> str:
    """Return the text of a file in ``static`` or ``templates``."""
    return (files("qa.page") / folder / name).read_text(encoding="utf-8")


def printable(value: Any) -> Any:
    r"""Replace a string's control characters with U+FFFD, a carriage return with a space.

    >>> printable("bell \x07, line\r\n")
    'bell �, line \n'
    """
    return value.translate(_CONTROLS) if isinstance(value, str) else value


def is_list(text: str) -> bool:
    r"""Tell whether lines of a text are items of a list, so that its line breaks must show.

    >>> is_list("tea\n- milk"), is_list("tea and\nmilk")
    (True, False)
    """
    return bool(item_lines(text))


def marked(text: str, start: int, sentence: Span | None, quote: Span | None) -> Marked:
    """Cut ``text``, which begins at offset ``start`` of its document, around the quote in it.

    >>> marked("Why? It rose.", 10, Span(15, 23), Span(18, 22))
    Marked(before='Why? ', opening='It ', quote='rose', closing='.', after='', in_sentence=True)
    """
    end = start + len(text)
    if quote is None or not text or not quote.overlaps(Span(start, end)):
        return Marked(text)

    def piece(begin: int, stop: int) -> str:
        return text[max(begin, start) - start : max(min(stop, end), start) - start]

    in_sentence = sentence is not None and sentence.covers(quote)
    outer = sentence if sentence is not None and in_sentence else quote
    return Marked(
        piece(start, outer.start),
        piece(outer.start, quote.start),
        piece(quote.start, quote.end),
        piece(quote.end, outer.end),
        piece(outer.end, end),
        in_sentence,
    )


def with_words(text: str, stems: Collection[str]) -> tuple[Run, ...]:
    """Cut ``text`` into runs, with the words in bold whose stem is one of ``stems``.

    >>> [run.text for run in with_words("The trade grew", {"trade"}) if run.bold]
    ['trade']
    """
    runs, done = [], 0
    for token in tokenize(text):
        if stem(token.folded) in stems:
            runs += [Run(text[done : token.span.start], False), Run(token.span.of(text), True)]
            done = token.span.end
    return (*runs, Run(text[done:], False))


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


_environment = Environment(
    loader=FunctionLoader(lambda name: bundled("templates", name)),
    autoescape=True,
    finalize=printable,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)

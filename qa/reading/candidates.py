"""Propose the spans of a sentence, list item or table row that could be an answer, by kind.

Rules over surface forms, for English with figures and names of any language. Which of them
answers a question is left to the reader.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from qa.schema import Span
from qa.text import trim


class SpanKind(str, Enum):
    """What a proposed span looks like."""

    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    NUMBER = "number"
    NAME = "name"
    QUOTE = "quote"
    CAUSE = "cause"
    PLACE = "place"
    COMPLEMENT = "complement"
    CLAUSE = "clause"
    LABEL = "label"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A span and what it looks like; of a cell, the name of its column too."""

    span: Span
    kind: SpanKind
    column: str = ""


_SCALE = r"(?:\s?(?:hundred|thousand|million|billion|trillion|bn|mn|[mbk]\b))"
_FIGURE = r"\d+(?:[.,]\d+)*"
_WORDED = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundreds?|thousands?|millions?|billions?|dozens?)"
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_CURRENCY = r"(?:dollars|euros?|yuan|pounds|yen|rubles|rupees|francs|tenge|RMB|USD|EUR|GBP|CNY)"
_INNER = r"(?:[^,.;:!?]|[.,:](?=\d))"  # a character that ends no clause; a stop within a number
_CAPITAL = r"(?:[A-ZÀ-ÖØ-Þ][\w’'&.-]*\w|[A-Z])"
_PATTERNS: tuple[tuple[SpanKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            SpanKind.MONEY,
            rf"(?:US\s?\$|USD|RMB|CNY|EUR|GBP|[$€£¥₹])\s?{_FIGURE}{_SCALE}?"
            rf"|{_FIGURE}{_SCALE}?\s(?:US\s|U\.S\.\s)?{_CURRENCY}\b",
        ),
        (SpanKind.PERCENT, rf"{_FIGURE}\s?(?:%|percent\b|per\scent\b|percentage\spoints)"),
        (
            SpanKind.DATE,
            rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s)?{_MONTH}(?:\s\d{{1,2}}(?:st|nd|rd|th)?)?,?\s\d{{4}}"
            rf"|{_MONTH}\s\d{{1,2}}\b|\d{{1,2}}\s{_MONTH}|(?:early|mid|late)[\s-]{_MONTH}"
            r"|\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{4}-\d{2}(?:-\d{2})?|\b(?:1\d|20)\d\d(?:s\b|[-–]\d{2,4})?\b"
            r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:last|this|next)\s(?:year|month|week)\b"
            rf"|\b{_MONTH}\b|\b\d{{1,2}}(?:st|nd|rd|th)\scentury\b",
        ),
        (
            SpanKind.NUMBER,
            rf"(?:\b(?!(?:19|20)\d\d(?![\d,.]\d)\b){_FIGURE}{_SCALE}?|\b(?i:{_WORDED})(?:[\s-](?i:{_WORDED}))*\b)"
            r"(?:[\s-](?!and\b|or\b|in\b|of\b|to\b|by\b|on\b|at\b|for\b|with\b|from\b|the\b)[a-z]+){0,2}",
        ),
        (
            SpanKind.NAME,
            rf"{_CAPITAL}(?:[\s-](?:(?:of|for|and|the|de|van|von|al|bin|on|in)\s){{0,2}}{_CAPITAL})*",
        ),
        (SpanKind.NAME, rf"{_CAPITAL}(?:[\s-]{_CAPITAL})*"),
        (SpanKind.QUOTE, r"[\"“‘'](?=\w)[^\"“”]{3,400}?[\"”’'](?!\w)"),
        (
            SpanKind.CAUSE,
            r"(?:because(?:\sof)?|due\sto|owing\sto|thanks\sto|as\sa\sresult\sof|in\sorder\sto|so\sthat|"
            r"(?<=,\s)as|aimed\sat|caused\sby|since)\s(?:[^.;!?]|\.(?=\d)){4,240}|\bto\s[a-z]+\s(?:[^.,;!?]|[.,](?=\d)){3,160}",
        ),
        (
            SpanKind.PLACE,
            rf"(?<=\bin\s){_CAPITAL}(?:[\s,-]+{_CAPITAL})*|(?<=\bat\s)(?:the\s)?{_CAPITAL}(?:[\s-]{_CAPITAL})*"
            rf"|(?<=\bfrom\s){_CAPITAL}(?:[\s-]{_CAPITAL})*|(?<=\bto\s){_CAPITAL}(?:[\s-]{_CAPITAL})*",
        ),
        (
            SpanKind.COMPLEMENT,
            rf"(?<=\bis\s|\bas\s|\bby\s){_INNER}{{2,140}}|(?<=\bare\s|\bwas\s){_INNER}{{2,140}}"
            rf"|(?<=\bwere\s|\bthat\s){_INNER}{{2,140}}|(?<=\bcalled\s){_INNER}{{2,140}}",
        ),
    )
)
_CLAUSE = re.compile(r"[^,.;:!?()—–]+(?:[.,](?=\d)[^,.;:!?()—–]+)*")
_LABEL = re.compile(r"(?P<label>[^:.!?|]{2,60}):\s+(?P<body>\S.*)", re.DOTALL)
_ARTICLE = re.compile(
    r"(?:The|A|An|In|On|At|As|By|For|From|To|Of|But|And|Or|It|Its|This|That|These|Those|He|She|They"
    r"|We|You|I|There|When|While|After|Before|Since|If|With|According)\b(?:\s+(?:the|to|a|an))?"
)
_LONGEST = 400  # characters
_PARTNERS = {"(": ")", ")": "(", "[": "]", "]": "[", "“": "”", "”": "“"}
_UNIT = 20  # characters in which a figure's unit is looked for


def propose(text: str, sentence: Span) -> list[Proposal]:
    """Return the spans of ``text[sentence]`` that could be an answer, without repeats."""
    return list(dict.fromkeys(_proposals(text, sentence)))


def looks(text: str, span: Span) -> SpanKind:
    """Return what a span of any origin looks like; a clause if like nothing in particular."""
    for kind, pattern in _PATTERNS:
        if kind is not SpanKind.COMPLEMENT and pattern.fullmatch(text, span.start, span.end):
            return kind
    return SpanKind.CLAUSE


def with_unit(text: str, span: Span) -> Span:
    """Return a figure with the currency or the sign of percent that belongs to it.

    >>> text = "It costs 4.2 million euros."
    >>> with_unit(text, Span(9, 20)).of(text)
    '4.2 million euros'
    """
    if not text[span.start].isdigit():
        return span
    for kind, pattern in _PATTERNS:
        if kind in (SpanKind.MONEY, SpanKind.PERCENT):
            for match in pattern.finditer(text, max(0, span.start - _UNIT), span.end + _UNIT):
                if match.start() <= span.start and span.end <= match.end():
                    return Span(*match.span())
    return span


def balanced(text: str, span: Span) -> Span:
    """Return a span without a bracket or quotation mark at its ends whose partner is outside it.

    >>> balanced("the bureau (GCE) said", Span(12, 16)).of("the bureau (GCE) said")
    'GCE'
    """
    start, end = span.start, span.end
    while end - start > 1 and _alone(text[start:end], text[end - 1]):
        end -= 1
    while end - start > 1 and _alone(text[start:end], text[start]):
        start += 1
    return trim(text, start, end) or span


def _alone(words: str, mark: str) -> bool:
    """Tell whether a mark has no partner among the words."""
    if mark == '"':
        return words.count(mark) % 2 == 1
    partner = _PARTNERS.get(mark)
    return partner is not None and words.count(mark) > words.count(partner)


def _proposals(text: str, sentence: Span) -> Iterator[Proposal]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text, sentence.start, sentence.end):
            yield from _clean(text, match.start(), match.end(), kind)
    for match in _CLAUSE.finditer(text, sentence.start, sentence.end):
        yield from _clean(text, match.start(), match.end(), SpanKind.CLAUSE)
    labelled = _LABEL.match(text, sentence.start, sentence.end)
    if labelled:
        yield from _clean(text, *labelled.span("label"), SpanKind.LABEL)
        yield from _clean(text, *labelled.span("body"), SpanKind.COMPLEMENT)


def _clean(text: str, start: int, end: int, kind: SpanKind) -> Iterator[Proposal]:
    """Yield a proposal without blanks, outer quotation marks and trailing stops."""
    while end > start and text[end - 1] in " \t\r\n,;:.!?\"”’'" and kind is not SpanKind.NAME:
        end -= 1
    while start < end and text[start] in " \t\r\n,;:\"“‘'":
        start += 1
    span = trim(text, start, end)
    if kind is SpanKind.NAME and span is not None:
        opening = _ARTICLE.match(text, span.start, span.end)
        span = trim(text, opening.end(), span.end) if opening else span
    if span is not None and len(span) <= _LONGEST:
        yield Proposal(span, kind)


_AND = r",?\s(?:and|or|as\swell\sas|&)\s"
_JOIN = re.compile(rf"(?:,\s[^,.;:!?\n]{{1,60}})*{_AND}(?:the\s|an?\s)?|、|和|及")
_LISTED = re.compile(rf"[^.;:!?\n]*(?:\w{_AND}\w|\w(?:、|和|及)\w)[^.;:!?\n]*")


def joined(text: str, first: Span, last: Span) -> Span | None:
    """Return the enumeration that runs from one span to another; None where there is none.

    >>> text = "links Kyrgyzstan, Uzbekistan and Kazakhstan"
    >>> joined(text, Span(6, 16), Span(33, 43)).of(text)
    'Kyrgyzstan, Uzbekistan and Kazakhstan'
    """
    if first.end <= last.start and _JOIN.fullmatch(text, first.end, last.start):
        return Span(first.start, last.end)
    return None


def enumerates(text: str, span: Span) -> bool:
    """Tell whether a span names several things: ``A, B and C``."""
    return _LISTED.fullmatch(text, span.start, span.end) is not None


_BORDER = re.compile(r"(?<!\\)\|")  # of a cell; a pipe within it is escaped


def propose_cells(text: str, row: Span, header: str) -> list[Proposal]:
    """Return the cells of a Markdown table row, each with the name of its column.

    >>> row = "| Rail | 2013 |"
    >>> [(cell.span.of(row), cell.column)
    ...  for cell in propose_cells(row, Span(0, len(row)), "| Project | Year |")]
    [('Rail', 'Project'), ('2013', 'Year')]
    """
    columns = _names(header)
    cells: list[Proposal] = []
    start = row.start + (1 if row.of(text).startswith("|") else 0)
    stop = row.end - (1 if row.of(text).endswith("|") and len(row) > 1 else 0)
    number = 0
    while start < stop:
        border = _BORDER.search(text, start, stop)
        end = border.start() if border else stop
        span = trim(text, start, end)
        if span is not None:
            name = columns[number] if number < len(columns) else ""
            cells.append(Proposal(span, SpanKind.CELL, name))
        number, start = number + 1, end + 1
    if not header and len(cells) == 2:  # a key and its value
        cells[1] = Proposal(cells[1].span, SpanKind.CELL, cells[0].span.of(text).rstrip(":"))
    return cells


def _names(header: str) -> list[str]:
    """Return the names of columns from a line of them, be it framed as in Markdown or not."""
    if header.startswith("|"):
        header = header.strip().strip("|")
    return [name.strip() for name in header.split("|")]

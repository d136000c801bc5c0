"""Find the blocks of a text: headings, paragraphs, list items, table rows, captions, page chrome.

Works on plain text and Markdown alike, by general rules of layout. What a block becomes, and what
stands above it, is left to `qa.passages`.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

from qa.chrome import is_boilerplate, is_caption, is_source_line
from qa.schema import Span
from qa.text import trim


class BlockKind(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    TABLE_HEADER = "table header"
    TABLE_ROW = "table row"
    CAPTION = "caption"
    SOURCE_LINE = "source line"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole lines, without its marker and surrounding blanks.

    ``level`` is a heading's depth from 1 (0: found by its looks) or a list item's indentation.
    """

    kind: BlockKind
    span: Span
    level: int = 0


_LINE = re.compile(r"[^\r\n\f\v\x85\u2028\u2029]+")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_ATX = re.compile(r"\s{0,3}(#{1,6})[ \t]+(?P<body>.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"\s{0,3}(=+|-{3,})\s*$")
_RULE = re.compile(r"\s*([-*_=~#+])(?:\s*\1){2,}\s*$")
_ITEM = re.compile(
    r"(?P<indent>[ \t\u3000]*)"
    r"(?:[-*+•·▪◦‣●○■□–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])[ \t]+(?=\S)"
)
_SEPARATOR = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_QUOTE = re.compile(r"(?:\s{0,3}>[ \t]?)+")
_WIDEST_WRAP = 130  # characters; longer lines are whole paragraphs, not wrapped ones
_NARROWEST_WRAP = 40
_FEWEST_WRAPPED = 3  # adjoining lines; fewer tell too little about the width
_HEADING_CHARACTERS, _HEADING_WORDS = 110, 16


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: its span with the outer blanks stripped, its indentation, the blanks above it."""

    span: Span
    text: str
    full: str
    after_blank: bool

    @property
    def content(self) -> str:
        return self.span.of(self.text)


def find_blocks(text: str) -> list[Block]:
    """Return the blocks of ``text`` in order; blocks never overlap.

    Every line that holds more than white space lies in a block, except rulers, code fences and
    the separator row of a table.
    """
    lines = _lines(text)
    width = _wrap_width(lines)
    found: list[Block] = []
    place = 0
    while place < len(lines):
        taken, new = (
            _fence(lines, place)
            or _table(lines, place)
            or _heading(lines, place)
            or _list_item(lines, place, width)
            or _paragraph(lines, place, width)
        )
        found.extend(new)
        place += taken
    return _find_plain_headings(text, found)


def _lines(text: str) -> list[_Line]:
    """Return the lines that hold more than white space."""
    lines: list[_Line] = []
    previous_end = 0
    for match in _LINE.finditer(text):
        span = trim(text, *match.span())
        if span is None:
            continue
        gap = text[previous_end : span.start]
        breaks = len(re.findall(r"\r\n|[\r\n\f\v\x85\u2028\u2029]", gap))
        lines.append(_Line(span, text, match.group(), breaks > 1 or not lines))
        previous_end = span.end
    return lines


def _wrap_width(lines: list[_Line]) -> int:
    """Return the width at which the text was wrapped by hand, 0 where lines are paragraphs.

    A text is wrapped when most of its lines have no room for the first word of the next one.
    """
    pairs = [
        (above, below)
        for above, below in pairwise(lines)
        if not (below.after_blank or _is_marked(above) or _is_marked(below))
    ]
    lengths = sorted(len(above.content) for above, _ in pairs)
    if len(lengths) < _FEWEST_WRAPPED:
        return 0
    width = lengths[min(len(lengths) - 1, int(0.98 * len(lengths)))]
    if not _NARROWEST_WRAP <= width <= _WIDEST_WRAP:
        return 0
    return width if 2 * sum(_is_full(*pair, width) for pair in pairs) >= len(pairs) else 0


def _is_full(above: _Line, below: _Line, width: int) -> bool:
    """Tell whether the first word of the line below would not have fitted on the line above."""
    return len(above.content) + 1 + len(below.content.split(maxsplit=1)[0]) > width


def _continues(above: _Line, below: _Line, width: int) -> bool:
    """Tell whether a line goes on in the next one."""
    if below.after_blank or _is_marked(below):
        return False
    if width and _is_full(above, below, width):
        return True
    open_end = above.content[-1].isalnum() or above.content[-1] in ",-–—("
    return open_end and below.content[0].islower() and len(above.content) <= _WIDEST_WRAP


def _is_marked(line: _Line) -> bool:
    """Tell whether a line opens a block of its own by its marker."""
    return bool(
        _ITEM.match(line.full)
        or _ATX.match(line.full)
        or _FENCE.match(line.full)
        or _RULE.match(line.full)
        or line.content.startswith("|")
    )


_Taken = tuple[int, list[Block]]


def _fence(lines: list[_Line], place: int) -> _Taken | None:
    """Take a fenced block of code as one paragraph, or a ruler as nothing."""
    opening = _FENCE.match(lines[place].full)
    if opening is None:
        return (1, []) if _RULE.match(lines[place].full) else None
    stop = place + 1
    while stop < len(lines) and not lines[stop].content.startswith(opening.group(1)):
        stop += 1
    inner = lines[place + 1 : stop]
    if not inner:
        return stop - place + 1, []
    return stop - place + 1, [
        Block(BlockKind.PARAGRAPH, Span(inner[0].span.start, inner[-1].span.end))
    ]


def _table(lines: list[_Line], place: int) -> _Taken | None:
    """Take a Markdown table, header first; without a separator row all rows are plain rows."""
    first = lines[place]
    if "|" not in first.content:
        return None
    following = lines[place + 1] if place + 1 < len(lines) else None
    headed = (
        following is not None
        and not following.after_blank
        and "-" in following.content
        and _SEPARATOR.match(following.content) is not None
    )
    framed = first.content.startswith("|") and first.content.endswith("|")
    if not (headed or (framed and len(first.content) > 1)):
        return None
    rows = [Block(BlockKind.TABLE_HEADER if headed else BlockKind.TABLE_ROW, first.span)]
    stop = place + (2 if headed else 1)
    while stop < len(lines) and "|" in lines[stop].content and not lines[stop].after_blank:
        if not _SEPARATOR.match(lines[stop].content):
            rows.append(Block(BlockKind.TABLE_ROW, lines[stop].span))
        stop += 1
    return stop - place, rows


def _heading(lines: list[_Line], place: int) -> _Taken | None:
    """Take a Markdown heading, ``# ...`` or underlined."""
    line = lines[place]
    atx = _ATX.match(line.full)
    if atx:
        start = line.span.start + line.content.index(atx.group(1)) + len(atx.group(1))
        body = trim(line.text, start, start + len(line.full[atx.end(1) : atx.end("body")]))
        return 1, [Block(BlockKind.HEADING, body, len(atx.group(1)))] if body else []
    below = lines[place + 1] if place + 1 < len(lines) else None
    if below and not below.after_blank and len(line.content) <= _HEADING_CHARACTERS:
        underline = _SETEXT.match(below.full)
        if underline and not _ITEM.match(line.full):
            level = 1 if underline.group(1)[0] == "=" else 2
            return 2, [Block(BlockKind.HEADING, line.span, level)]
    return None


def _list_item(lines: list[_Line], place: int, width: int) -> _Taken | None:
    """Take a list item with the lines that continue it."""
    line = lines[place]
    marker = _ITEM.match(line.full)
    if marker is None or _is_initial(lines, place):
        return None
    indent = len(marker.group("indent").expandtabs(4))
    start = line.span.start + marker.end() - len(marker.group("indent"))
    stop = place + 1
    while stop < len(lines) and _continues_item(lines[stop - 1], lines[stop], indent, width):
        stop += 1
    return stop - place, [Block(BlockKind.LIST_ITEM, Span(start, lines[stop - 1].span.end), indent)]


def _is_initial(lines: list[_Line], place: int) -> bool:
    """Tell an initial or a lone numbered heading ("A. Smith", "1. Scope") from a list's marker."""
    if not re.match(r"\s*\(?(?:\d|[a-zA-Z])", lines[place].full):
        return False
    marker = _ITEM.match(lines[place].full)
    near = lines[max(place - 1, 0) : place] + lines[place + 1 : place + 3]
    return marker is not None and not any(_ITEM.match(line.full) for line in near)


def _continues_item(above: _Line, below: _Line, indent: int, width: int) -> bool:
    """Tell whether a line belongs to the list item above it."""
    if below.after_blank or _is_marked(below):
        return False
    margin = len(below.full) - len(below.full.lstrip())
    return margin > indent or _continues(above, below, width)


def _paragraph(lines: list[_Line], place: int, width: int) -> _Taken:
    """Take a line with the lines that continue it."""
    stop = place + 1
    while stop < len(lines) and _continues(lines[stop - 1], lines[stop], width):
        stop += 1
    text = lines[place].text
    start = lines[place].span.start
    quote = _QUOTE.match(lines[place].full)
    if quote and quote.group().strip():
        start += len(quote.group().lstrip())
    span = trim(text, start, lines[stop - 1].span.end)
    if span is None:
        return stop - place, []
    return stop - place, [Block(_kind_of(span.of(text)), span)]


def _kind_of(content: str) -> BlockKind:
    """Classify a paragraph by its words: caption, source line, page chrome or prose."""
    if is_boilerplate(content):
        return BlockKind.BOILERPLATE
    if is_caption(content):
        return BlockKind.CAPTION
    return BlockKind.SOURCE_LINE if is_source_line(content) else BlockKind.PARAGRAPH


def _find_plain_headings(text: str, found: list[Block]) -> list[Block]:
    """Turn short unpunctuated lines above a body into headings; without a body, into chrome."""
    below: Block | None = None
    marked: list[Block] = []
    for block in reversed(found):
        new = block
        if block.kind is BlockKind.PARAGRAPH and _looks_like_heading(block.span.of(text)):
            if below is not None and _has_body(text, block, below):
                new = replace(block, kind=BlockKind.HEADING)
            elif below is None and len(block.span) <= 30 and len(found) > 1:
                new = replace(block, kind=BlockKind.BOILERPLATE)
        if new.kind not in (BlockKind.BOILERPLATE, BlockKind.SOURCE_LINE, BlockKind.CAPTION):
            below = new
        marked.append(new)
    return marked[::-1]


def _looks_like_heading(content: str) -> bool:
    """Tell whether a line is as short and unpunctuated as a heading."""
    return (
        len(content) <= _HEADING_CHARACTERS
        and len(content.split()) <= _HEADING_WORDS
        and "\n" not in content
        and ": " not in content
        and content[-1] not in '.!?。！？,;:，；：…|"”'
        and any(letter.isalpha() for letter in content)
    )


def _has_body(text: str, block: Block, below: Block) -> bool:
    """Tell whether what stands below is longer than a heading, or a heading, list or table."""
    return below.kind is not BlockKind.PARAGRAPH or not _looks_like_heading(below.span.of(text))

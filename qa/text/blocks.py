"""Find the blocks of a text: headings, paragraphs, list items, table rows, captions, page chrome.

Works by general rules of layout on the lines that `qa.text.lines` reads. Headings without a mark
are left to `qa.text.headings`, what a block becomes to `qa.text.passages`.
"""

import re
from dataclasses import replace

from qa.schema import Block, BlockKind, Span
from qa.text.boilerplate import is_boilerplate, is_caption, is_source_line
from qa.text.lines import (
    ATX,
    FENCE,
    HEADING_CHARACTERS,
    ITEM,
    QUOTE,
    RULE,
    SEPARATOR,
    SETEXT,
    WIKI,
    Line,
    continues,
    follows,
    is_marked,
    looks_like_heading,
    read_lines,
    wrap_width,
)
from qa.text.tokens import trim

_LIST_REACH = 8  # lines above and below, within which a list's other numbers must stand
_LONGEST_FRONT_MATTER = 40  # lines
_LABELLED = re.compile(r"[\w .-]+:(?:\s|$)|[-#]\s|\s")


def find_blocks(text: str) -> list[Block]:
    """Return the blocks of ``text`` in order, only marked headings among them; none overlap.

    Every line that holds more than white space lies in a block, except rulers, code fences and
    the separator row of a table.
    """
    lines = read_lines(text)
    width = wrap_width(lines)
    taken, found = _front_matter(lines)
    place = taken
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
    return found


_Taken = tuple[int, list[Block]]


def _front_matter(lines: list[Line]) -> _Taken:
    """Take the ``key: value`` lines between two rulers that may open a Markdown file."""
    if not lines or lines[0].full.rstrip() != "---":
        return 0, []
    for stop, line in enumerate(lines[1 : _LONGEST_FRONT_MATTER + 1], 1):
        if line.full.rstrip() == "---":
            return stop + 1, [Block(BlockKind.SOURCE_LINE, one.span) for one in lines[1:stop]]
        if not _LABELLED.match(line.full):
            break
    return 0, []


def _fence(lines: list[Line], place: int) -> _Taken | None:
    """Take a fenced block of code as one, or a ruler as nothing."""
    opening = FENCE.match(lines[place].full)
    if opening is None:
        return (1, []) if RULE.match(lines[place].full) else None
    stop = place + 1
    while stop < len(lines) and not lines[stop].content.startswith(opening.group(1)):
        stop += 1
    inner = lines[place + 1 : stop]
    if not inner:
        return stop - place + 1, []
    return stop - place + 1, [Block(BlockKind.CODE, Span(inner[0].span.start, inner[-1].span.end))]


def _table(lines: list[Line], place: int) -> _Taken | None:
    """Take a Markdown table, header first; without a separator row all rows are plain rows."""
    first = lines[place]
    if "|" not in first.content:
        return None
    following = lines[place + 1] if place + 1 < len(lines) else None
    headed = (
        following is not None
        and not following.after_blank
        and "-" in following.content
        and SEPARATOR.match(following.content) is not None
    )
    framed = first.content.startswith("|") and first.content.endswith("|")
    if not (headed or (framed and len(first.content) > 1)):
        return None
    rows = [Block(BlockKind.TABLE_HEADER if headed else BlockKind.TABLE_ROW, first.span)]
    stop = place + (2 if headed else 1)
    while stop < len(lines) and "|" in lines[stop].content and not lines[stop].after_blank:
        if not SEPARATOR.match(lines[stop].content):
            rows.append(Block(BlockKind.TABLE_ROW, lines[stop].span))
        stop += 1
    return stop - place, rows


def _heading(lines: list[Line], place: int) -> _Taken | None:
    """Take a heading: ``# ...``, ``== ... ==`` or underlined."""
    line = lines[place]
    atx = ATX.match(line.full) or WIKI.match(line.full)
    if atx:
        start = line.span.start + line.content.index(atx.group(1)) + len(atx.group(1))
        body = trim(line.text, start, start + len(line.full[atx.end(1) : atx.end("body")]))
        return 1, [Block(BlockKind.HEADING, body, len(atx.group(1)))] if body else []
    below = lines[place + 1] if place + 1 < len(lines) else None
    if below and not below.after_blank and len(line.content) <= HEADING_CHARACTERS:
        underline = SETEXT.match(below.full)
        marker = ITEM.match(line.full)
        bulleted = marker is not None and not marker["number"]
        if underline and not bulleted and line.content[-1] not in ".,;":
            level = 1 if underline.group(1)[0] == "=" else 2
            return 2, [Block(BlockKind.HEADING, line.span, level)]
    return None


def _list_item(lines: list[Line], place: int, width: int) -> _Taken | None:
    """Take a list item with the lines that continue it."""
    line = lines[place]
    marker = ITEM.match(line.full)
    if marker is None or not _opens_item(lines, place, width):
        return None
    start = line.span.start + marker.end() - len(marker["indent"])
    column = len(line.full[: marker.end()].expandtabs(4))
    stop = place + 1
    while stop < len(lines) and _continues_item(lines, stop, line.margin, column, width):
        stop += 1
    span = Span(start, lines[stop - 1].span.end)
    return stop - place, [Block(BlockKind.LIST_ITEM, span, 4 * line.margin + _rank(marker))]


def _rank(marker: re.Match[str]) -> int:
    """Return how deep a marker stands among those of one margin: 1. above (a) above (i) above -."""
    number = marker["number"]
    if not number:
        return 3
    if number.isdigit():
        return 0
    return 2 if set(number) <= set("ivx") else 1


def _opens_item(lines: list[Line], place: int, width: int) -> bool:
    """Tell a list's marker from an initial ("A. Smith") and a numbered heading ("1. Scope").

    A numbered item has a neighbour in its list; a numbered heading looks like one, does not
    follow an item, and stands above something else than the next item.
    """
    line = lines[place]
    marker = ITEM.match(line.full)
    if marker is None or not marker["number"]:
        return True
    above = lines[max(place - _LIST_REACH, 0) : place]
    below = lines[place + 1 : place + 1 + _LIST_REACH]
    if not any(follows(one, line) for one in above) and not any(
        follows(line, one) for one in below
    ):
        return False
    if not looks_like_heading(line.content) or (above and follows(above[-1], line)):
        return True
    return not below or (
        follows(line, below[0]) or _is_nested(line, below[0]) or continues(line, below[0], width)
    )


def _is_nested(line: Line, below: Line) -> bool:
    return below.margin > line.margin and (is_marked(below) or not below.after_blank)


def _continues_item(lines: list[Line], place: int, margin: int, column: int, width: int) -> bool:
    """Tell whether a line belongs to the item above it, whose text starts at ``column``."""
    above, below = lines[place - 1], lines[place]
    if is_marked(below):
        return False
    if below.after_blank:
        return below.margin >= column
    return below.margin > margin or continues(above, below, width)


def _paragraph(lines: list[Line], place: int, width: int) -> _Taken:
    """Take a line with the lines that continue it."""
    stop = place + 1
    while stop < len(lines) and continues(lines[stop - 1], lines[stop], width):
        stop += 1
    text = lines[place].text
    start = lines[place].span.start
    quote = QUOTE.match(lines[place].full)
    if quote and quote.group().strip():
        start += len(quote.group().lstrip())
    span = trim(text, start, lines[stop - 1].span.end)
    if span is None:
        return stop - place, []
    return stop - place, [Block(_kind_of(span.of(text)), span)]


def classified(text: str, block: Block) -> Block:
    """Return a block; a paragraph as what its words say that it is."""
    if block.kind is not BlockKind.PARAGRAPH:
        return block
    return replace(block, kind=_kind_of(block.span.of(text)))


def _kind_of(content: str) -> BlockKind:
    """Classify a paragraph by its words: caption, source line, page chrome or prose."""
    if is_boilerplate(content):
        return BlockKind.BOILERPLATE
    if is_caption(content):
        return BlockKind.CAPTION
    return BlockKind.SOURCE_LINE if is_source_line(content) else BlockKind.PARAGRAPH

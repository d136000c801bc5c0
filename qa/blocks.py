"""Find the blocks of a text: headings, paragraphs, list items, table rows, captions, page chrome.

Works by general rules of layout on the lines that `qa.lines` reads. What a block becomes, and what
stands above it, is left to `qa.passages`.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from qa.chrome import is_boilerplate, is_caption, is_source_line
from qa.lines import (
    ATX,
    FENCE,
    ITEM,
    QUOTE,
    RULE,
    SEPARATOR,
    SETEXT,
    Line,
    continues,
    follows,
    is_marked,
    read_lines,
    wrap_width,
)
from qa.schema import Span
from qa.text import trim


class BlockKind(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CODE = "code"
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


_HEADING_CHARACTERS, _HEADING_WORDS = 110, 16
_QUESTION_CHARACTERS = 160
_LIST_REACH = 8  # lines above and below, within which a list's other numbers must stand
_LONGEST_FRONT_MATTER = 40  # lines
_LABELLED = re.compile(r"[\w .-]+:(?:\s|$)|[-#]\s|\s")
_QUESTION = re.compile(r"(?:[^\W\d_]{1,8}\s?\d{0,3}\s?[:.)]\s*)?[^\W\d_].*[?？]$")


def find_blocks(text: str) -> list[Block]:
    """Return the blocks of ``text`` in order; blocks never overlap.

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
    return _find_plain_headings(text, _find_questions(text, found))


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
    """Take a Markdown heading, ``# ...`` or underlined."""
    line = lines[place]
    atx = ATX.match(line.full)
    if atx:
        start = line.span.start + line.content.index(atx.group(1)) + len(atx.group(1))
        body = trim(line.text, start, start + len(line.full[atx.end(1) : atx.end("body")]))
        return 1, [Block(BlockKind.HEADING, body, len(atx.group(1)))] if body else []
    below = lines[place + 1] if place + 1 < len(lines) else None
    if below and not below.after_blank and len(line.content) <= _HEADING_CHARACTERS:
        underline = SETEXT.match(below.full)
        if underline and not ITEM.match(line.full):
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
    return stop - place, [Block(BlockKind.LIST_ITEM, span, line.margin)]


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
    if not any(follows(one, line) for one in above) and not any(follows(line, one) for one in below):
        return False
    if not _looks_like_heading(line.content) or (above and follows(above[-1], line)):
        return True
    return not below or (
        follows(line, below[0])
        or below[0].margin > line.margin
        or continues(line, below[0], width)
    )


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


def _kind_of(content: str) -> BlockKind:
    """Classify a paragraph by its words: caption, source line, page chrome or prose."""
    if is_boilerplate(content):
        return BlockKind.BOILERPLATE
    if is_caption(content):
        return BlockKind.CAPTION
    return BlockKind.SOURCE_LINE if is_source_line(content) else BlockKind.PARAGRAPH


def _find_questions(text: str, found: list[Block]) -> list[Block]:
    """Turn the questions of a list of questions and answers into headings of their answers."""
    places = [
        place
        for place, (block, below) in enumerate(zip(found, found[1:], strict=False))
        if block.kind is BlockKind.PARAGRAPH
        and below.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
        and _is_question(block.span.of(text))
        and not _is_question(below.span.of(text))
    ]
    marked = list(found)
    if len(places) > 1:
        for place in places:
            marked[place] = replace(found[place], kind=BlockKind.HEADING)
    return marked


def _is_question(content: str) -> bool:
    """Tell whether a line is one question and nothing else."""
    return len(content) <= _QUESTION_CHARACTERS and _QUESTION.fullmatch(content) is not None


def _find_plain_headings(text: str, found: list[Block]) -> list[Block]:
    """Turn short unpunctuated lines above a body into headings, and amid page chrome into chrome."""
    below: Block | None = None
    marked: list[Block] = []
    for place in reversed(range(len(found))):
        block = found[place]
        if block.kind is BlockKind.PARAGRAPH and _looks_like_heading(block.span.of(text)):
            if below is None and _is_amid_chrome(found, place):
                block = replace(block, kind=BlockKind.BOILERPLATE)
            elif below is not None and _has_body(text, below) and not _in_run(text, found, place):
                block = replace(block, kind=BlockKind.HEADING)
        if block.kind not in (BlockKind.BOILERPLATE, BlockKind.SOURCE_LINE, BlockKind.CAPTION):
            below = block
        marked.append(block)
    return marked[::-1]


def _looks_like_heading(content: str) -> bool:
    """Tell whether a line is as short and unpunctuated as a heading.

    >>> _looks_like_heading("2. Scope of work"), _looks_like_heading("it goes on")
    (True, False)
    """
    first = next((letter for letter in content if letter.isalpha()), "")
    return (
        len(content) <= _HEADING_CHARACTERS
        and len(content.split()) <= _HEADING_WORDS
        and len(content.splitlines()) == 1
        and first != ""
        and not first.islower()
        and content[0] not in "<|[!"
        and ": " not in content
        and " | " not in content
        and "://" not in content
        and content[-1] not in ".!?。！？,;:，；：…|\"”"
    )


def _has_body(text: str, below: Block) -> bool:
    """Tell whether what stands below is longer than a heading, or a heading, list or table."""
    return below.kind is not BlockKind.PARAGRAPH or not _looks_like_heading(below.span.of(text))


def _in_run(text: str, found: list[Block], place: int) -> bool:
    """Tell whether a line stands in a run of such lines, as in an address or a poem."""
    above = [_is_run_line(text, found, place - back) for back in (1, 2)]
    below = _is_run_line(text, found, place + 1)
    joined_above = above[0] and _adjoin(text, found, place - 1)
    joined_below = below and _adjoin(text, found, place)
    further = joined_above and above[1] and _adjoin(text, found, place - 2)
    return further or (joined_above and joined_below)


def _is_run_line(text: str, found: list[Block], place: int) -> bool:
    if not 0 <= place < len(found) or found[place].kind is not BlockKind.PARAGRAPH:
        return False
    return _looks_like_heading(found[place].span.of(text))


def _adjoin(text: str, found: list[Block], place: int) -> bool:
    """Tell whether no blank line parts a block from the next one."""
    gap = text[found[place].span.end : found[place + 1].span.start]
    return len(gap.splitlines()) <= 1 or gap == "\r\n"


def _is_amid_chrome(found: list[Block], place: int) -> bool:
    """Tell whether page chrome stands above a block, and below it chrome or nothing."""
    above = found[place - 1].kind if place else None
    below = found[place + 1].kind if place + 1 < len(found) else BlockKind.BOILERPLATE
    return above is BlockKind.BOILERPLATE and below is BlockKind.BOILERPLATE

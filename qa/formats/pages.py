"""Turn the lines of printed pages into blocks: headings, paragraphs, lists, tables, footnotes.

A page says nothing of them but by where its lines stand, how tall their letters are and how they
end. Lines that stand on many pages are written once, words broken at the end of a line whole.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qa.formats.joining import joined, known_words
from qa.formats.lines import Line
from qa.text import ITEM

_OUTER = 3  # lines at the top and the bottom of a page, among which running heads may stand
_REPEATED = 3  # pages, or all of them if fewer, on which a line stands to be a running head
_FARTHEST = 30  # pages of a cover and a preface, that the number of a page may be off
_NUMBER = re.compile(r"\d{1,6}")
_LEADING = 1.35  # times the usual way from line to line, beyond which a paragraph ends
_INDENT = 0.8  # line heights that a first line stands further in
_TALLER, _SMALLER = 1.12, 0.92  # times the usual height: of a heading, of a footnote
_FULL = 0.8  # of the width of its column; a shorter line may end its paragraph
_LONGEST_HEADING = 150  # characters
_SCRAP = 25  # characters; lines as short, in small letters, in a row, are the scraps of a figure
_FEWEST_SCRAPS = 4
_NOTE = re.compile(r"(?:[\d⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|[*†‡§])[.)]?\s*(?=[^\W\d]|\")")
_CAPTION = re.compile(r"(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)|tabelle|chart|box)\s?"
                      r"\d+[.:]?\s", re.IGNORECASE)  # fmt: skip
_LEADERS = re.compile(r"(?:\.\s?){4}|…{2}")
_ENDS = tuple(".!?:;。！？：；…")
_CLOSERS = "\"'”’)]»」』）】"

_Key = tuple[str, str, int | None]


@dataclass(slots=True)
class Piece:
    """A block in the making: what it is, its lines with the numbers of their pages, from 1."""

    kind: str  # heading, paragraph, item, row, footnote, caption, scraps, furniture
    lines: list[tuple[int, Line]] = field(default_factory=list)
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Usual:
    """The height of most letters, the way from one line to the next, the heights of headings."""

    height: float
    leading: float
    headings: tuple[float, ...]


def find_pieces(pages: Sequence[Sequence[Line]]) -> tuple[list[Piece], set[str]]:
    """Return the blocks of a document in order, and the words that it holds whole."""
    bare, furniture = _without_running_heads(pages, _usual(pages))
    usual = _usual(bare)
    pieces: list[Piece] = []
    waiting: list[Piece] = []
    for number, page in enumerate(bare, 1):
        heads = [(at, Piece("furniture", [(number, line)])) for at, line in furniture[number - 1]]
        waiting += [piece for at, piece in heads if 2 * at < len(pages[number - 1])]
        for at, line in enumerate(page):
            kind = _kind(page, at, usual)
            if pieces and kind == "paragraph" and _goes_on(pieces[-1], (number, line), page, usual):
                pieces[-1].lines.append((number, line))
                continue
            pieces += waiting
            waiting = []
            above = pieces[-1] if pieces else None
            if above and kind == above.kind and _is_one(above, (number, line), usual):
                above.lines.append((number, line))
            else:
                pieces.append(Piece(kind, [(number, line)], _level(line, usual)))
        waiting += [piece for at, piece in heads if 2 * at >= len(pages[number - 1])]
    words = known_words(line.words for page in bare for line in page)
    return [*_without_scraps(pieces, usual), *waiting], words


def block_words(piece: Piece, known: set[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the words of a block, and where in them which page begins."""
    lines, turns, words = piece.lines, [], ""
    for at, (number, line) in enumerate(lines):
        if at and lines[at - 1][0] != number:
            turns.append((len(words), number))
        below = lines[at + 1][1].words if at + 1 < len(lines) else ""
        words += joined(line.words, below, known) if below else line.words
    return words, turns


def _usual(pages: Sequence[Sequence[Line]]) -> _Usual:
    heights, ways = Counter[float](), Counter[float]()
    for page in pages:
        for above, line in zip([None, *page], page, strict=False):
            heights[round(line.height, 1)] += len(line.words)
            if above and 0 < above.bottom - line.bottom < 3 * line.height:
                ways[round(above.bottom - line.bottom, 1)] += 1
    height = max(heights, key=lambda one: (heights[one], one), default=10.0)
    leading = max(ways, key=lambda one: (ways[one], one), default=1.2 * height)
    tall = sorted({one for one in heights if one > _TALLER * height}, reverse=True)
    return _Usual(height, leading, tuple(tall))


def _level(line: Line, usual: _Usual) -> int:
    """Return the level of a heading by its height among those of others; bold ones are below."""
    taller = [one for one in usual.headings if one >= line.height - 0.05]
    if not usual.headings or line.height <= _TALLER * usual.height:
        return min(len(usual.headings), 5) + 1
    return min(max(len(taller), 1), 5)


def _kind(page: Sequence[Line], at: int, usual: _Usual) -> str:
    line = page[at]
    if line.cells:
        return "row"
    if _CAPTION.match(line.words):
        return "caption"
    if _is_heading(page, at, usual):
        return "heading"
    if ITEM.match(line.words):
        return "item"
    if line.height < _SMALLER * usual.height and _NOTE.match(line.words):
        below = page[at + 1 :]
        if all(one.height < _SMALLER * usual.height for one in below):
            return "footnote"
    return "paragraph"


def _is_heading(page: Sequence[Line], at: int, usual: _Usual) -> bool:
    line = page[at]
    if len(line.words) > _LONGEST_HEADING or not any(map(str.isalpha, line.words)):
        return False
    if _LEADERS.search(line.words):
        return False
    if line.height > _TALLER * usual.height:
        return True
    if not line.is_bold or line.words[-1] in ".,;":
        return False
    below = page[at + 1] if at + 1 < len(page) else None
    return below is not None and not (below.is_bold and below.words.endswith("."))


def _is_one(above: Piece, here: tuple[int, Line], usual: _Usual) -> bool:
    """Tell whether a line of the same kind belongs to the block above: a long heading, a table."""
    number, line = here
    page, last = above.lines[-1]
    if above.kind == "row":
        return len(last.cells) == len(line.cells)
    if above.kind != "heading" or page != number:
        return False
    way = last.bottom - line.bottom
    return abs(last.height - line.height) < 0.5 and 0 < way < _LEADING * 1.2 * line.height


def _goes_on(above: Piece, here: tuple[int, Line], page: Sequence[Line], usual: _Usual) -> bool:
    """Tell whether a block goes on in a line that starts none by its looks."""
    number, line = here
    before, last = above.lines[-1]
    if above.kind in ("row", "heading", "furniture"):
        return False
    if _LEADERS.search(last.words) or not _SMALLER < line.height / last.height < 1 / _SMALLER:
        return False
    way = last.bottom - line.bottom
    apart = before != number or not way > 0 or line.left > last.right or line.right < last.left
    ended = last.words.rstrip(_CLOSERS).endswith(_ENDS)
    if apart:
        return above.kind == "paragraph" and not ended and len(last.words) > _SCRAP
    if way > _LEADING * max(usual.leading * last.height / usual.height, line.height):
        return False
    first = above.lines[0][1]
    if above.kind in ("item", "footnote"):
        return line.left >= first.left - 1
    if line.left > last.left + _INDENT * line.height and len(above.lines) > 1:
        return False
    return not (_is_short(last, page) and (ended or not line.words[0].islower()))


def _is_short(line: Line, page: Sequence[Line]) -> bool:
    """Tell whether a line ends well before those of its column around it."""
    beside = [one for one in page if one.left < line.right and one.right > line.left]
    widest = max((one.right for one in beside if not one.cells), default=line.right)
    return line.right - line.left < _FULL * (widest - line.left)


def _without_scraps(pieces: Sequence[Piece], usual: _Usual) -> Iterator[Piece]:
    """Yield pieces; short ones in a row, in small letters, are one scrap of a figure."""
    run: list[Piece] = []
    for piece in [*pieces, None]:
        if piece is not None and _is_scrap(piece, usual):
            run.append(piece)
            continue
        if len(run) >= _FEWEST_SCRAPS:
            yield Piece("scraps", [line for one in run for line in one.lines])
        else:
            yield from run
        run = []
        if piece is not None:
            yield piece


def _is_scrap(piece: Piece, usual: _Usual) -> bool:
    words = [line.words for _, line in piece.lines]
    is_small = all(line.height < _SMALLER * usual.height for _, line in piece.lines)
    is_number = all(not any(map(str.isalpha, one)) for one in words)
    short = len(piece.lines) < 3 and sum(map(len, words)) < _SCRAP
    return piece.kind in ("paragraph", "item") and short and (is_small or is_number)


def _without_running_heads(
    pages: Sequence[Sequence[Line]], usual: _Usual
) -> tuple[list[list[Line]], list[list[tuple[int, Line]]]]:
    """Return the pages without the lines at the top or the bottom of many of them; and those of
    each page that stand nowhere before, with their place in it.
    """
    keys = Counter(
        key
        for number, page in enumerate(pages, 1)
        for key in {key for at in _outer(page) for key in _keys(page[at], number, usual)}
    )
    needed = max(min(_REPEATED, len(pages)), 2)
    heads = {key for key, count in keys.items() if count >= needed}
    bare: list[list[Line]] = []
    first: list[list[tuple[int, Line]]] = []
    seen: set[_Key] = set()
    for number, page in enumerate(pages, 1):
        bare.append([])
        first.append([])
        outer = _outer(page)
        for at, line in enumerate(page):
            known = heads.intersection(_keys(line, number, usual)) if at in outer else set()
            if not known:
                bare[-1].append(line)
            elif not known & seen:
                if number == 1 and 2 * at < len(page):  # perhaps the title of the document
                    bare[-1].append(line)
                else:
                    first[-1].append((at, line))
            seen |= known
    return bare, first


def _outer(page: Sequence[Line]) -> set[int]:
    places = range(len(page))
    return {*places[:_OUTER], *places[-_OUTER:]}


def _keys(line: Line, page: int, usual: _Usual) -> Iterator[_Key]:
    """Yield what a line has in common with that of other pages: its words, or all but its number.

    The number must be about that of the page, or a row of a table, or the number of an invoice,
    would be taken for a running head; whatever stands beside it at the same height may change.
    """
    yield line.words, "", None
    for match in _NUMBER.finditer(line.words):
        before, after = line.words[: match.start()], line.words[match.end() :]
        offset = int(match.group()) - page
        if abs(offset) <= _FARTHEST or not (before or after):
            yield before, after, offset
            if not (before and after) and line.height <= _TALLER * usual.height:
                yield str(round(line.top)), "", offset

"""Read a text line by line: where a line stands, how it is marked, whether it goes on below.

Works on plain text and Markdown alike. Which lines make a block is left to `qa.text.blocks`.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from qa.schema import Span
from qa.text.tokens import trim

FENCE = re.compile(r"\s{0,3}(```|~~~)")
ATX = re.compile(r"\s{0,3}(#{1,6})[ \t]+(?P<body>.*?)(?:[ \t]+#+)?[ \t]*$")
SETEXT = re.compile(r"\s{0,3}(=+|-{3,})\s*$")
WIKI = re.compile(r"\s{0,3}(={2,6})[ \t]*(?P<body>[^=\s].*?)[ \t]*\1[ \t]*$")
RULE = re.compile(r"\s*(?:[-+|=_*~#.:·•\u2500-\u257f]\s*){2,}$")
SEPARATOR = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
QUOTE = re.compile(r"(?:\s{0,3}>[ \t]?)+")
ITEM = re.compile(
    r"(?P<indent>[ \t\u3000]*)"
    r"(?:[-*+•·▪◦‣●○■□–]|o(?=[ \t]{2})|(?P<style>\(?)(?P<number>\d{1,3}|[a-zA-Z]|[ivx]{2,5})[.)])"
    r"[ \t]+(?=\S)"
)
BREAKS = "\n\r\f\v\x85\u2028\u2029"
_ITEM_LINE = re.compile(rf"(?:\A|(?<=[{BREAKS}])){ITEM.pattern}")
_LINE = re.compile(f"[^{BREAKS}]+")
_BREAK = re.compile(f"\r\n|[{BREAKS}]")
_LABEL = re.compile(r"[^\W\d_][\w /-]{0,30}:(?:\s|$)")
_KEY_OR_TIME = re.compile(r":[*_`]*\s|^\d{1,2}[:.]\d{2}\b")
_OPEN_WORD = re.compile(
    r"\b(?:a|an|and|as|at|by|for|from|in|is|of|on|or|that|the|to|was|which|with)$", re.IGNORECASE
)
HEADING_CHARACTERS, _HEADING_WORDS = 110, 16
_WIDEST_WRAP = 130  # characters; longer lines are whole paragraphs, not wrapped ones
_NARROWEST_WRAP = 40
_FEWEST_WRAPPED = 3  # adjoining lines; fewer tell too little about the width
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its span with the outer blanks stripped, its whole text, the blanks above it."""

    span: Span
    text: str
    full: str
    after_blank: bool

    @property
    def content(self) -> str:
        """The line without its outer blanks."""
        return self.span.of(self.text)

    @property
    def margin(self) -> int:
        """The columns left of the line's first character; a tab counts as up to four."""
        return len(self.full[: len(self.full) - len(self.full.lstrip())].expandtabs(4))


def read_lines(text: str) -> list[Line]:
    """Return the lines that hold more than white space."""
    lines: list[Line] = []
    previous_end = 0
    for match in _LINE.finditer(text):
        span = trim(text, *match.span())
        if span is None:
            continue
        after_blank = not lines or parted(text, previous_end, span.start)
        lines.append(Line(span, text, match.group(), after_blank))
        previous_end = span.end
    return lines


def list_items(text: str) -> list[Span]:
    """Return the items of a list, without their markers; a line without one continues its item.

    >>> text = "We sell:\\n- tea\\n- green\\n  coffee"
    >>> [item.of(text) for item in list_items(text)]
    ['tea', 'green\\n  coffee']
    """
    markers = list(_ITEM_LINE.finditer(text))
    ends = [*(marker.start() for marker in markers[1:]), *[len(text)][: len(markers)]]
    spans = [trim(text, marker.end(), end) for marker, end in zip(markers, ends, strict=True)]
    return [span for span in spans if span is not None]


def item_lines(text: str) -> list[int]:
    """Return where the lines begin that open an item of a list.

    >>> item_lines("We sell:\\n- tea\\n- milk")
    [9, 15]
    """
    return [marker.start() for marker in _ITEM_LINE.finditer(text)]


def list_opening(text: str) -> Span | None:
    """Return what stands above the first item of a list, None where nothing does."""
    marker = _ITEM_LINE.search(text)
    return trim(text, 0, marker.start()) if marker else None


def whole_list(text: str) -> Span:
    """Return the span from the first item of a list to the last, the text if it is no list.

    >>> text = "We sell:\\n- tea\\n- milk"
    >>> whole_list(text).of(text)
    'tea\\n- milk'
    """
    items = list_items(text) or [Span(0, len(text))]
    return Span(items[0].start, items[-1].end)


def parted(text: str, end: int, start: int) -> bool:
    """Tell whether a blank line stands in ``text[end:start]``."""
    return len(_BREAK.findall(text, end, start)) > 1


def wrap_width(lines: list[Line]) -> int:
    """Return the width at which the text was wrapped by hand, 0 where lines are paragraphs.

    A text is wrapped when most of its lines have no room for the first word of the next one.
    """
    pairs = [
        (above, below)
        for above, below in pairwise(lines)
        if not (below.after_blank or is_marked(above) or is_marked(below))
    ]
    lengths = sorted(len(above.content) for above, _ in pairs)
    if len(lengths) < _FEWEST_WRAPPED:
        return 0
    width = lengths[min(len(lengths) - 1, int(0.98 * len(lengths)))]
    if not _NARROWEST_WRAP <= width <= _WIDEST_WRAP:
        return 0
    return width if 2 * sum(_is_full(*pair, width) for pair in pairs) >= len(pairs) else 0


def _is_full(above: Line, below: Line, width: int) -> bool:
    """Tell whether the first word of the line below would not have fitted on the line above."""
    return len(above.content) + 1 + len(below.content.split(maxsplit=1)[0]) > width


def continues(above: Line, below: Line, width: int) -> bool:
    """Tell whether a line goes on in the next one: the line is full, or its sentence is open."""
    if below.after_blank or is_marked(below):
        return False
    if width and _is_full(above, below, width):
        return True
    if len(above.content) > _WIDEST_WRAP:
        return False
    ending, opening = _unquoted(above.content), _unquoted(below.content)
    if not ending or not opening or _LABEL.match(opening):
        return False
    if ending[-1] == "," or _OPEN_WORD.search(ending):
        return True
    return (ending[-1].isalnum() or ending[-1] in "-–—(`*_)") and opening[0].islower()


def _unquoted(content: str) -> str:
    quote = QUOTE.match(content)
    return content[quote.end() :] if quote else content


def is_marked(line: Line) -> bool:
    """Tell whether a line opens a block of its own by its marker."""
    return bool(
        ITEM.match(line.full)
        or ATX.match(line.full)
        or WIKI.match(line.full)
        or FENCE.match(line.full)
        or RULE.match(line.full)
        or line.content.startswith("|")
    )


def follows(above: Line, below: Line) -> bool:
    """Tell whether two numbered lines could be neighbours in one list: 1. and 2., (a) and (b).

    >>> one, two, c = read_lines("1. Open it.\\n2. Pour.\\nc) Drink.")
    >>> follows(one, two), follows(two, c)
    (True, False)
    """
    first, second = ITEM.match(above.full), ITEM.match(below.full)
    if first is None or second is None or not first["number"] or not second["number"]:
        return False
    closing = [match.group().rstrip()[-1] for match in (first, second)]
    if first["style"] != second["style"] or closing[0] != closing[1]:
        return False
    return bool(_successors(first["number"]) & _values(second["number"]))


def _values(number: str) -> set[tuple[str, int]]:
    """Return what a marker may count: (i) is the first of a list, or the one after (h)."""
    if number.isdigit():
        return {("1", int(number))}
    script = "A" if number.isupper() else "a"
    values = {(script, ord(number))} if len(number) == 1 else set()
    if number in _ROMAN:
        values.add(("i", _ROMAN.index(number)))
    return values


def _successors(number: str) -> set[tuple[str, int]]:
    """Return what may come next; Markdown lists may number every item 1."""
    return {(kind, value + 1) for kind, value in _values(number)} | (
        {("1", 1)} if number == "1" else set()
    )


def looks_like_heading(content: str) -> bool:
    """Tell whether a line is as short and unpunctuated as a heading.

    >>> looks_like_heading("2. Scope of work"), looks_like_heading("it goes on")
    (True, False)
    """
    first = next((letter for letter in content if letter.isalpha()), "")
    return (
        len(content) <= HEADING_CHARACTERS
        and len(content.split()) <= _HEADING_WORDS
        and len(content.splitlines()) == 1
        and first != ""
        and not first.islower()
        and content[0] not in "<|[!"
        and not _KEY_OR_TIME.search(content)
        and " | " not in content
        and "://" not in content
        and content[-1] not in '.!?。！？,;:，；：…|"”'
    )

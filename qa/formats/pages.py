"""Turn the lines of printed pages into running text: heads dropped, lines and words joined.

A page says nothing of its paragraphs but by the length and the ends of its lines. Getting the
lines out of a file is left to `qa.formats.pdf`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from qa.formats.layout import clean, tidy
from qa.text import ITEM, is_cjk

_OUTER = 3  # lines at the top and the bottom of a page, among which running heads may stand
_REPEATED = 3  # pages, or all of them if fewer, on which a line stands to be a running head
_NUMBER = re.compile(r"\d{1,6}")
_BEFORE = re.compile(r"([^\W\d_]+)-$")
_AFTER = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_FULL = 0.65  # of the usual width; a shorter line ends its paragraph
_NARROWEST = 35  # characters of the usual width; narrower lines may be rows of a table
_FIGURES = 4  # numbers in a line that is rather a row of a table
_ENDS = tuple(".!?:;。！？：；…")
_CLOSERS = "\"'”’)]»」』）】"
_LEADERS = re.compile(r"\.\s?\.\s?\.|…")
_NUMBERED = re.compile(r"(?:\d+\.)*\d+\.?\s+[^\W\d_]")

_Key = tuple[str, str, int | None]
_Page = list[str]


def tidy_pages(pages: Sequence[str]) -> list[str]:
    """Return the text of each page; one after the other, they are the text of the document.

    >>> tidy_pages(["The declara-\\ntion of a well-\\nknown man.\\nIt", "is a declaration."])
    ['The declaration of a well-known man.\\nIt\\n', 'is a declaration.']
    """
    bare = _without_running_heads([_lines(page) for page in pages])
    whole = {word.casefold() for page in bare for line in page for word in _WORD.findall(line)}
    width = _usual_width(bare)
    texts = [""] * len(bare)
    flat = [(number, line) for number, page in enumerate(bare) for line in page]
    for place, (number, line) in enumerate(flat):
        below = flat[place + 1][1] if place + 1 < len(flat) else ""
        texts[number] += _followed(line, below, width, whole) if below else line
    return [clean(text) for text in texts]


def _lines(page: str) -> _Page:
    return [line.strip() for line in page.splitlines() if line.strip()]


def _usual_width(pages: Sequence[_Page]) -> int:
    """Return the length that a tenth of the lines exceeds."""
    lengths = sorted(len(line) for page in pages for line in page)
    return lengths[9 * len(lengths) // 10] if lengths else 0


def _followed(line: str, below: str, width: int, whole: set[str]) -> str:
    """Return a line with what stands between it and the line below: nothing, a blank or a break.

    The hyphen at its end goes where the word stands whole elsewhere, and never with that hyphen.
    """
    if line.endswith("\u00ad"):
        return line
    before, after = _BEFORE.search(line), _AFTER.match(below)
    if before and after:
        first, second = before.group(1), after.group()
        joined, parted = (first + second).casefold(), f"{first}-{second}".casefold()
        return line[:-1] if joined in whole and parted not in whole else line
    if not _goes_on(line, below, width):
        return f"{line}\n"
    return line if is_cjk(line[-1]) and is_cjk(below[0]) else f"{line} "


def _goes_on(line: str, below: str, width: int) -> bool:
    """Tell whether the sentence of a line goes on in the line below."""
    if width < _NARROWEST or len(line) < _FULL * width:
        return False
    if line.rstrip(_CLOSERS).endswith(_ENDS) or ITEM.match(below) or _LEADERS.search(line):
        return False
    if below[0].islower():
        return True
    return len(_NUMBER.findall(line)) < _FIGURES and not _NUMBERED.match(line)


def _without_running_heads(pages: Sequence[_Page]) -> list[_Page]:
    """Return the pages without the lines that stand at the top or the bottom of many of them.

    Above the first page they stay, for one may be the title of the document.
    """
    keys = Counter(
        key
        for number, page in enumerate(pages)
        for key in {key for place in _outer(page) for key in _keys(page[place], number)}
    )
    needed = max(min(_REPEATED, len(pages)), 2)
    heads = {key for key, count in keys.items() if count >= needed}
    return [
        [
            line
            for place, line in enumerate(page)
            if place not in _outer(page)
            or (number == 0 and place < _OUTER)
            or heads.isdisjoint(_keys(line, number))
        ]
        for number, page in enumerate(pages)
    ]


def _outer(page: _Page) -> set[int]:
    places = range(len(page))
    return {*places[:_OUTER], *places[-_OUTER:]}


def _keys(line: str, page: int) -> Iterator[_Key]:
    """Yield what a line has in common with that of other pages: its words, or all but its number.

    The number must grow with the pages, or a row of a table would be taken for a running head.
    """
    words = tidy(line)
    yield words, "", None
    for match in _NUMBER.finditer(words):
        yield words[: match.start()], words[match.end() :], int(match.group()) - page

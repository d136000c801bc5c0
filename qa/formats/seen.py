"""Tell what a browser shows of a page: which elements are hidden, what a superscript says.

Walking through the page is left to `qa.formats.html`.
"""

import re

_UNSEEN = frozenset(
    "script style template noscript svg math iframe object select button nav".split()
)
_CONTENT = frozenset("body main article h1 table".split())  # ends what is unseen: it was not closed
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED_BY = {  # elements that end where another one of these begins
    "p": frozenset("p div ul ol table h1 h2 h3 h4 h5 h6 section article pre blockquote".split()),
    "li": frozenset(["li"]),
    "td": frozenset(["td", "th", "tr"]),
    "th": frozenset(["td", "th", "tr"]),
    "tr": frozenset(["tr"]),
    "dt": frozenset(["dt", "dd"]),
    "dd": frozenset(["dt", "dd"]),
}
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_POWERS = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_POWER = re.compile(r"[+−-]?\d{1,3}|n")
_UNIT = re.compile(r"(?:^|[\W\d_])[^\W\d_]{1,2}$")  # or a variable: m, km, x, mc
_BASE = re.compile(r"(?:^|[^\w.,])(?:2|10)$")
_MARK = re.compile(
    r"\W*(?:\d{1,3}|[a-z]|[*†‡§¶]+)(?:\s*[,–-]\s*(?:\d{1,3}|[a-z]))*\W*", re.IGNORECASE
)


class Unseen:
    """The open elements that a browser does not show."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool]] = []  # tag; whether an attribute hides it

    def __bool__(self) -> bool:
        return bool(self._open)

    def open(self, tag: str, attributes: dict[str, str]) -> bool:
        """Take a start tag; tell whether it opens what is unseen, or stands in it."""
        if self._open and self._open[-1][1] and tag in _CLOSED_BY.get(self._open[-1][0], ()):
            self._open.pop()
        if self._open and tag in _CONTENT and not any(hidden for _, hidden in self._open):
            self._open.clear()
        hidden = "hidden" in attributes or _HIDING.search(attributes.get("style", "")) is not None
        again = any(name == tag for name, _ in self._open)
        if tag in _UNSEEN or ((hidden or again) and tag not in _VOID):
            self._open.append((tag, hidden or again))
        return bool(self._open) or (hidden and tag in _VOID)

    def close(self, tag: str) -> bool:
        """Take an end tag; tell whether it closes what is unseen, or stands in it."""
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]
            return True
        return bool(names)


def raised(before: str, words: str) -> str:
    """Return a superscript as it reads in plain text: a power as such, the mark of a note not.

    >>> raised("40 m", "2"), raised("costs 25", "1"), raised("the 1", "st"), raised("10", "-6")
    ('²', '', 'st', '⁻⁶')
    """
    power = _POWER.fullmatch(words.strip()) is not None
    if power and (_UNIT.search(before) or _BASE.search(before)):
        return words.strip().translate(_POWERS)
    return "" if _MARK.fullmatch(words) else words

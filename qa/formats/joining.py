"""Join the lines of a paragraph, words that were broken at the end of a line whole."""

import re
from collections.abc import Iterable

from qa.text import is_cjk

_BEFORE = re.compile(r"([^\W\d_]+)-$")
_AFTER = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORTEST = 3  # letters of a half that is a word of its own
_FIRST = frozenset("self well non half long short high low full part cross ex".split())
_LONG = 4  # letters of the second half, which is no ending then


def known_words(lines: Iterable[str]) -> set[str]:
    """Return the words that stand whole in some line, without the halves at the ends of lines."""
    known: set[str] = set()
    cut = False
    for line in lines:
        words = [word.group().casefold() for word in _WORD.finditer(line)]
        broken = _BEFORE.search(line) is not None
        known.update(words[int(cut) : len(words) - int(broken)])
        cut = broken
    return known


def joined(above: str, below: str, known: set[str]) -> str:
    """Return a line with what stands between it and the next, or without its hyphen.

    >>> known = {"well", "known"}
    >>> joined("the declara-", "tion", known), joined("a well-", "known man", known)
    ('the declara', 'a well-')
    >>> joined("It is", "so", known)
    'It is '
    """
    before, after = _BEFORE.search(above), _AFTER.match(below)
    if before and after:
        first, second = before.group(1), after.group()
        return above if _is_compound(first, second, known) else above[:-1]
    if above.endswith(("-", "\u2013", "/")) and below[:1].isalnum() and above[-2:-1].isalnum():
        return above
    return above if is_cjk(above[-1]) and is_cjk(below[0]) else f"{above} "


def _is_compound(first: str, second: str, known: set[str]) -> bool:
    """Tell whether the hyphen between two halves belongs to the word."""
    if not second[0].islower():
        return True
    one, two = first.casefold(), second.casefold()
    if f"{one}-{two}" in known:
        return True
    if one + two in known:
        return False
    if one in _FIRST and len(two) >= _LONG:
        return True
    return min(len(one), len(two)) >= _SHORTEST and one in known and two in known

"""Count the lists of a DOCX: which mark its program shows before each item.

The paragraphs are left to `qa.formats.docx`, the styles to `qa.formats.parts`.
"""

import re
from dataclasses import dataclass, field

from qa.formats.layout import BULLET
from qa.formats.parts import Attributes, Handler

_LEVEL = re.compile(r"%([1-9])")
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"),
          (1, "i"))  # fmt: skip
_MOST = 1000  # beyond, a count is written in figures
_DEEPEST = 9


@dataclass(slots=True)
class _Level:
    """How a level of a list counts: ``decimal`` from 1 as ``%1.``."""

    start: int = 1
    form: str = "decimal"
    text: str = ""


@dataclass(slots=True)
class Numbering(Handler):
    """The part ``numbering.xml``, and how far each list has counted."""

    _levels: dict[tuple[str, int], _Level] = field(default_factory=dict)
    _kinds: dict[str, str] = field(default_factory=dict)  # of each list: whose levels it has
    _restarts: dict[tuple[str, int], int] = field(default_factory=dict)
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)
    _kind: str = ""
    _list: str = ""
    _depth: int = 0

    def opened(self, name: str, attributes: Attributes) -> None:
        """Note the levels of a kind of list, and the kind of a list."""
        value = attributes.get("val", "")
        if name == "abstractNum":
            self._kind, self._list = attributes.get("abstractNumId", ""), ""
        elif name == "num":
            self._kind, self._list = "", attributes.get("numId", "")
        elif name in ("lvl", "lvlOverride"):
            depth = attributes.get("ilvl", "0")
            self._depth = int(depth) if depth.isdecimal() else 0
        elif name == "abstractNumId":
            self._kinds[self._list] = value
        elif name == "startOverride" and value.isdecimal():
            self._restarts[self._list, self._depth] = int(value)
        elif name in ("start", "numFmt", "lvlText") and self._kind:
            level = self._levels.setdefault((self._kind, self._depth), _Level())
            if name == "start":
                level.start = int(value) if value.isdecimal() else 1
            elif name == "numFmt":
                level.form = value
            else:
                level.text = value

    def mark(self, number: str, depth: int) -> str:
        """Count an item of a list and return its mark; a bullet where it has no number."""
        kind = self._kinds.get(number)
        level = self._levels.get((kind, depth)) if kind is not None else None
        if kind is None or level is None:
            return BULLET
        key = (kind, depth)
        start = self._restarts.pop((number, depth), None)
        if start is not None:
            self._counts[key] = start
        else:
            self._counts[key] = self._counts.get(key, level.start - 1) + 1
        for deeper in range(depth + 1, _DEEPEST):
            self._counts.pop((kind, deeper), None)
        if level.form in ("bullet", "none") or "%" not in level.text:
            return BULLET

        def shown(match: re.Match[str]) -> str:
            above = int(match.group(1)) - 1
            of = self._levels.get((kind, above), _Level())
            return _written(self._counts.get((kind, above), of.start), of.form)

        return _LEVEL.sub(shown, level.text).strip() or BULLET


def _written(count: int, form: str) -> str:
    """Return a count in figures, letters or Roman numerals.

    >>> _written(4, "decimal"), _written(28, "lowerLetter"), _written(14, "upperRoman")
    ('4', 'bb', 'XIV')
    """
    if not 0 < count < _MOST:
        return str(count)
    letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
    if form in ("lowerLetter", "upperLetter"):
        return letters if form == "lowerLetter" else letters.upper()
    if form not in ("lowerRoman", "upperRoman"):
        return str(count)
    roman = ""
    for value, sign in _ROMAN:
        while count >= value:
            roman, count = roman + sign, count - value
    return roman if form == "lowerRoman" else roman.upper()

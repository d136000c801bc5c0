"""Fit text into the columns of a terminal: wide characters take two, marks above letters none.

Nothing that could move the cursor is let through. What is shown is left to `qa.commands.render`.
"""

import re
import unicodedata

# Stand where the quote opens and closes; no document's text keeps them once it is made visible.
OPEN, CLOSE = "\ue000", "\ue001"
_JOINERS = "\u200c\u200d"  # needed in Persian, Hindi and emoji; they move nothing
_WIDE = r"[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]"
_CLOSERS = "，。、；：！？」』）】》〉”’…,.;:!?)"
_UNIT = re.compile(
    rf"{OPEN}?{_WIDE}[{_CLOSERS}{CLOSE}]*|(?:(?!{_WIDE})\S)+(?:(?={_WIDE})[{_CLOSERS}])?"
)


def columns(text: str) -> int:
    """Return how many columns a terminal gives to ``text``.

    >>> columns("trade"), columns("贸易额"), columns("e\\u0301")
    (5, 6, 1)
    """
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(letter: str) -> int:
    if letter in (OPEN, CLOSE):
        return 2
    if letter in _JOINERS or unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def visible(text: str) -> str:
    """Replace what could move the cursor: control and format characters of a hostile document.

    >>> visible("a\\x1b[2Jb\\nc")
    'a\\ufffd[2Jb c'
    """
    return "".join(
        letter
        if letter.isprintable() or letter in _JOINERS
        else " "
        if letter.isspace()
        else "\ufffd"
        for letter in text
    )


def wrap(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns, broken at blanks or wide characters.

    The first line opens with ``indent``, the others with ``hanging``, or as many blanks.

    >>> wrap("贸易额 of 70 billion", 8, "- ")
    ['- 贸易额', '  of 70', '  billio', '  n']
    """
    margin = " " * columns(indent) if hanging is None else hanging
    lines, line, used, end = [], indent, columns(indent), 0
    empty = True
    for match in _UNIT.finditer(text):
        gap = " " if match.start() > end and not empty else ""
        end = match.end()
        for piece in _pieces(match.group(), max(width - columns(margin), 2)):
            needed = columns(gap + piece)
            if not empty and used + needed > width:
                lines.append(line)
                line, used, gap, needed = margin, columns(margin), "", columns(piece)
            line, used, empty, gap = line + gap + piece, used + needed, False, ""
    return lines if empty else [*lines, line]


def _pieces(unit: str, width: int) -> list[str]:
    """Cut a unit that is wider than a line."""
    pieces = [""]
    for letter in unit:
        if pieces[-1] and columns(pieces[-1]) + columns(letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def shortened(text: str, width: int) -> str:
    """Return ``text``, or as much of it as fits into ``width`` columns with an ellipsis.

    >>> shortened("a target", 8), shortened("a target", 5), shortened("贸易额", 4)
    ('a target', 'a ta…', '贸…')
    """
    if columns(text) <= width:
        return text
    kept = ""
    for letter in text:
        if columns(kept) + columns(letter) > max(width - 1, 1):
            break
        kept += letter
    return kept.rstrip() + "…"

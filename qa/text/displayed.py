"""Show a quote to people: without the marks of Markdown, tags of HTML and pipes of tables.

The quote itself stays as it stands in its document; what is shown is for the eye alone.
"""

import re

_ROW_BORDER = re.compile(r"\s*(?<!\\)\|\s*")
_TAG = re.compile(r"<!--.{0,2000}?-->|</?[a-zA-Z][^<>]{0,400}>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()]*\))?[^()]*\)|\[[^\[\]]*\])")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)?[^\s<>@]+[@:/][^\s<>]+)>")
_NOTE = re.compile(r"\[\^[^\]]+\]")
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*\\])([*_])(?=[^\s*_])([^*_]+?)(?<=[^\s*_])\1(?![\w*])")
_CODE = re.compile(r"(`{1,3})(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINE = re.compile(r"(?m)^[ \t]{0,3}(?:#{1,6}[ \t]+|(?:>[ \t]?)+)|[ \t]+#+[ \t]*$")
_TASK = re.compile(r"(?m)^([ \t]*[-*+][ \t]+)\[[ xX]\][ \t]+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_KEPT = re.compile("\0([0-9]+)\0")
_ALONE = re.compile(r"^(?:\*\*|__|`)|(?:\*\*|__|`)$")  # the partner is outside the quote


def display(text: str, *, header: str | None = None, marked: bool = True) -> str:
    """Return words as people read them; a row of a table (``header`` not None) under its columns.

    Text that was written out of another format is not ``marked``.

    >>> display("Run **`frob`**, see [the manual](a.md).")
    'Run frob, see the manual.'
    >>> display("| Italy | 6 euros |", header="Country | Price")
    'Country: Italy; Price: 6 euros'
    """
    if header is not None:
        return _row(text, header, marked)
    return _plain(text) if marked else text


def _plain(text: str) -> str:
    """Drop marks; what stands in code is taken as it is."""
    codes: list[str] = []

    def keep(code: re.Match[str]) -> str:
        codes.append(code.group(2).strip())
        return f"\0{len(codes) - 1}\0"

    whole = _ALONE.sub("", _without_marks(_CODE.sub(keep, text.replace("\0", ""))).strip())
    return _KEPT.sub(lambda kept: codes[int(kept.group(1))], whole).strip()


def _without_marks(text: str) -> str:
    for pattern, left in (
        (_AUTOLINK, r"\1"),
        (_TAG, ""),
        (_NOTE, ""),
        (_LINK, r"\1"),
        (_LINE, ""),
        (_TASK, r"\1"),
        (_STRONG, r"\2"),
        (_EMPHASIS, r"\2"),
        (_ESCAPE, r"\1"),
    ):
        text = pattern.sub(left, text)
    return text


def _row(text: str, header: str, marked: bool) -> str:
    names, cells = _cells(header, marked), _cells(text, marked)
    if not header and len(cells) == 2:
        return f"{cells[0].rstrip(':')}: {cells[1]}"
    pairs = zip(cells, [*names, *[""] * len(cells)], strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for cell, name in pairs if cell)


def _cells(row: str, marked: bool) -> list[str]:
    framed = row.strip().startswith("|")
    words = _ROW_BORDER.split(row.strip() if framed else row)
    cells = [_plain(cell) if marked else cell.strip() for cell in words]
    return cells[1 : -1 if len(cells) > 1 and not cells[-1] else None] if framed else cells

"""Decode the bytes of a file: as their byte order mark or the file itself says, else by a guess.

A guess is told, so that a reader of garbled letters knows where they come from. What the text
means is left to the readers of formats.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from typing import NamedTuple

from qa.formats.limits import Watch
from qa.schema import Place

# UTF-32 first: its mark begins as that of UTF-16 does.
_MARKS = (
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
# What a file may say that it is encoded in; other codecs of Python's could take hours.
_KNOWN = re.compile(
    r"iso-?8859-\d+|windows-?\d+|cp\d+|gb(?:k|2312|18030)|big5|shift[_-]jis|euc-(?:jp|kr)"
    r"|koi8-[ru]|iso-2022-(?:jp|kr)|mac(?:intosh|-roman|roman)"
)
_LATIN = ("iso-8859-1", "iso8859-1")  # programs that say so mean CP1252
_SAID = (
    re.compile(rb"\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w-]{2,20})", re.IGNORECASE),
    re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE),
)
_HEAD = 4096  # bytes in which a file may say it, and which show how zeros lie in it
_WESTERN = "cp1252"
_GUESSED = (
    _WESTERN, "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2",
    "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "cp949",
)  # fmt: skip
_EVIDENCE = 8192  # bytes of lines that are not ASCII
_FEWEST = 8  # bytes, among which zeros tell UTF-16
_ENOUGH = 1024  # bytes; fewer are repeated, or the guess rests on no statistics of letters
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")  # of ISO-2022-JP
_STRAY = re.compile("[\udc80-\udcff]")


class Decoded(NamedTuple):
    """The text of a file, whether its bytes are UTF-8, and what was guessed, or ``""``."""

    text: str
    is_utf8: bool
    guess: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """Those of the file's own text: none, or one, so that a citation keeps a decoded text."""
        return () if self.is_utf8 else (Place(0, ""),)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What to say to the user of the guess, if it was one."""
        remedy = "if letters look wrong, save it as UTF-8"
        return (f"{self.guess}; {remedy}",) if self.guess else ()


def decode(content: bytes, watch: Watch, declared: str = "", *, lenient: bool = False) -> Decoded:
    """Return the text of a file, its line ends untouched, without a byte order mark.

    ``declared`` is what is said of its encoding from outside. Raise `DocumentError` for bytes
    that are no text; ``lenient`` takes zeros, too, which mail and browsers pass over.
    """
    found = _marked(content) or _plain(content) or _as_declared(content, declared)
    if found is None and (lenient or b"\0" not in content):
        found = _mixed(content) or _guessed(content)
    if found is None or ("\0" in found.text and not lenient):
        raise watch.refusal("is a binary file, not text; remove or rename it")
    watch.check(len(found.text))
    return found


def declared_in(content: bytes) -> str:
    """Return the encoding that the XML declaration or a tag at the top of a page names, or ``""``.

    >>> declared_in(b'<?xml version="1.0" encoding="Shift_JIS"?>')
    'Shift_JIS'
    """
    head = content[:_HEAD]
    found = _SAID[0].match(head) or _SAID[1].search(head)
    return found.group(1).decode("ascii") if found else ""


def _marked(content: bytes) -> Decoded | None:
    """Decode by the byte order mark, or by the zeros that UTF-16 without one puts beside ASCII."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return Decoded(content.decode(name, "replace"), is_utf8=False)
    head = content[:_HEAD]
    even, odd = head[::2].count(0), head[1::2].count(0)
    less, more = sorted((even, odd))
    if len(head) < _FEWEST or 20 * less >= more or 4 * more < len(head):
        return None
    try:
        return Decoded(content.decode("utf-16-be" if even > odd else "utf-16-le"), is_utf8=False)
    except UnicodeDecodeError:
        return None


def _plain(content: bytes) -> Decoded | None:
    """Decode as UTF-8; bytes of seven bits may also be Japanese in ISO-2022-JP."""
    try:
        if content.isascii() and _ESCAPES.search(content):
            return Decoded(content.decode("iso-2022-jp"), is_utf8=False)
        return Decoded(content.removeprefix(BOM_UTF8).decode("utf-8"), is_utf8=True)
    except UnicodeDecodeError:
        return None


def _as_declared(content: bytes, declared: str) -> Decoded | None:
    name = declared.lower()
    if not _KNOWN.fullmatch(name):
        return None
    try:
        text = content.decode(_WESTERN if name in _LATIN else name, "replace")
    except LookupError:  # a number that no code page has
        return None
    return Decoded(text, is_utf8=False)


def _mixed(content: bytes) -> Decoded | None:
    """Decode UTF-8 with a few bytes of CP1252 in it, as editors and pasted lines leave them."""
    text = content.removeprefix(BOM_UTF8).decode("utf-8", "surrogateescape")
    strays = len(_STRAY.findall(text))
    if 2 * strays > sum(not letter.isascii() for letter in text):
        return None
    mended = _STRAY.sub(
        lambda stray: bytes([ord(stray.group()) - 0xDC00]).decode(_WESTERN, "replace"), text
    )
    count = f"{strays} byte{'' if strays == 1 else 's'}"
    return Decoded(mended, is_utf8=False, guess=f"is UTF-8 but for {count}, read as CP1252")


def _guessed(content: bytes) -> Decoded:
    name = _likeliest(content)
    guess = f"is not UTF-8 and was read as {name.upper()}, a guess"
    return Decoded(content.decode(name, "replace"), is_utf8=False, guess=guess)


def _likeliest(content: bytes) -> str:
    """Return the encoding that makes the likeliest words of the lines that are not ASCII."""
    from charset_normalizer import from_bytes

    evidence, length = [], 0
    for line in content.split(b"\n"):
        if not line.isascii():
            evidence.append(line[: _EVIDENCE - length])
            length += len(evidence[-1]) + 1
        if length >= _EVIDENCE:
            break
    sample = b"\n".join(evidence) + b"\n"
    sample *= -(-_ENOUGH // len(sample))
    matches = from_bytes(sample, cp_isolation=list(_GUESSED), enable_fallback=False)
    best = matches.best()
    if best is None:
        return _WESTERN
    equal = {one.encoding for one in matches if one.chaos <= best.chaos}
    return _WESTERN if _WESTERN in {*equal, *best.could_be_from_charset} else best.encoding

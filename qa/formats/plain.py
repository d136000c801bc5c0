"""Decode text: of a text file strictly, for it is what citations count in, of others by a guess."""

import re

from qa.errors import DocumentError
from qa.formats.layout import Extracted
from qa.formats.limits import Watch

# What a file may say that it is encoded in; other codecs of Python's could take hours.
_ENCODINGS = re.compile(
    r"iso-?8859-\d+|windows-?\d+|cp\d+|gb(?:k|2312|18030)|big5|shift[_-]jis|euc-(?:jp|kr)"
    r"|koi8-[ru]|iso-2022-(?:jp|kr)"
)
_LATIN = ("iso-8859-1", "iso8859-1")  # programs that say so mean CP1252


def read_plain(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text."""
    text = decode(content, watch.source)
    watch.check(len(text))
    return Extracted(text)


def decode(content: bytes, source: str) -> str:
    """Decode UTF-8 without its BOM, line ends untouched; raise `DocumentError` for the rest."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(
            f"{source}: is UTF-16, not UTF-8; convert it: "
            f"iconv -f UTF-16 -t UTF-8 '{source}' > converted.txt"
        )
    if b"\0" in content:
        raise DocumentError(f"{source}: is a binary file, not text; remove or rename it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{source}: is not UTF-8 (byte {error.start} is 0x{content[error.start]:02x}); "
            "save it as UTF-8 in your editor, or convert it, if it is CP1252: "
            f"iconv -f CP1252 -t UTF-8 '{source}' > converted.txt"
        ) from error


def guess(content: bytes, declared: str) -> str:
    """Decode by the byte order mark, as UTF-8, or as is declared, whichever fits first.

    >>> guess(b"\\x80 1", "windows-1252"), guess("é".encode(), "windows-1252")
    ('€ 1', 'é')
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    name = declared.lower()
    known = _ENCODINGS.fullmatch(name) is not None and name not in _LATIN
    try:
        if known and name.startswith("iso-2022"):  # of seven bits, so it would pass for UTF-8
            return content.decode(name, "replace")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    except LookupError:
        known = False
    try:
        return content.decode(name if known else "cp1252", "replace")
    except LookupError:  # a number that no code page has
        return content.decode("cp1252", "replace")

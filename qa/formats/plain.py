"""Decode a text file: what it holds is its text, nothing is made of it."""

from qa.errors import DocumentError
from qa.formats.layout import Extracted
from qa.formats.limits import Watch


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

"""Read text files as they are: their own characters are what citations count in."""

from qa.formats.encodings import decode
from qa.formats.layout import Extracted
from qa.formats.limits import Watch
from qa.schema import Place


def read_plain(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text; of one that is not UTF-8, a citation keeps the decoded text."""
    found = decode(content, watch)
    places = () if found.is_utf8 else (Place(0, ""),)
    return Extracted(found.text, places, doubts=found.doubts)

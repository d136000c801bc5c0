"""Read text files as they are: their own characters are what citations count in."""

from qa.formats.encodings import decode
from qa.formats.layout import Extracted
from qa.formats.limits import Watch


def read_plain(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text; of one that is not UTF-8, a citation keeps the decoded text."""
    found = decode(content, watch)
    return Extracted(found.text, found.places, doubts=found.doubts)

"""Read files: the bytes of one file come in, its text with the places in the original goes out.

Which files are read, and what a document is called, is left to `qa.documents`.
"""

from qa.formats.limits import Limits
from qa.formats.readers import (
    READERS,
    REMEDIES,
    UNREAD,
    check_size,
    extract,
    is_read,
    suffix_of,
)

__all__ = [
    "READERS",
    "REMEDIES",
    "UNREAD",
    "Limits",
    "check_size",
    "extract",
    "is_read",
    "suffix_of",
]

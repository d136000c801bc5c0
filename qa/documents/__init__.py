"""Read folders: files and their manifest come in, documents go out, and what changed since.

What is in a file of a format is left to `qa.formats`, cutting into passages to `qa.text`.
"""

from qa.documents.changes import Change, Findings, compared, findings, merged, named
from qa.documents.filters import Filter, check_known, days_of, folder_name
from qa.documents.fingerprint import Snapshot
from qa.documents.loading import load_folder, make_document, read_document

__all__ = [
    "Change",
    "Filter",
    "Findings",
    "Snapshot",
    "check_known",
    "compared",
    "days_of",
    "findings",
    "folder_name",
    "load_folder",
    "make_document",
    "merged",
    "named",
    "read_document",
]

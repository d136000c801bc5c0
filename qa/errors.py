"""Define what can go wrong, and nothing about how it is shown.

    QAError                   everything below; catch this one
    ├── InputError            what the caller passed: an empty question, top_k of 0
    ├── SpanError             a span that is empty, reversed or outside its text
    ├── DocumentError         a file or folder that cannot be read
    ├── StoreError            an index or cache that is missing, damaged or of another make
    └── ModelError            a model that is missing, damaged, or needs an extra

A message says what went wrong, where, and what to do next. Foreign exceptions are converted to
one of these where they enter.
"""


class QAError(Exception):
    """Be the root of every error that this package raises on purpose."""


class InputError(QAError, ValueError):
    """Reject what the caller passed."""


class SpanError(QAError, ValueError):
    """Reject a span that is empty, reversed or outside its text."""


class DocumentError(QAError):
    """Say why a file or a folder cannot be read, and how to mend it."""


class StoreError(QAError):
    """Refuse an index or a cache, and name the command that mends it."""


class ModelError(QAError):
    """Say which model cannot be used, and what would mend it."""

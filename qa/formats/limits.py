"""Hold the reading of one file to limits of size, pages and time.

The readers check them between pages, rows and elements; nothing is stopped from outside.
"""

from dataclasses import dataclass
from time import monotonic, thread_time

from qa.errors import DocumentError

_BETWEEN = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one file is read; a file beyond a limit is left out and named.

    ``file_bytes`` are the file's own, ``characters`` those of its text, ``unpacked_bytes`` what
    a packed file (DOCX, XLSX) may hold, ``pages`` those of a PDF, ``seconds`` those of computing:
    a busy machine leaves out no more than an idle one.
    """

    file_bytes: int = 50_000_000
    characters: int = 10_000_000
    unpacked_bytes: int = 200_000_000
    pages: int = 5_000
    seconds: float = 60.0


class Watch:
    """The file that is being read, its limits, and the time when it must be done."""

    def __init__(self, source: str, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self._end = thread_time() + limits.seconds
        self._look = 0.0  # when to look at the clock of this thread again, which is dear

    def refusal(self, reason: str) -> DocumentError:
        """Return the error that names the file; ``reason`` says what is wrong and what to do."""
        return DocumentError(f"{self.source}: {reason}")

    def check(self, characters: int = 0) -> None:
        """Raise `DocumentError` where the time is over, or too many characters were found."""
        now = monotonic()
        if now >= self._look and thread_time() >= self._end:
            seconds = f"{self.limits.seconds:g} seconds"
            raise self.refusal(f"takes longer to read than {seconds}, the limit; split it")
        if now >= self._look:
            self._look = now + _BETWEEN
        if characters > self.limits.characters:
            limit = f"{self.limits.characters} characters"
            raise self.refusal(f"holds more text than {limit}, the limit; split it")

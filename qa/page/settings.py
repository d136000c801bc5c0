"""Say what the page may be told when it starts: where it listens, and how much it holds.

Reading these from the command line is left to `qa.commands.ui`.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a visitor's own documents may be, and how long they are kept.

    ``file_bytes`` and ``total_bytes`` count the files' bytes. A visit ends ``idle_seconds`` after
    its last request, or ``grace_seconds`` after its last tab closed (so that a reload keeps it).
    """

    files: int = 100
    file_bytes: int = 5_000_000
    total_bytes: int = 20_000_000
    idle_seconds: float = 3600.0
    grace_seconds: float = 10.0
    visits: int = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the page listens and what it shows.

    ``port`` of None takes the first free one from 7860. ``folder`` of None asks the documents that
    ship with the package. ``password`` of None lets everyone in who reaches the address.
    ``judgements`` is the file that keeps what visitors said of answers from the shared documents;
    None keeps it nowhere.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    folder: Path | None = None
    password: str | None = None
    judgements: Path | None = None
    limits: Limits = Limits()

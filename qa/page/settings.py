"""Define the page's settings: where it listens, what it shows, and how much a visitor may add.

Reading them from the command line is left to `qa.commands.ui`.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """How many documents a visitor may add, how large, and how long they are kept.

    ``file_bytes`` is the size of one file, ``total_bytes`` of a visitor's files together. A visit
    ends ``idle_seconds`` after its last request, or ``grace_seconds`` after its last tab is closed,
    so that it outlives a reload. ``visits`` is the number of visitors at a time.
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

    ``port``: None takes the first free one from 7860. ``folder``: None takes the documents that
    ship with the package. ``password``: None lets everyone in who can reach the address.
    ``judgements``: the file for gold questions made from visitors' judgements of answers from the
    shared documents; None keeps none.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    folder: Path | None = None
    password: str | None = None
    judgements: Path | None = None
    limits: Limits = Limits()

"""Define what the commands share: options, and messages on stderr.

What is printed on stdout is left to each command.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from qa.commands.columns import visible

if TYPE_CHECKING:
    from argparse import _MutuallyExclusiveGroup as Group

    from qa.formats import Limits


def say(message: str) -> None:
    """Write a message to stderr; nothing in it moves the cursor."""
    lines = "\n".join(map(visible, f"qa: {message}".split("\n")))
    sys.stderr.write(f"{lines}\n")


def say_problems(problems: Iterable[str]) -> None:
    """Name the files that were left out and why."""
    for problem in problems:
        say(f"left out or doubtful: {problem}")


def count(things: Sequence[object], name: str) -> str:
    """Return how many things there are, in words.

    >>> count("ab", "document"), count("a", "document")
    ('2 documents', '1 document')
    """
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def wants_progress(arguments: argparse.Namespace) -> bool:
    """Tell whether somebody watches, and did not ask for quiet."""
    return sys.stderr.isatty() and not arguments.quiet


def add_encoder(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that may encode: ``--encoder`` and ``--quiet``."""
    parser.add_argument("--encoder", metavar="NAME_OR_PATH", help="another encoder (extra: models)")
    parser.add_argument(
        "--quiet", action="store_true", help="no progress on stderr, only what was left out"
    )


def add_address(parser: argparse.ArgumentParser, *, required: bool) -> "Group":
    """Add the options of every command that needs an index: ``--index`` or ``--store``."""
    place = parser.add_mutually_exclusive_group(required=required)
    place.add_argument("--index", metavar="DIR", help="index that `qa index` saved")
    add_store(place)
    return place


def add_store(place: "Group") -> None:
    """Add the option that names an index in a database: ``--store``."""
    place.add_argument(
        "--store", metavar="URL", type=_address, help="index in PostgreSQL, postgresql://..."
    )


def add_max_size(parser: argparse.ArgumentParser) -> None:
    """Add the option of every command that reads documents: ``--max-size``."""
    parser.add_argument(
        "--max-size", type=positive, metavar="MB", help="leave out larger files (default 50)"
    )


def limits(arguments: argparse.Namespace) -> "Limits | None":
    """Return the limits that ``--max-size`` asks for."""
    from qa.formats import Limits

    size = arguments.max_size
    return None if size is None else Limits(file_bytes=size * 1_000_000)


def _address(text: str) -> str:
    """Read the address of a database."""
    from qa.index import is_database

    if not is_database(text):
        raise argparse.ArgumentTypeError(f"postgresql://HOST/DATABASE is wanted, not {text!r}")
    return text


def positive(text: str) -> int:
    """Read a whole number from 1."""
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text!r}")
    return value

"""Make an index and keep it up to date: ``qa index``, ``qa add``, ``qa verify`` and the like.

What they do is left to `qa.index`. Exit codes: 0 done, 1 documents' files changed since (from
``qa verify``), 2 error.
"""

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.commands.columns import visible
from qa.commands.options import (
    add_address,
    add_encoder,
    add_max_size,
    add_store,
    count,
    limits,
    say,
    say_problems,
    wants_progress,
)

if TYPE_CHECKING:
    from qa.documents import Change
    from qa.index import LivingIndex


def add(commands: Any) -> None:
    """Register ``qa index``, the commands that work on what it saved, and ``qa cache``."""
    _add_index(commands)
    _add_changes(commands)
    _add_cache(commands)


def _add_changes(commands: Any) -> None:
    for name, run, things, text in (
        ("add", _add, ("paths", "FILE_OR_FOLDER"), "add documents to an index, or read them again"),
        ("remove", _remove, ("names", "NAME"), "remove documents, by the names in citations"),
        ("update", _update, ("folder", "FOLDER"), "make an index hold what a folder holds now"),
        ("list", _list, None, "list the documents of an index"),
        ("verify", _verify, None, "check an index, and the files it was made from"),
        ("repair", _repair, None, "make the vectors and BM25 of a damaged index again"),
        ("reencode", _reencode, None, "make the vectors of an index again with --encoder"),
    ):
        parser = commands.add_parser(name, help=text, description=f"{text.capitalize()}.")
        if things is not None:
            several = None if things[0] == "folder" else "+"
            parser.add_argument(things[0], metavar=things[1], nargs=several)
        add_address(parser, required=True)
        add_encoder(parser)
        add_max_size(parser)
        parser.add_argument(
            "--wait",
            type=_seconds,
            metavar="SECONDS",
            default=10.0,
            help="how long to wait for another command that changes the index (10)",
        )
        parser.set_defaults(run=run)


def _add_index(commands: Any) -> None:
    parser = commands.add_parser("index", help="save an index of a folder")
    parser.add_argument("folder", help="folder (or file) of documents")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--out", metavar="DIR", help="where to save the index")
    add_store(target)
    add_encoder(parser)
    add_max_size(parser)
    parser.set_defaults(run=_index)


def _add_cache(commands: Any) -> None:
    cache = commands.add_parser("cache", help="show or empty the cache of indexes")
    cache.add_argument("action", choices=["clear", "path"])
    cache.set_defaults(run=_cache)


def _index(arguments: argparse.Namespace) -> int:
    if arguments.store is not None:
        return _index_database(arguments)
    from qa.assistant import Assistant

    assistant = Assistant.from_folder(
        arguments.folder,
        encoder=arguments.encoder,
        limits=limits(arguments),
        cache=False,
        progress=wants_progress(arguments),
    )
    say_problems(assistant.problems)
    assistant.save(Path(arguments.out))
    if not arguments.quiet:
        say(
            f"{count(assistant.documents, 'document')}, "
            f"{count(assistant.passages, 'passage')}: "
            f'qa ask --index {arguments.out} "..."'
        )
    return 0


def _index_database(arguments: argparse.Namespace) -> int:
    from qa.index import LivingIndex, shown

    index = LivingIndex(
        arguments.store,
        encoder=arguments.encoder,
        limits=limits(arguments),
        progress=wants_progress(arguments),
    )
    change = index.replace(arguments.folder)
    say_problems(change.problems)
    if not arguments.quiet:
        say(f'{count(change.added, "document")}: qa ask --store {shown(arguments.store)} "..."')
    return 0


def _cache(arguments: argparse.Namespace) -> int:
    from qa.index import cache_folder, clear_cache

    if arguments.action == "path":
        sys.stdout.write(f"{cache_folder()}\n")
    else:
        removed = clear_cache()
        sys.stdout.write(f"removed {removed} cached {'index' if removed == 1 else 'indexes'}\n")
    return 0


def _add(arguments: argparse.Namespace) -> int:
    return _tell(_living(arguments).add(*arguments.paths), arguments)


def _remove(arguments: argparse.Namespace) -> int:
    return _tell(_living(arguments).remove(*arguments.names), arguments)


def _update(arguments: argparse.Namespace) -> int:
    return _tell(_living(arguments).update(arguments.folder), arguments)


def _list(arguments: argparse.Namespace) -> int:
    for document in _living(arguments).documents:
        sys.stdout.write(f"{visible(document.source)}\n")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    found = _living(arguments).verify()
    for state, names in (("changed", found.changed), ("missing", found.missing)):
        for name in names:
            sys.stdout.write(f"{state}  {visible(name)}\n")
    if not arguments.quiet:
        say(
            f"the index is whole; files of documents: {len(found.same)} as they were read, "
            f"{len(found.changed)} changed, {len(found.missing)} missing"
        )
    return 1 if found.changed or found.missing else 0


def _repair(arguments: argparse.Namespace) -> int:
    index = _living(arguments)
    index.repair()
    return _tell_whole(index, arguments)


def _reencode(arguments: argparse.Namespace) -> int:
    index = _living(arguments)
    index.reencode()
    return _tell_whole(index, arguments)


def _living(arguments: argparse.Namespace) -> "LivingIndex":
    """Return the index that the arguments name, on disk or in a database."""
    from qa.index import LivingIndex

    return LivingIndex(
        arguments.index if arguments.store is None else arguments.store,
        encoder=arguments.encoder,
        wait=arguments.wait,
        limits=limits(arguments),
        progress=wants_progress(arguments),
    )


def _tell(change: "Change", arguments: argparse.Namespace) -> int:
    """Say of each document what became of it, and count."""
    say_problems(change.problems)
    told = (("added", change.added), ("changed", change.changed), ("removed", change.removed))
    for state, names in told:
        for name in names:
            sys.stdout.write(f"{state}  {visible(name)}\n")
    if not arguments.quiet:
        counts = [f"{len(names)} {state}" for state, names in told]
        say(", ".join([*counts, f"{len(change.unchanged)} unchanged"]))
    return 0


def _tell_whole(index: "LivingIndex", arguments: argparse.Namespace) -> int:
    if not arguments.quiet:
        say(f"the index is whole: {count(index.documents, 'document')}")
    return 0


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"a number from 0 is wanted, not {text!r}")
    return value

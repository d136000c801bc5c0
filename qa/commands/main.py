"""The command ``qa``: parse arguments, call the assistant, print.

What `qa ask` does is left to `qa.commands.ask`. Exit codes: 0 done, 2 any error, 130 after Ctrl-C.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

from qa.commands import ask, index
from qa.commands.ask import ANSWERED, FAILED
from qa.commands.options import (
    add_encoder,
    add_max_size,
    add_store,
    count,
    limits,
    say,
    say_problems,
    wants_progress,
)
from qa.errors import QAError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        parsed = _parser().parse_args(arguments)
        code = int(parsed.run(parsed))
        sys.stdout.flush()
        return code
    except QAError as error:
        say(str(error))
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # who read our output has left; say nothing, also at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # the last resort: an exit code of 1 would mean "no answer"
        say(f"unexpected {type(error).__name__}: {error}; please report it")
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qa", description="Answer questions from your own documents with exact quotes."
    )
    parser.add_argument("--version", action="version", version=f"qa {version('extractive-qa')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    ask.add(commands)
    _add_index(commands)
    index.add(commands)
    _add_cache(commands)
    for entry in sorted(entry_points(group="qa.commands"), key=lambda entry: entry.name):
        entry.load()(commands)
    return parser


_Commands = Any  # argparse names the type of add_subparsers' result only in private


def _add_index(commands: _Commands) -> None:
    index = commands.add_parser("index", help="save an index of a folder")
    index.add_argument("folder", help="folder (or file) of documents")
    place = index.add_mutually_exclusive_group(required=True)
    place.add_argument("--out", metavar="DIR", help="where to save the index")
    add_store(place)
    add_encoder(index)
    add_max_size(index)
    index.set_defaults(run=_index)


def _add_cache(commands: _Commands) -> None:
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
    return ANSWERED


def _index_database(arguments: argparse.Namespace) -> int:
    from qa.index import LivingDatabase, shown

    index = LivingDatabase(
        arguments.store,
        encoder=arguments.encoder,
        limits=limits(arguments),
        progress=wants_progress(arguments),
    )
    change = index.replace(arguments.folder)
    say_problems(change.problems)
    if not arguments.quiet:
        say(f'{count(change.added, "document")}: qa ask --store {shown(arguments.store)} "..."')
    return ANSWERED


def _cache(arguments: argparse.Namespace) -> int:
    from qa.index import cache_folder, clear_cache

    if arguments.action == "path":
        print(cache_folder())
    else:
        count = clear_cache()
        print(f"removed {count} cached {'index' if count == 1 else 'indexes'}")
    return ANSWERED

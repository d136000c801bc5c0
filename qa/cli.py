"""The command ``qa``: parse arguments, call the assistant, print.

How an answer looks in a terminal is left to `qa.render`. Exit codes: 0 answered, 1 no answer in
the documents, 2 any error.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import upkeep
from qa.errors import InputError, QAError
from qa.terminal import (
    add_encoder,
    add_max_size,
    count,
    limits,
    positive,
    say,
    say_problems,
    wants_progress,
)

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.filters import Filter
    from qa.schema import Answer

ANSWERED, NO_ANSWER, FAILED, INTERRUPTED = 0, 1, 2, 130


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
    _add_ask(commands)
    _add_index(commands)
    upkeep.add(commands)
    _add_cache(commands)
    for entry in sorted(entry_points(group="qa.commands"), key=lambda entry: entry.name):
        entry.load()(commands)
    return parser


_Commands = Any  # argparse names the type of add_subparsers' result only in private


def _add_ask(commands: _Commands) -> None:
    ask = commands.add_parser(
        "ask",
        help="answer a question",
        description="Answer a question from the documents that ship, a folder or a saved index. "
        "Exit codes: 0 answered, 1 no answer in the documents, 2 error.",
    )
    ask.add_argument("question", help="the question; with --json, '-' reads one a line from stdin")
    where = ask.add_mutually_exclusive_group()
    where.add_argument("--docs", metavar="FOLDER", help="folder (or file) to ask")
    where.add_argument("--index", metavar="DIR", help="index that `qa index` saved")
    ask.add_argument("--top-k", type=positive, metavar="N", help="passages to read (default 8)")
    ask.add_argument("--json", action="store_true", help="print one JSON object an answer")
    ask.add_argument("--explain", action="store_true", help="show the scores of every stage")
    _add_filter(ask)
    add_encoder(ask)
    for name in ("reader", "reranker"):
        ask.add_argument(
            f"--{name}", metavar="NAME_OR_PATH", help=f"another {name} (extra: models)"
        )
    add_max_size(ask)
    ask.set_defaults(run=_ask)


def _add_filter(ask: argparse.ArgumentParser) -> None:
    only = ask.add_argument_group("which documents are searched")
    only.add_argument(
        "--document", action="append", metavar="NAME", default=[], help="only this, or these"
    )
    only.add_argument("--folder", metavar="NAME", help="only documents of this folder")
    only.add_argument("--since", metavar="DATE", help="only from this day, month or year on")
    only.add_argument("--until", metavar="DATE", help="only until this day, month or year")
    only.add_argument("--language", metavar="CODE", help="only in this language, such as en")
    only.add_argument(
        "--field",
        action="append",
        metavar="NAME=VALUE",
        type=_pair,
        default=[],
        help="only with this field of the manifest",
    )


def _add_index(commands: _Commands) -> None:
    index = commands.add_parser("index", help="save an index of a folder")
    index.add_argument("folder", help="folder (or file) of documents")
    index.add_argument("--out", required=True, metavar="DIR", help="where to save the index")
    add_encoder(index)
    add_max_size(index)
    index.set_defaults(run=_index)


def _add_cache(commands: _Commands) -> None:
    cache = commands.add_parser("cache", help="show or empty the cache of indexes")
    cache.add_argument("action", choices=["clear", "path"])
    cache.set_defaults(run=_cache)


def _ask(arguments: argparse.Namespace) -> int:
    if arguments.question == "-":
        return _ask_each(arguments)
    try:
        where = _filter(arguments)
        answer = _assistant(arguments).ask(arguments.question, arguments.top_k, where)
    except Exception as error:
        if arguments.json:
            _print_json(_failure(arguments.question, str(error) or type(error).__name__))
        raise
    if arguments.json:
        _print_json(_row(answer, explain=arguments.explain))
    else:
        from qa.render import render

        print(render(answer, color=_wants_color(), explain=arguments.explain))
    return NO_ANSWER if answer.text is None else ANSWERED


def _ask_each(arguments: argparse.Namespace) -> int:
    """Answer the lines of standard input, one JSON object a line, in their order."""
    if not arguments.json:
        raise InputError("'-' reads questions from standard input and needs --json")
    where = _filter(arguments)
    assistant = _assistant(arguments)
    for question in _questions():
        try:
            answer = assistant.ask(question, arguments.top_k, where)
            row = _row(answer, explain=arguments.explain)
        except Exception as error:  # one question that fails must not lose the others
            row = _failure(question, str(error) or type(error).__name__)
        _print_json(row)
    return ANSWERED


def _questions() -> Iterator[str]:
    for line in sys.stdin.buffer:
        question = line.decode("utf-8-sig", "replace").strip()
        if question:
            yield question


def _filter(arguments: argparse.Namespace) -> "Filter | None":
    from qa.filters import Filter

    where = Filter(
        documents=tuple(arguments.document),
        folder=arguments.folder,
        since=arguments.since,
        until=arguments.until,
        language=arguments.language,
        fields=tuple(arguments.field),
    )
    return None if where == Filter() else where


def _assistant(arguments: argparse.Namespace) -> "Assistant":
    from qa.assistant import Assistant, seeds_folder

    if arguments.index is not None:
        assistant = Assistant.open(arguments.index, encoder=arguments.encoder)
    else:
        assistant = Assistant.from_folder(
            arguments.docs if arguments.docs is not None else seeds_folder(),
            encoder=arguments.encoder,
            limits=limits(arguments),
            progress=wants_progress(arguments),
        )
        say_problems(assistant.problems)
    if arguments.reader is None and arguments.reranker is None:
        return assistant
    return assistant.using(reader=arguments.reader, reranker=arguments.reranker)


def _index(arguments: argparse.Namespace) -> int:
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


def _cache(arguments: argparse.Namespace) -> int:
    from qa.cache import cache_folder, clear_cache

    if arguments.action == "path":
        print(cache_folder())
    else:
        count = clear_cache()
        print(f"removed {count} cached {'index' if count == 1 else 'indexes'}")
    return ANSWERED


def _row(answer: "Answer", *, explain: bool) -> dict[str, Any]:
    if not explain:
        return answer.to_dict()
    from qa.render import explanation

    return {**answer.to_dict(), "explain": explanation(answer)}


def _failure(question: str, message: str) -> dict[str, Any]:
    """Return the fields of an answer for a question that could not be asked."""
    from qa.schema import Answer

    return {**Answer(question, None, 0.0).to_dict(), "error": message}


def _print_json(row: dict[str, Any]) -> None:
    print(json.dumps(row, ensure_ascii=False), flush=True)


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise argparse.ArgumentTypeError(f"NAME=VALUE is wanted, not {text!r}")
    return name, value


def _wants_color() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ

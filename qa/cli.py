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

from qa.errors import InputError, QAError

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.formats.limits import Limits
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
        _complain(str(error))
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # who read our output has left; say nothing, also at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # the last resort: an exit code of 1 would mean "no answer"
        _complain(f"unexpected {type(error).__name__}: {error}; please report it")
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qa", description="Answer questions from your own documents with exact quotes."
    )
    parser.add_argument("--version", action="version", version=f"qa {version('extractive-qa')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_ask(commands)
    _add_index(commands)
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
    ask.add_argument("--top-k", type=_positive, metavar="N", help="passages to read (default 8)")
    ask.add_argument("--encoder", metavar="NAME_OR_PATH", help="another encoder (extra: models)")
    _add_max_size(ask)
    ask.add_argument("--json", action="store_true", help="print one JSON object an answer")
    ask.add_argument("--explain", action="store_true", help="show the scores of every stage")
    ask.add_argument(
        "--quiet", action="store_true", help="no progress on stderr, only what was left out"
    )
    ask.set_defaults(run=_ask)


def _add_index(commands: _Commands) -> None:
    index = commands.add_parser("index", help="save an index of a folder")
    index.add_argument("folder", help="folder (or file) of documents")
    index.add_argument("--out", required=True, metavar="DIR", help="where to save the index")
    index.add_argument("--encoder", metavar="NAME_OR_PATH", help="another encoder (extra: models)")
    _add_max_size(index)
    index.add_argument(
        "--quiet", action="store_true", help="no progress on stderr, only what was left out"
    )
    index.set_defaults(run=_index)


def _add_max_size(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--max-size", type=_positive, metavar="MB", help="leave out larger files (default 50)"
    )


def _add_cache(commands: _Commands) -> None:
    cache = commands.add_parser("cache", help="show or empty the cache of indexes")
    cache.add_argument("action", choices=["clear", "path"])
    cache.set_defaults(run=_cache)


def _ask(arguments: argparse.Namespace) -> int:
    if arguments.question == "-":
        return _ask_each(arguments)
    try:
        answer = _assistant(arguments).ask(arguments.question, arguments.top_k)
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
    assistant = _assistant(arguments)
    for question in _questions():
        try:
            row = _row(assistant.ask(question, arguments.top_k), explain=arguments.explain)
        except Exception as error:  # one question that fails must not lose the others
            row = _failure(question, str(error) or type(error).__name__)
        _print_json(row)
    return ANSWERED


def _questions() -> Iterator[str]:
    for line in sys.stdin.buffer:
        question = line.decode("utf-8-sig", "replace").strip()
        if question:
            yield question


def _assistant(arguments: argparse.Namespace) -> "Assistant":
    from qa.assistant import Assistant, seeds_folder

    if arguments.index is not None:
        return Assistant.open(arguments.index, encoder=arguments.encoder)
    assistant = Assistant.from_folder(
        arguments.docs if arguments.docs is not None else seeds_folder(),
        encoder=arguments.encoder,
        limits=_limits(arguments),
        progress=_wants_progress(arguments),
    )
    _report(assistant)
    return assistant


def _limits(arguments: argparse.Namespace) -> "Limits | None":
    from qa.formats.limits import Limits

    size = arguments.max_size
    return None if size is None else Limits(file_bytes=size * 1_000_000)


def _index(arguments: argparse.Namespace) -> int:
    from qa.assistant import Assistant

    assistant = Assistant.from_folder(
        arguments.folder,
        encoder=arguments.encoder,
        limits=_limits(arguments),
        cache=False,
        progress=_wants_progress(arguments),
    )
    _report(assistant)
    assistant.save(Path(arguments.out))
    if not arguments.quiet:
        _complain(
            f"{_count(assistant.documents, 'document')}, "
            f"{_count(assistant.passages, 'passage')}: "
            f'qa ask --index {arguments.out} "..."'
        )
    return ANSWERED


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


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


def _positive(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text!r}")
    return value


def _report(assistant: "Assistant") -> None:
    for problem in assistant.problems:
        _complain(f"left out or doubtful: {problem}")


def _wants_color() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _wants_progress(arguments: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not arguments.quiet


def _complain(message: str) -> None:
    from qa.columns import visible

    print("\n".join(map(visible, f"qa: {message}".split("\n"))), file=sys.stderr)

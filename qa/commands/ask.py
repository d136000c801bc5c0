"""The command ``qa ask``: one question or many, from documents or from an index.

How an answer looks in a terminal is left to `qa.commands.render`. Exit codes: 0 answered, 1 no
answer in the documents, 2 any error.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.commands.columns import visible
from qa.commands.options import (
    add_address,
    add_encoder,
    add_max_size,
    limits,
    positive,
    say,
    say_problems,
    wants_progress,
)
from qa.errors import InputError
from qa.schema import Answer

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.documents import Filter

ANSWERED, NO_ANSWER, FAILED = 0, 1, 2


def add(commands: Any) -> None:
    """Register the command."""
    ask = commands.add_parser(
        "ask",
        help="answer a question",
        description="Answer a question from the documents that ship, a folder or a saved index. "
        "Exit codes: 0 answered, 1 no answer in the documents, 2 error; of several questions: 0 "
        "one is answered, 1 none is, 2 one could not be asked.",
    )
    asked = ask.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "question", nargs="?", help="the question; with --json, '-' reads one a line from stdin"
    )
    asked.add_argument(
        "--questions", metavar="FILE", help="a file of questions, one a line ('-': standard input)"
    )
    place = add_address(ask, required=False)
    place.add_argument("--docs", metavar="FOLDER", help="folder (or file) to ask")
    ask.add_argument("--top-k", type=positive, metavar="N", help="passages to read (default 8)")
    ask.add_argument(
        "--min-confidence",
        type=float,
        metavar="P",
        help="give every answer that is this sure (0 to 1), and no other",
    )
    ask.add_argument("--json", action="store_true", help="print one JSON object an answer")
    ask.add_argument("--explain", action="store_true", help="show the scores of every stage")
    _add_filter(ask)
    add_encoder(ask)
    ask.add_argument("--reader", metavar="NAME_OR_PATH", help="another reader (extra: models)")
    ask.add_argument(
        "--reranker",
        metavar="NAME_OR_PATH",
        help="a model that orders the passages anew (extra: models); 'reader': the one that ships",
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


def _ask(arguments: argparse.Namespace) -> int:
    if arguments.questions is not None:
        return _ask_all(arguments)
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
        _print(answer, arguments)
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


def _ask_all(arguments: argparse.Namespace) -> int:
    """Answer the lines of a file, several at once, in their order; say which could not be asked."""
    where = _filter(arguments)
    lines = _lines(arguments.questions)
    assistant = _assistant(arguments)
    code = NO_ANSWER
    asked = assistant.ask_each([line for _, line in lines], arguments.top_k, where)
    for (number, question), answer in zip(lines, asked, strict=True):
        if isinstance(answer, Answer):
            code = ANSWERED if code == NO_ANSWER and answer.text is not None else code
            if arguments.json:
                _print_json(_row(answer, explain=arguments.explain))
            else:
                print(f"\n> {visible(question)}\n")
                _print(answer, arguments)
            continue
        code = FAILED
        message = f"line {number}: {str(answer) or type(answer).__name__}"
        if arguments.json:
            _print_json(_failure(question, message))
        say(f"{arguments.questions}, {message}")
    return code


def _lines(name: str) -> list[tuple[int, str]]:
    """Return the lines of a file that are not blank, with their numbers from 1."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror}); check the path") from error
    lines = content.decode("utf-8-sig", "replace").splitlines()
    found = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise InputError(f"{name}: holds no question; write one a line")
    return found


def _questions() -> Iterator[str]:
    for line in sys.stdin.buffer:
        question = line.decode("utf-8-sig", "replace").strip()
        if question:
            yield question


def _filter(arguments: argparse.Namespace) -> "Filter | None":
    from qa.documents import Filter

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
    from qa.assistant import Assistant
    from qa.shipped import seeds_folder

    kept = arguments.store if arguments.index is None else arguments.index
    if kept is not None:
        assistant = Assistant.open(kept, encoder=arguments.encoder)
    else:
        assistant = Assistant.from_folder(
            arguments.docs if arguments.docs is not None else seeds_folder(),
            encoder=arguments.encoder,
            limits=limits(arguments),
            progress=wants_progress(arguments),
        )
        say_problems(assistant.problems)
    return assistant.using(
        reader=arguments.reader,
        reranker=arguments.reranker,
        min_confidence=arguments.min_confidence,
    )


def _row(answer: "Answer", *, explain: bool) -> dict[str, Any]:
    if not explain:
        return answer.to_dict()
    from qa.commands.render import explanation

    return {**answer.to_dict(), "explain": explanation(answer)}


def _failure(question: str, message: str) -> dict[str, Any]:
    """Return the fields of an answer for a question that could not be asked."""
    return {**Answer(question, None, 0.0).to_dict(), "error": message}


def _print_json(row: dict[str, Any]) -> None:
    print(json.dumps(row, ensure_ascii=False), flush=True)


def _print(answer: Answer, arguments: argparse.Namespace) -> None:
    from qa.commands.render import render

    print(render(answer, color=_wants_color(), explain=arguments.explain), flush=True)


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise argparse.ArgumentTypeError(f"NAME=VALUE is wanted, not {text!r}")
    return name, value


def _wants_color() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ

"""Read question files in the SQuAD format or as JSONL, plain or ``.xz``.

A file is either ``{"data": [{"title", "paragraphs": [{"context", "qas": [...]}]}]}``, with
``is_impossible`` or empty answers for unanswerable questions, or has one object a line, ``{"id",
"question", "context", "answers": [{"text", "start"}]}``. Scoring is left to
`eval.benchmarks.reading`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets.lines import (
    LineError,
    Problem,
    decode,
    identifier,
    numbered_lines,
    parse_object,
    read_bytes,
    text_field,
)
from eval.schema import EvalError


@dataclass(frozen=True, slots=True)
class ContextQuestion:
    """A question, the context that it is about, and its accepted answers, if any."""

    id: str
    question: str
    context: str
    title: str
    answers: tuple[str, ...]


def read_squad(path: Path) -> tuple[ContextQuestion, ...]:
    """Return the questions of a file in its order.

    Raise `LineError` naming the lines that cannot be used, or, for a SQuAD file, `EvalError` with
    the path to what cannot be used in it.
    """
    text = decode(read_bytes(path), path)
    whole = _whole_file(text)
    questions = _from_lines(text, path) if whole is None else _from_tree(whole, path)
    if not questions:
        raise EvalError(f"{path}: holds no questions")
    return questions


def _whole_file(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a SQuAD file is; None for a file of lines."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "data" in value else None


def _from_lines(text: str, path: Path) -> tuple[ContextQuestion, ...]:
    questions, problems = [], []
    seen: dict[str, int] = {}
    for number, line in numbered_lines(text):
        try:
            row = parse_object(line)
            key = identifier(row, "id", seen, number)
            questions.append(_question(key, row, text_field(row, "context"), _title(row)))
        except ValueError as error:
            problems.append(Problem(number, str(error)))
    if problems:
        raise LineError(path, problems)
    return tuple(questions)


def _from_tree(whole: dict[str, Any], path: Path) -> tuple[ContextQuestion, ...]:
    questions = []
    seen: dict[str, int] = {}
    for place, title, context, row in _rows(whole, path):
        try:
            key = identifier(row, "id", seen, len(seen) + 1)
            questions.append(_question(key, row, context, title))
        except ValueError as error:
            raise EvalError(f"{path}: {place}: {error}") from error
    return tuple(questions)


def _rows(whole: dict[str, Any], path: Path) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield each question of a SQuAD file with its path in it, its title and its context."""
    place = "data"
    try:
        for a, article in enumerate(whole["data"]):
            for p, paragraph in enumerate(article["paragraphs"]):
                place = f"data[{a}].paragraphs[{p}]"
                context = text_field(paragraph, "context")
                for q, row in enumerate(paragraph["qas"]):
                    yield f"{place}.qas[{q}]", _title(article), context, dict(row)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvalError(f"{path}: {place} is not in the SQuAD format: {error}") from error


def _question(key: str, row: dict[str, Any], context: str, title: str) -> ContextQuestion:
    question = text_field(row, "question")
    impossible = row.get("is_impossible", False)
    if not isinstance(impossible, bool):
        raise ValueError(f'"is_impossible" must be true or false, not {impossible!r}')
    texts = () if impossible else _answers(row.get("answers"))
    return ContextQuestion(key, question, context, title, texts)


def _answers(value: object) -> tuple[str, ...]:
    """Return the texts of the answers; no score here depends on their offsets.

    ``{"text": [...]}`` is accepted too: that is how the Hugging Face hub stores SQuAD.
    """
    if isinstance(value, dict) and isinstance(value.get("text"), list):
        value = [{"text": text} for text in value["text"]]
    if not isinstance(value, list):
        raise ValueError(f'"answers" must be a list, empty where nothing answers, not {value!r}')
    for answer in value:
        if not isinstance(answer, dict):
            raise ValueError(f'an answer must be an object with "text", not {answer!r}')
    return tuple(text_field(answer, "text") for answer in value)


def _title(row: dict[str, Any]) -> str:
    title = row.get("title", "")
    return title if isinstance(title, str) else ""


def distinct_contexts(questions: Sequence[ContextQuestion]) -> dict[str, str]:
    """Return each context once, in order, with the title of its first question."""
    found: dict[str, str] = {}
    for question in questions:
        found.setdefault(question.context, question.title)
    return found

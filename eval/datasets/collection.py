"""Read a judged collection: a folder in the BEIR format, or the contexts of SQuAD questions.

A folder holds ``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``,
``text``) and ``qrels.tsv`` or ``qrels/test.tsv`` (query, document, grade), each plain or ``.xz``.
Scoring is left to `eval.benchmarks.beir`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

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
from eval.datasets.squad import ContextQuestion, distinct_contexts
from eval.schema import EvalError
from qa import Document, Passage, Span, make_document

_HEADERS = {"score", "grade", "relevance", "rel", "label"}
_T = TypeVar("_T")
Grades = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Article:
    """A document of a judged collection."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, queries by id, and for each query the relevance grades of documents."""

    articles: tuple[Article, ...]
    queries: Mapping[str, str]
    grades: Grades
    warnings: tuple[str, ...] = ()


def read_collection(folder: Path) -> Collection:
    """Return the collection in a folder; raise `LineError` naming each row that is malformed."""
    articles = _read_lines(_find(folder, "corpus.jsonl"), _article)
    queries = dict(_read_lines(_find(folder, "queries.jsonl"), _query))
    grades = read_grades(_find(folder, "qrels.tsv", "qrels/test.tsv"))
    judged = [query for query in grades if query in queries]
    if not articles or not judged:
        raise EvalError(f"{folder}: no query is both in the queries and in the judgements")
    known = {article.id for article in articles}
    absent = sum(document not in known for query in judged for document in grades[query])
    strange = len(grades) - len(judged)
    warnings = []
    if absent:
        warnings.append(f"{absent} judged documents are not in the corpus; they count as missed")
    if strange:
        warnings.append(f"{strange} judged queries are not in the queries; they are left out")
    return Collection(tuple(articles), queries, grades, tuple(warnings))


def read_grades(path: Path) -> Grades:
    """Return the grades in a file with the columns query, document and grade, separated by tabs.

    The first line may be a header. Raise `LineError` naming rows with other columns, with a grade
    that is not a whole number, or with a second, different grade for the same pair.
    """
    grades: dict[str, dict[str, int]] = {}
    problems = []
    for number, line in numbered_lines(decode(read_bytes(path), path)):
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 and cells[-1].lower() in _HEADERS:
            continue
        try:
            query, document, grade = cells
            value = int(grade)
        except ValueError:
            message = f"query, document and a whole number are needed, tabs between: {line!r}"
            problems.append(Problem(number, message))
            continue
        before = grades.setdefault(query, {}).setdefault(document, value)
        if before != value:
            message = f"{document!r} has the grade {before} for query {query!r} already"
            problems.append(Problem(number, message))
    if problems:
        raise LineError(path, problems)
    return grades


def as_collection(questions: Sequence[ContextQuestion]) -> Collection:
    """Return the contexts of SQuAD questions as documents, each relevant to its own questions."""
    number = {context: str(at) for at, context in enumerate(distinct_contexts(questions))}
    return Collection(
        tuple(Article(key, "", context) for context, key in number.items()),
        {f"q{at}": one.question for at, one in enumerate(questions)},
        {f"q{at}": {number[one.context]: 1} for at, one in enumerate(questions)},
    )


def article_passages(
    articles: Sequence[Article],
) -> tuple[tuple[Document, ...], tuple[Passage, ...]]:
    """Return each article as a document of a single passage under its title.

    An article without text is its title, and one without either is a dash, never nothing.
    """
    documents, passages = [], []
    for article in articles:
        text = article.text if article.text.strip() else article.title.strip() or "-"
        document = make_document(text, article.id, title=article.title)
        documents.append(document)
        whole = Span(0, len(document.text))
        passages.append(Passage(document.id, whole, document.text, heading=article.title))
    return tuple(documents), tuple(passages)


def _find(folder: Path, *names: str) -> Path:
    for name in names:
        for path in (folder / name, folder / f"{name}.xz"):
            if path.is_file():
                return path
    raise EvalError(f"{folder}: holds no {' or '.join(names)}, plain or .xz")


def _read_lines(
    path: Path, parse: Callable[[dict[str, Any], dict[str, int], int], _T]
) -> Sequence[_T]:
    found, problems = [], []
    seen: dict[str, int] = {}
    for number, line in numbered_lines(decode(read_bytes(path), path)):
        try:
            found.append(parse(parse_object(line), seen, number))
        except ValueError as error:
            problems.append(Problem(number, str(error)))
    if problems:
        raise LineError(path, problems)
    return found


def _article(row: dict[str, Any], seen: dict[str, int], line: int) -> Article:
    key = identifier(row, "_id", seen, line)
    title, text = row.get("title") or "", row.get("text")
    if not isinstance(title, str) or not isinstance(text, str):
        raise ValueError('"title" and "text" must be texts')
    return Article(key, title, text)


def _query(row: dict[str, Any], seen: dict[str, int], line: int) -> tuple[str, str]:
    return identifier(row, "_id", seen, line), text_field(row, "text")

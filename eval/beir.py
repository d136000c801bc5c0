"""Score the retriever alone, and what each part gives, on a folder in the BEIR format.

Contexts of SQuAD questions can be ranked as well.
``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``) and
``qrels.tsv`` or ``qrels/test.tsv`` (query, document, grade), each plain or ``.xz``. A document is
one passage with its title above it. The formulas are in `eval.ranking`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from eval.lines import (
    LineError,
    Problem,
    decode,
    identifier,
    numbered_lines,
    parse_object,
    read_bytes,
    text_field,
)
from eval.ranking import ndcg, recall, reciprocal_rank
from eval.resampling import interval
from eval.schema import EvalError
from eval.squad import ContextQuestion, distinct_contexts
from qa import Assistant, HybridRetriever, Passage, Span, Weights, make_document

_K = 10
_HEADERS = {"score", "grade", "relevance", "rel", "label"}
_SEED = 7
_T = TypeVar("_T")
_ALONE = Weights(bm25=0.0, dense=0.0, words=0.0, pairs=0.0)
SYSTEMS = {
    "bm25": replace(_ALONE, bm25=1.0),
    "dense": replace(_ALONE, dense=1.0),
    "words": replace(_ALONE, words=1.0),
    "bm25 + dense": replace(_ALONE, bm25=1.0, dense=0.5),
    **{f"hybrid without {part}": replace(Weights(), **{part: 0.0}) for part in asdict(Weights())},
    "hybrid": Weights(),
}
Grades = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Article:
    """A document of a judged collection."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, queries by id, and the grades of documents for each query."""

    articles: tuple[Article, ...]
    queries: Mapping[str, str]
    grades: Grades
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RankingScores:
    """Means over the judged queries, 0 to 1.

    ``gain`` is the mean difference of nDCG to BM25 alone, and its paired bootstrap interval (95 %).
    """

    ndcg: float
    recall: float
    reciprocal_rank: float
    gain: tuple[float, float, float]

    def to_dict(self) -> dict[str, float | list[float]]:
        """Return the JSON promise, as percentages."""
        return {
            "ndcg@10": round(100 * self.ndcg, 2),
            "recall@10": round(100 * self.recall, 2),
            "mrr@10": round(100 * self.reciprocal_rank, 2),
            "ndcg over bm25": [round(100 * value, 2) for value in self.gain],
        }


def read_collection(folder: Path) -> Collection:
    """Return the collection of a folder; raise `LineError` naming each row that is off."""
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
    """Return the grades of a file of ``query``, ``document``, ``grade`` with tabs between.

    The first line may be a header. Raise `LineError` naming rows with other columns, a grade
    that is no whole number, or a second grade for the same pair.
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


def score_collection(
    collection: Collection,
    *,
    encoder: str | None = None,
    limit: int | None = None,
    progress: bool = False,
) -> dict[str, RankingScores]:
    """Return the scores of every system of `SYSTEMS` over the judged queries.

    As in BEIR, a document with the query's own id is no result.
    """
    documents = [
        make_document(_text(article), article.id, title=article.title)
        for article in collection.articles
    ]
    ids = {document.id: document.source for document in documents}
    passages = [
        Passage(document.id, Span(0, len(document.text)), document.text, heading=article.title)
        for document, article in zip(documents, collection.articles, strict=True)
    ]
    retriever = Assistant.from_documents(
        documents, passages, encoder=encoder, progress=progress
    ).retriever
    judged = [query for query in collection.grades if query in collection.queries][:limit]
    shown = None if progress else True  # None: a bar on a terminal alone
    rows = [_rows(retriever, collection, ids, query) for query in tqdm(judged, disable=shown)]
    base = [row["bm25"][0] for row in rows]
    return {name: _scores([row[name] for row in rows], base) for name in SYSTEMS}


def as_collection(questions: Sequence[ContextQuestion]) -> Collection:
    """Return the contexts of SQuAD questions as documents, each question's own as the right one."""
    number = {context: str(at) for at, context in enumerate(distinct_contexts(questions))}
    return Collection(
        tuple(Article(key, "", context) for context, key in number.items()),
        {f"q{at}": one.question for at, one in enumerate(questions)},
        {f"q{at}": {number[one.context]: 1} for at, one in enumerate(questions)},
    )


def render_scores(scores: Mapping[str, RankingScores]) -> str:
    """Return the scores as JSON that reads well in a terminal."""
    return json.dumps({name: each.to_dict() for name, each in scores.items()}, indent=1) + "\n"


def _rows(
    retriever: HybridRetriever, collection: Collection, ids: Mapping[str, str], query: str
) -> dict[str, tuple[float, float, float]]:
    """Return nDCG, recall and reciprocal rank of one query, by every system."""
    grades = collection.grades[query]
    found = {}
    ranking = retriever.rankings(collection.queries[query], _K + 1, SYSTEMS)
    for name, passages in ranking.items():
        names = [ids[passage.document_id] for passage in passages]
        first = [document for document in names if document != query][:_K]
        found[name] = (
            ndcg(first, grades, _K),
            recall(first, grades, _K),
            reciprocal_rank(first, grades, _K),
        )
    return found


def _scores(rows: Sequence[tuple[float, float, float]], base: Sequence[float]) -> RankingScores:
    gains = [row[0] - before for row, before in zip(rows, base, strict=True)]
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    low, high = interval(gains, _SEED)
    return RankingScores(means[0], means[1], means[2], (sum(gains) / len(gains), low, high))


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


def _text(article: Article) -> str:
    """Return what stands for a document: its text, else its title, never nothing."""
    return article.text if article.text.strip() else article.title.strip() or "-"

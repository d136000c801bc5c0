"""Score the retriever, each of its parts, and the reader as a judge of what it finds.

Every document is a single passage under its title. Reading collections is left to `eval.datasets`,
the formulas to `eval.metrics`.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from eval.benchmarks.machine import Figures, computed, load, machine
from eval.console import markdown
from eval.datasets import Collection, article_passages
from eval.metrics import interval, ndcg, percentile, recall, reciprocal_rank
from qa import Assistant, Weights

_K = 10
_SEED = 7
_TIMED = 20  # queries
_ALONE = Weights(bm25=0.0, dense=0.0, words=0.0, pairs=0.0)
BASE, FUSED, JUDGED = "bm25", "hybrid", "hybrid + reader as judge"
PARTS = {
    BASE: replace(_ALONE, bm25=1.0),
    "dense": replace(_ALONE, dense=1.0),
    "words": replace(_ALONE, words=1.0),
    "bm25 + dense": replace(_ALONE, bm25=1.0, dense=0.5),
    **{f"hybrid without {part}": replace(Weights(), **{part: 0.0}) for part in asdict(Weights())},
    FUSED: Weights(),
}
SYSTEMS = (*PARTS, JUDGED)
_COLUMNS = (
    ("queries", "queries"),
    ("ndcg@10", "nDCG@10"),
    ("recall@10", "recall@10"),
    ("mrr@10", "MRR@10"),
    ("ndcg over bm25", "nDCG over BM25"),
    ("ndcg over hybrid", "over hybrid"),
    ("ms a query", "ms of computing"),
    ("passages a second", "passages/s"),
    ("index MB", "index MB"),
)
Interval = tuple[float, float, float]  # a mean difference and its paired bootstrap interval, 95 %
_Row = Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a system costs: median milliseconds a query, passages indexed a second, megabytes."""

    milliseconds: float
    passages_per_second: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class RankingScores:
    """Means over the judged queries, 0 to 1, with the gain in nDCG over BM25 and over the fusion.

    ``cost`` is None for systems that nobody would use alone.
    """

    queries: int
    ndcg: float
    recall: float
    reciprocal_rank: float
    gain: Interval
    gain_over_fused: Interval
    cost: Cost | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as they are written to JSON, scores as percentages."""
        found: dict[str, Any] = {
            "queries": self.queries,
            "ndcg@10": _percent(self.ndcg),
            "recall@10": _percent(self.recall),
            "mrr@10": _percent(self.reciprocal_rank),
            "ndcg over bm25": [*map(_percent, self.gain)],
            "ndcg over hybrid": [*map(_percent, self.gain_over_fused)],
        }
        if self.cost is not None:
            found["ms a query"] = round(self.cost.milliseconds, 2)
            found["passages a second"] = round(self.cost.passages_per_second)
            found["index MB"] = round(self.cost.megabytes, 2)
        return found


def score_collection(
    collection: Collection,
    *,
    encoder: str | None = None,
    limit: int | None = None,
    read: int | None = None,
    progress: bool = False,
) -> dict[str, RankingScores]:
    """Return the scores of every system of `SYSTEMS` over the judged queries.

    The reader, which takes the most time by far, judges about ``read`` of them, evenly spread, or
    all for None. As in BEIR, a document with the query's own id is no result.
    """
    documents, passages = article_passages(collection.articles)
    Assistant.from_documents(documents[:1], passages[:1], encoder=encoder)  # loads the models
    building, assistant = computed(
        lambda: Assistant.from_documents(documents, passages, encoder=encoder, progress=progress)
    )
    judge = assistant.using(reranker="reader")
    judged = [query for query in collection.grades if query in collection.queries][:limit]
    shown = None if progress else True  # None: a bar on a terminal alone
    ids = {document.id: document.source for document in documents}
    spread = set(judged if read is None else judged[:: -(-len(judged) // read)])
    rows = []
    for query in tqdm(judged, disable=shown):
        question = collection.queries[query]
        found = assistant.retriever.rankings(question, _K + 1, PARTS)
        if query in spread:
            hits = judge.retrieve(question, _K + 1)
            found[JUDGED] = tuple(hit.passage for hit in hits)
        rows.append({
            name: _marks([ids[passage.document_id] for passage in ranking], collection, query)
            for name, ranking in found.items()
        })  # fmt: skip
    asked = [collection.queries[query] for query in judged[:: -(-len(judged) // _TIMED)]]
    costs = _costs(assistant, judge, asked, len(passages) / building * 1000)
    return {name: _scores(rows, name, costs.get(name)) for name in SYSTEMS}


def _marks(
    documents: Sequence[str], collection: Collection, query: str
) -> tuple[float, float, float]:
    """Return nDCG, recall and reciprocal rank of the documents found for a query."""
    grades = collection.grades[query]
    first = [document for document in documents if document != query][:_K]
    return ndcg(first, grades, _K), recall(first, grades, _K), reciprocal_rank(first, grades, _K)


def _scores(rows: Sequence[_Row], name: str, cost: Cost | None) -> RankingScores:
    rows = [row for row in rows if name in row]
    first, second, third = (
        sum(column) / len(rows) for column in zip(*(row[name] for row in rows), strict=True)
    )

    def over(other: str) -> Interval:
        gains = [row[name][0] - row[other][0] for row in rows]
        return (sum(gains) / len(gains), *interval(gains, _SEED))

    return RankingScores(len(rows), first, second, third, over(BASE), over(FUSED), cost)


def _costs(
    assistant: Assistant, judge: Assistant, questions: Sequence[str], indexed: float
) -> dict[str, Cost]:
    """Return the costs of the systems that somebody might use alone.

    ``indexed`` is how many passages a second were indexed as a whole; the judge adds nothing.
    """
    parts, passages = assistant.retriever.parts, assistant.retriever.passages
    lexical, dense = parts.lexical, parts.dense

    def asking(ask: Callable[[str], object]) -> float:
        return percentile([computed(ask, question)[0] for question in questions], 0.5)

    def building(build: Callable[[], object]) -> float:
        return len(passages) / computed(build)[0] * 1000

    whole = size(lexical) + size(dense) + size(parts.words)
    return {
        BASE: Cost(
            asking(lexical.scores), building(lambda: type(lexical).build(passages)), size(lexical)
        ),
        "dense": Cost(
            asking(lambda question: dense.search(dense.encode(question), _K)),
            building(lambda: type(dense).build(passages, dense.encoder)),
            size(dense),
        ),
        FUSED: Cost(asking(lambda question: assistant.retrieve(question, _K)), indexed, whole),
        JUDGED: Cost(asking(lambda question: judge.retrieve(question, _K)), indexed, whole),
    }


def size(part: Any) -> float:
    """Return the megabytes that a part of the index takes on disk."""
    with tempfile.TemporaryDirectory() as folder:
        part.save(Path(folder) / "part")
        return sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6


def report(
    name: str, skipped: int, collection: Collection, scores: Mapping[str, RankingScores]
) -> Figures:
    """Return the scores as figures for JSON, with the collection and the machine."""
    return {
        "collection": f"{name} without its first {skipped:,} questions" if skipped else name,
        "documents": len(collection.articles),
        "machine": {**machine(), "load": load()},
        "systems": {system: each.to_dict() for system, each in scores.items()},
    }


def render_scores(found: Figures) -> str:
    """Return a report as a Markdown table."""
    made = found["machine"]
    head = (
        f"{found['collection']}, {found['documents']:,} passages ({made['date']}, "
        f"{made['processor']}, load {made['load']})"
    )
    titles = [title for _, title in _COLUMNS]
    rows = [
        [name, *(_shown(one.get(key)) for key, _ in _COLUMNS)]
        for name, one in found["systems"].items()
    ]
    return f"{head}\n\n{markdown(['system', *titles], rows)}"


def _shown(value: float | Sequence[float] | None) -> str:
    """Return a figure as it is shown in a table.

    >>> _shown(None), _shown(4821), _shown(67.94), _shown([-0.2, -2.31, 1.9])
    ('–', '4,821', '67.9', '-0.2 [-2.3, 1.9]')
    """
    if value is None:
        return "–"
    if isinstance(value, Sequence):
        return "{:+.1f} [{:.1f}, {:.1f}]".format(*value) if any(value) else "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.1f}"


def _percent(value: float) -> float:
    return round(100 * value, 2)

"""Measure an encoder as a retriever by nDCG at 10: vectors alone, BM25 alone, and both fused.

Run ``python -m embeddings.training.measure --data DIR``. XQuAD-en and the first half of new-wiki
serve for choices; ``--report`` adds SciFact and the second half. Every distinct context of a file
is a document. Measuring the whole retriever of `qa` is left to `eval`.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder, load_encoder
from embeddings.training.bm25 import BM25
from embeddings.training.data import read_examples, read_lines

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Task:
    """Documents, questions, and for each question the gains of its relevant documents."""

    name: str
    documents: list[str]
    questions: list[str]
    gains: list[dict[int, float]]


def question_tasks(path: Path, name: str, halves: bool) -> list[Task]:
    """Return the task of a question file, or one for each half, both over all contexts."""
    examples = list(read_examples(path))
    numbers = {text: row for row, text in enumerate(dict.fromkeys(e.context for e in examples))}
    middle = len(examples) // 2
    parts = [examples[:middle], examples[middle:]] if halves else [examples]
    suffixes = ["-first-half", "-second-half"] if halves else [""]
    return [
        Task(
            name + suffix,
            list(numbers),
            [example.question for example in part],
            [{numbers[example.context]: 1.0} for example in part],
        )
        for part, suffix in zip(parts, suffixes, strict=True)
    ]


def ndcg(scores: NDArray[np.float64], gains: dict[int, float]) -> float:
    """Return nDCG at 10; ties break by document order.

    >>> round(ndcg(np.array([0.1, 0.9, 0.5]), {2: 1.0}), 3)  # 1 / log2(3)
    0.631
    """
    ranked = np.argsort(-scores, kind="stable")[:DEPTH]
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    found = sum(gains.get(int(d), 0.0) * discounts[rank] for rank, d in enumerate(ranked))
    ideal = sorted(gains.values(), reverse=True)[:DEPTH]
    return float(found / sum(gain * discounts[rank] for rank, gain in enumerate(ideal)))


def fused(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of both scores after each is standardised per question (z-scores)."""
    total = np.zeros_like(first)
    for scores in (first, second):
        spread = scores.std(axis=1, keepdims=True)
        total += (scores - scores.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9)
    return total


def measure(encoder: Encoder, task: Task) -> dict[str, float]:
    """Return nDCG at 10 in percent of BM25, of the encoder, and of both fused."""
    passages = encoder.encode_passages(task.documents)
    dense = (encoder.encode_queries(task.questions) @ passages.T).astype(np.float64)
    sparse = BM25(task.documents).scores(task.questions)
    ways = {"bm25": sparse, "dense": dense, "fused": fused(sparse, dense)}
    return {
        name: 100 * float(np.mean([ndcg(*pair) for pair in zip(scores, task.gains, strict=True)]))
        for name, scores in ways.items()
    }


def tasks(data: Path, report: bool) -> list[Task]:
    """Return the tasks for choices, with ``report`` also those that chose nothing."""
    dev = data / "dev"
    wiki = _one(dev, "qa-squadshifts-new-wiki.jsonl*")
    first, second = question_tasks(wiki, "new-wiki", halves=True)
    chosen = [first, *question_tasks(_one(dev, "qa-xquad-en.jsonl*"), "xquad-en", halves=False)]
    if not report:
        return chosen
    return [*chosen, second, *([scifact(dev / "scifact")] if (dev / "scifact").exists() else [])]


def scifact(folder: Path) -> Task:
    """Return the SciFact test of BEIR, with title and text as the document."""
    documents = [json.loads(line) for line in read_lines(_one(folder, "corpus.jsonl*"))]
    numbers = {document["_id"]: row for row, document in enumerate(documents)}
    lines = csv.reader(read_lines(folder / "qrels.tsv"), delimiter="\t")
    gains: dict[str, dict[int, float]] = {}
    for query, document, gain in list(lines)[1:]:
        if float(gain) > 0:
            gains.setdefault(query, {})[numbers[document]] = float(gain)
    queries = [json.loads(line) for line in read_lines(_one(folder, "queries.jsonl*"))]
    asked = {query["_id"]: query["text"] for query in queries}
    return Task(
        "scifact",
        [f"{document['title']} {document['text']}" for document in documents],
        [asked[query] for query in gains],
        list(gains.values()),
    )


def _one(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def main() -> None:
    """Print a line per task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", help="a folder or name; the bundled model by default")
    parser.add_argument("--report", action="store_true", help="also the tasks that chose nothing")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.model)
    for task in tasks(arguments.data, arguments.report):
        figures = measure(encoder, task)
        line = "  ".join(f"{name} {figure:.1f}" for name, figure in figures.items())
        print(f"{task.name:<22} {line}", flush=True)


if __name__ == "__main__":
    main()

"""Measure the assistant at one size, one step per process, so that memory and time are its own.

    python -m eval.benchmarks.growth STEP INDEX DATA SIZE QUESTIONS

Steps: ``index`` writes an index of SIZE paragraphs; ``ask`` opens it and asks; ``flat`` compares
it with FAISS flat, which searches every vector; ``bm25s`` with that library alone. Each prints one
JSON object. Running the steps for several sizes is left to `eval.benchmarks.scale`.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.benchmarks.distractors import Asked, asked_of, documents_of, paragraphs_of
from eval.benchmarks.machine import Figures, computed, peak, spread, timed
from eval.metrics import exact_match, f1, ndcg, percentile, single_relevant
from eval.systems import best_candidate
from qa import Answer, Assistant, Hit, HybridRetriever, make_document

READ, RANKED, POOL = 8, 10, 100


def index(folder: Path, data: Path, size: int, count: int) -> Figures:
    """Index ``size`` paragraphs, and write the index."""
    paragraphs = paragraphs_of(data, asked_of(data, size, count)[0], size)
    size, documents = len(paragraphs), documents_of(paragraphs)
    del paragraphs
    before, clock = time.process_time(), time.perf_counter()
    assistant = Assistant.from_documents(documents)
    assistant.save(folder)
    seconds, computing = time.perf_counter() - clock, time.process_time() - before
    passages = len(assistant.passages)
    return {
        "paragraphs": size,
        "passages": passages,
        "index_seconds": round(seconds, 2),
        "index_computing_seconds": round(computing, 2),
        "passages_per_second": round(passages / seconds),
        "index_peak_mb": peak(),
        "disk_mb": round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6, 2),
    }


def ask(folder: Path, data: Path, size: int, count: int) -> Figures:
    """Open an index and put the questions to it."""
    Assistant.from_documents([make_document("One.", "1")]).ask("Which?")  # loads the models
    opening, assistant = timed(Assistant.open, folder)
    asked = asked_of(data, size, count)[1]
    assistant.ask(asked[0].question.question)
    times, computing, answers, ranks = [], [], [], []
    for one in asked:
        before = time.process_time()
        took, answer = timed(assistant.ask, one.question.question)
        times.append(took)
        computing.append(1000 * (time.process_time() - before))
        answers.append(answer)
        ranks.append(rank(assistant, one, assistant.retrieve(one.question.question, RANKED)))
    return {
        "questions": len(asked),
        "open_ms": round(opening, 1),
        **spread("ask", times),
        **spread("ask_computing", computing),
        "ask_peak_mb": peak(),
        **quality(asked, answers),
        **retrieval(ranks),
        "stages_ms": stages(assistant, [one.question.question for one in asked[::10]]),
    }


def quality(asked: Sequence[Asked], answers: Sequence[Answer]) -> Figures:
    """Return exact match and F1 of the best span, the share answered and the mean confidence."""
    exact, overlap, sure, given = [], [], [], []
    for one, answer in zip(asked, answers, strict=True):
        best = best_candidate(answer)
        text = "" if best is None else best.text
        exact.append(exact_match(text, one.question.answers))
        overlap.append(f1(text, one.question.answers))
        sure.append(answer.confidence)
        if answer.text is not None:
            given.append(exact[-1])
    return {
        "exact_match": percent(exact),
        "f1": percent(overlap),
        "answered": round(100 * len(given) / len(answers), 1),
        "right_of_answered": percent(given),
        "confidence": percent(sure),
    }


def stages(assistant: Assistant, questions: Sequence[str]) -> dict[str, float]:
    """Return the median milliseconds of processor time that each stage takes, in order."""
    parts, found = assistant.retriever.parts, []
    for question in questions:
        bm25, _ = computed(parts.lexical.scores, question)
        encoding, query = computed(parts.dense.encode, question)
        nearest, _ = computed(parts.dense.search, query, POOL)
        signals, (places, _) = computed(assistant.retriever.signals, question, POOL)
        near, _ = computed(parts.words.nearness, question, places)
        finding, hits = computed(assistant.retrieve, question, READ)
        reading, _ = computed(assistant.answer, question, hits)
        whole, _ = computed(assistant.ask, question)
        found.append({
            "bm25": bm25,
            "encode the question": encoding,
            "nearest vectors": nearest,
            "nearness of words": near,
            "choose the pool": signals - bm25 - encoding - nearest - near,
            "rank, fetch passages": finding - signals,
            "read and answer": reading,
            "whole": whole,
        })  # fmt: skip
    return {
        name: round(percentile([max(one[name], 0.0) for one in found], 0.5), 2) for name in found[0]
    }


class Flat:
    """The vectors of an index in FAISS flat, which compares a query with each of them."""

    def __init__(self, assistant: Assistant) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        parts = assistant.retriever.parts
        self.encode = parts.dense.encode
        self._words = parts.words
        self._index = faiss.IndexFlatIP(parts.dense.encode("?").shape[1])
        for places in batches(parts.words.size):
            self._index.add(parts.words.means(places))

    def search(self, query: Any, limit: int, _: object = None) -> Any:
        """Return the numbers of the nearest passages."""
        places = self._index.search(query, limit)[1][0]
        return places[places >= 0]

    def similarities(self, query: Any, places: Any) -> Any:
        """Return the cosines between a query and some passages."""
        return self._words.means(places) @ query[0]


def flat(folder: Path, data: Path, size: int, count: int) -> Figures:
    """Compare with exact search: its time, and what it finds."""
    assistant = Assistant.open(folder)
    retriever = assistant.retriever
    building, exact = timed(Flat, assistant)
    parts = replace(retriever.parts, dense=exact)
    whole = HybridRetriever(retriever.passages, parts, retriever.weights)
    times, ours, shared, ranks = [], [], [], []
    for one in asked_of(data, size, count)[1]:
        query = exact.encode(one.question.question)
        took, all_places = timed(exact.search, query, POOL)
        times.append(took)
        took, places = timed(retriever.parts.dense.search, query, POOL)
        ours.append(took)
        shared.append(len({*all_places.tolist()} & {*places.tolist()}) / len(all_places))
        ranks.append(rank(assistant, one, whole.retrieve(one.question.question, RANKED)))
    return {
        "flat_add_seconds": round(building / 1000, 2),
        "flat_mb": round(4 * exact.encode("?").shape[1] * retriever.parts.words.size / 1e6, 2),
        **spread("flat", times),
        **spread("nearest", ours),
        "shared_of_100_nearest": percent(shared),
        **{f"exact_{name}": value for name, value in retrieval(ranks).items()},
    }


def bm25s(folder: Path, data: Path, size: int, count: int) -> Figures:
    """Compare with bm25s alone over the same passages, with its own tokens and ranking."""
    import Stemmer
    from bm25s import BM25, tokenize

    passages = Assistant.open(folder).retriever.passages
    texts = [passage.text for passage in passages]
    before, clock = time.process_time(), time.perf_counter()
    stemmer = Stemmer.Stemmer("english")
    scorer = BM25(k1=1.2, b=0.75)
    scorer.index(tokenize(texts, "en", stemmer=stemmer, show_progress=False), show_progress=False)
    seconds, computing = time.perf_counter() - clock, time.process_time() - before
    times = []
    for one in asked_of(data, size, count)[1]:
        words = tokenize([one.question.question], "en", stemmer=stemmer, show_progress=False)
        depth = min(POOL, len(texts))
        took, _ = timed(scorer.retrieve, words, k=depth, show_progress=False)
        times.append(took)
    return {
        "bm25s_seconds": round(seconds, 2),
        "bm25s_computing_seconds": round(computing, 2),
        "bm25s_peak_mb": peak(),
        **spread("bm25s", times),
    }


def rank(assistant: Assistant, one: Asked, hits: Sequence[Hit]) -> int:
    """Return the rank of the first right hit from 1, or 0 if there is none."""
    for hit in hits:
        if one.is_right(hit.passage, assistant.document(hit.passage.document_id).source):
            return hit.rank
    return 0


def retrieval(ranks: Sequence[int]) -> Figures:
    """Return recall@5 and nDCG@10 of the first right passage."""
    return {
        "recall@5": percent([float(0 < rank <= 5) for rank in ranks]),
        "ndcg@10": percent([ndcg(single_relevant(rank), {1: 1}, RANKED) for rank in ranks]),
    }


def batches(size: int, of: int = 4096) -> Iterator[Any]:
    """Yield the numbers from 0 up to ``size`` in batches."""
    import numpy as np

    for start in range(0, size, of):
        yield np.arange(start, min(start + of, size))


def percent(values: Sequence[float]) -> float:
    """Return the mean in percent, 0 if there are no values."""
    return round(100 * sum(values) / max(len(values), 1), 2)


STEPS: dict[str, Callable[[Path, Path, int, int], Figures]] = {
    "index": index, "ask": ask, "flat": flat, "bm25s": bm25s,
}  # fmt: skip


if __name__ == "__main__":
    step, folder, data, size, count = sys.argv[1:]
    print(json.dumps(STEPS[step](Path(folder), Path(data), int(size), int(count))))

"""Define what is found for a question: hits, candidates, and what a reader makes of them.

How they are found is left to `qa.retrieval`, how they are read to `qa.reading`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from qa.schema.blocks import Span
from qa.schema.documents import Passage


def named(record: Any) -> Iterator[tuple[str, float]]:
    """Yield the figures of a record by name, without those that are None.

    A string is a category: it counts 1 under its name and its value, as ``passage:caption``.
    """
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, str):
            yield f"{field.name}:{value}", 1.0
        elif value is not None:
            yield field.name, value


@dataclass(frozen=True, slots=True)
class Signals:
    """What the retriever's parts say of a hit; iterating yields the names with their figures.

    ``bm25``, ``dense`` (a cosine), ``words`` and ``pairs`` (from 0 to 1) are the parts' raw
    scores, each with its share of the fused score. ``spread``, the same for every hit of a
    question, is how far the eighth best fused score lies below the best. ``reranker`` is the
    score of a reranker, None without one.
    """

    bm25: float = 0.0
    dense: float = 0.0
    words: float = 0.0
    pairs: float = 0.0
    bm25_share: float = 0.0
    dense_share: float = 0.0
    words_share: float = 0.0
    pairs_share: float = 0.0
    spread: float = math.inf
    reranker: float | None = None

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return named(self)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was retrieved: its fused score, rank from 1, and what each part gave."""

    passage: Passage
    score: float
    rank: int
    signals: Signals = Signals()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may answer, within ``context``: its sentence, list item or table row.

    Scores compare across the passages of one question, and with that of not answering.
    """

    hit: Hit
    span: Span
    context: Span
    score: float
    signals: tuple[tuple[str, float], ...] = ()

    @property
    def text(self) -> str:
        """The candidate's words, a slice of its passage."""
        return self.span.shift(-self.hit.passage.span.start).of(self.hit.passage.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a question: candidates, best first, and the score of no answer.

    ``confidences`` are the candidates' probabilities of being right. ``doubt`` is what speaks
    against the best one, in words, or empty.
    """

    candidates: tuple[Candidate, ...]
    confidences: tuple[float, ...]
    no_answer: float
    doubt: str = ""

"""Fuse lexical and dense scores into one ranking of passages.

Each part's scores are standardised over the passages that either part proposed, then summed by
weight. Where the scores come from is left to `qa.lexical` and `qa.dense`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qa.dense import DenseIndex
from qa.lexical import LexicalIndex
from qa.schema import Hit, Passage

POOL = 100  # passages that each part proposes


class Retriever(Protocol):
    """What finds passages for a question."""

    def retrieve(
        self, question: str, limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first, ranks from 1."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts, each at least 0."""

    lexical: float = 1.0
    dense: float = 0.5


class HybridRetriever:
    """BM25 and vectors over the same passages; ties go to the earlier passage."""

    def __init__(
        self,
        passages: Sequence[Passage],
        lexical: LexicalIndex,
        dense: DenseIndex,
        weights: Weights | None = None,
    ) -> None:
        self.passages = tuple(passages)
        self.lexical = lexical
        self.dense = dense
        self.weights = Weights() if weights is None else weights

    def reweighted(self, *, lexical: float, dense: float) -> "HybridRetriever":
        """Return a retriever over the same indexes with other weights."""
        return HybridRetriever(self.passages, self.lexical, self.dense, Weights(lexical, dense))

    def retrieve(
        self, question: str, limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first.

        ``allowed``, one truth a passage, leaves the others out before either part proposes any.
        A hit's signals are its raw ``bm25`` and ``dense`` (cosine) scores and the shares of the
        fused score that come from each: ``score == bm25_share + dense_share``.
        """
        all_lexical = self.lexical.scores(question)
        depth = max(POOL, limit)
        proposable = all_lexical if allowed is None else np.where(allowed, all_lexical, 0)
        query = self.dense.encode(question)
        nearest = self.dense.search(query, depth, allowed)
        places = np.union1d(_top(proposable, depth), nearest).astype(np.int64)
        if len(places) == 0:
            return ()
        bm25 = all_lexical[places].astype(np.float64)
        cosine = self.dense.similarities(query, places).astype(np.float64)
        lexical_share = self.weights.lexical * standardise(bm25)
        dense_share = self.weights.dense * standardise(cosine)
        scores = lexical_share + dense_share
        order = np.lexsort((places, -np.round(scores, 9)))[:limit]
        return tuple(
            Hit(
                self.passages[places[at]],
                float(scores[at]),
                rank,
                (
                    ("bm25", float(bm25[at])),
                    ("dense", float(cosine[at])),
                    ("bm25_share", float(lexical_share[at])),
                    ("dense_share", float(dense_share[at])),
                ),
            )
            for rank, at in enumerate(order, 1)
        )


def standardise(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (scores - mean) / standard deviation; zeros where all scores are equal.

    >>> standardise(np.array([1.0, 3.0])).tolist()
    [-1.0, 1.0]
    """
    spread = scores.std()
    if spread < 1e-9:
        return np.zeros_like(scores)
    standard: NDArray[np.float64] = (scores - scores.mean()) / spread
    return standard


def _top(scores: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    """Return the places of the ``limit`` highest positive scores, ties to the earlier place."""
    if len(scores) > limit:
        threshold = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        proposed = np.flatnonzero(scores >= max(float(threshold), 1e-9))
        proposed = proposed[np.lexsort((proposed, -scores[proposed]))][:limit]
    else:
        proposed = np.flatnonzero(scores > 0)
    return proposed.astype(np.int64)

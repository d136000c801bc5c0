"""Fuse the scores of every part into one ranking of passages.

BM25 and vectors propose passages; each part's scores are standardised over these, then summed by
weight. Where the scores come from is left to `qa.retrieval.bm25`, `qa.retrieval.dense` and
`qa.retrieval.late_interaction`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.retrieval.bm25 import LexicalIndex
from qa.retrieval.dense import DenseIndex
from qa.retrieval.late_interaction import WordIndex
from qa.retrieval.passages import Passages
from qa.schema import Hit, Passage, Signals

POOL = 100  # passages that each part proposes
RIVALS = 8  # passages; how far the last of them lies below the best is their spread
FAR = 6.0  # of a fused score; a passage that stands alone has no rival nearer than that
_LEAST = 1e-9  # of a score that counts as one


@dataclass(frozen=True, slots=True)
class Scores:
    """What each part gives the passages looked at, four arrays of shape (passages,)."""

    bm25: NDArray[np.float64]
    dense: NDArray[np.float64]
    words: NDArray[np.float64]
    pairs: NDArray[np.float64]

    def rows(self) -> NDArray[np.float64]:
        """Return the scores as one array, shape (4, passages), in the order of `Weights`."""
        return np.stack([self.bm25, self.dense, self.words, self.pairs])

    def weighted(self, weights: "Weights") -> "Scores":
        """Return the share of the fused score that each part gives every passage."""
        return Scores(
            bm25=weights.bm25 * standardise(self.bm25),
            dense=weights.dense * standardise(self.dense),
            words=weights.words * standardise(self.words),
            pairs=weights.pairs * standardise(self.pairs),
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """What scores passages, each in the order of the passages."""

    lexical: LexicalIndex
    dense: DenseIndex
    words: WordIndex


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts, each at least 0; fitted by ``qa/training/fusion.py``."""

    bm25: float = 0.55
    dense: float = 0.5
    words: float = 1.1
    pairs: float = 0.25


class HybridRetriever:
    """BM25, vectors and nearness of words over the same passages; ties go to the earlier one."""

    def __init__(self, passages: Passages, parts: Parts, weights: Weights | None = None) -> None:
        self.passages = passages
        self.parts = parts
        self.weights = Weights() if weights is None else weights

    def reweighted(self, weights: Weights) -> "HybridRetriever":
        """Return a retriever over the same indexes with other weights."""
        return HybridRetriever(self.passages, self.parts, weights)

    def retrieve(
        self, question: str, limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first.

        ``allowed``, one truth a passage, leaves the others out before any part proposes one.
        A hit's score is the sum of the shares among its signals; their ``spread`` is the same
        whatever the limit.
        """
        places, raw = self.signals(question, max(POOL, limit), allowed)
        return fused(self.passages.at(places), raw, self.weights, limit)

    def rankings(
        self, question: str, limit: int, choices: Mapping[str, Weights]
    ) -> dict[str, tuple[Passage, ...]]:
        """Return the ``limit`` best passages by each choice of weights, signals computed once."""
        places, raw = self.signals(question, max(POOL, limit))
        if len(places) == 0:
            return dict.fromkeys(choices, ())
        found = {}
        for name, weights in choices.items():
            order = ranked(raw.weighted(weights).rows().sum(axis=0))[:limit]
            found[name] = tuple(self.passages[places[at]] for at in order)
        return found

    def signals(
        self, question: str, depth: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], Scores]:
        """Return the passages that BM25 or vectors put among their ``depth`` best, in order, and
        what each part gives them.
        """
        lexical, dense, words = self.parts.lexical, self.parts.dense, self.parts.words
        all_lexical = lexical.scores(question)
        proposable = all_lexical if allowed is None else np.where(allowed, all_lexical, 0)
        query = dense.encode(question)
        nearest = dense.search(query, depth, allowed)
        places = np.union1d(_top(proposable, depth), nearest).astype(np.int64)
        near = words.nearness(question, places)
        return places, Scores(
            bm25=all_lexical[places].astype(np.float64),
            dense=dense.similarities(query, places).astype(np.float64),
            words=near.words,
            pairs=near.pairs,
        )


def fused(
    passages: Sequence[Passage], raw: Scores, weights: Weights, limit: int
) -> tuple[Hit, ...]:
    """Return the ``limit`` best of the passages looked at, ties to the earlier one."""
    if not passages:
        return ()
    shares = raw.weighted(weights)
    scores = shares.rows().sum(axis=0)
    order = ranked(scores)
    spread = float(scores[order[0]] - scores[order[:RIVALS][-1]]) if len(order) > 1 else FAR
    return tuple(
        Hit(passages[at], float(scores[at]), rank, _signals(raw, shares, int(at), spread))
        for rank, at in enumerate(order[:limit], 1)
    )


def _signals(raw: Scores, shares: Scores, at: int, spread: float) -> Signals:
    return Signals(
        bm25=float(raw.bm25[at]),
        dense=float(raw.dense[at]),
        words=float(raw.words[at]),
        pairs=float(raw.pairs[at]),
        bm25_share=float(shares.bm25[at]),
        dense_share=float(shares.dense[at]),
        words_share=float(shares.words[at]),
        pairs_share=float(shares.pairs[at]),
        spread=spread,
    )


def ranked(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the order of the scores, highest first; level ones keep theirs."""
    return np.argsort(-np.round(scores, 9), kind="stable")


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
    """Return the places of the ``limit`` highest positive scores, ties to the earlier place.

    Only those above a score that enough of them reach are put in order.
    """
    enough = scores.max(initial=0) / 2
    while enough > _LEAST and np.count_nonzero(scores >= enough) < limit:
        enough *= 0.7
    proposed = np.flatnonzero(scores >= max(enough, _LEAST))
    return proposed[np.lexsort((proposed, -scores[proposed]))][:limit].astype(np.int64)

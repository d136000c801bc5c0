"""Order the first hits anew by a model that reads question and passage together.

That is any cross-encoder that Sentence Transformers takes (the extra ``models``; none comes with
this package), or the reader itself as a judge. Which is used is left to `qa.assistant`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import disable_telemetry
from qa.reading.linearise import view
from qa.reading.onnx_reader import LIMIT, SpanScorer
from qa.retrieval import passage_text
from qa.schema import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

JUDGE = "reader"  # what names the judge where a reranker's name is wanted
JUDGE_WEIGHT = 0.4  # of log-odds beside the fused score; see ``qa/training/fusion.py``


class Reranker:
    """A cross-encoder that gives one score to a question and a passage."""

    depth = 32  # hits that it orders anew

    def __init__(self, model: "CrossEncoder") -> None:
        if model.num_labels != 1:
            raise ValueError(f"a reranker gives one score, this model gives {model.num_labels}")
        self._model = model

    @classmethod
    def load(cls, name_or_path: str, local: bool) -> "Reranker":
        """Load a model; with ``local``, without asking the hub for anything."""
        disable_telemetry()
        from sentence_transformers import CrossEncoder

        return cls(CrossEncoder(name_or_path, local_files_only=local))

    def rerank(self, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Return the hits by the model's score, best first; ties keep their order.

        The score becomes the hit's, and its signal ``reranker``.
        """
        if not hits:
            return ()
        pairs = [(question, passage_text(hit.passage)) for hit in hits]
        found = self._model.predict(pairs, show_progress_bar=False)
        scores = np.nan_to_num(np.asarray(found, np.float64).reshape(len(hits)))
        return _reordered(hits, scores, scores)


class Judge:
    """The reader, which tells by its log-odds whether a passage answers."""

    depth = 16  # hits that it orders anew

    def __init__(self, network: SpanScorer, weight: float = JUDGE_WEIGHT) -> None:
        self._network = network
        self._weight = weight

    def odds(self, question: str, hits: Sequence[Hit]) -> NDArray[np.float64]:
        """Return the log-odds of the best span of every hit, within 15 of even."""
        spans = self._network.spans(question, [view(hit.passage).text for hit in hits], 1)
        best = [found[0].score if found else -LIMIT for found in spans]
        return np.clip(np.array(best, np.float64), -LIMIT, LIMIT)

    def rerank(self, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Return the hits by their score plus their weighted log-odds; ties keep their order.

        The sum becomes the hit's score, the log-odds its signal ``reranker``.
        """
        odds = self.odds(question, hits)
        scores = np.array([hit.score for hit in hits]) + self._weight * odds
        return _reordered(hits, scores, odds)


def _reordered(
    hits: Sequence[Hit], scores: NDArray[np.float64], signal: NDArray[np.float64]
) -> tuple[Hit, ...]:
    """Return the hits by ``scores``, each with its own, and with what the model said of it."""
    return tuple(
        replace(
            hits[at],
            score=float(scores[at]),
            rank=rank,
            signals=replace(hits[at].signals, reranker=float(signal[at])),
        )
        for rank, at in enumerate(np.argsort(-scores, kind="stable"), 1)
    )

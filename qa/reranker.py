"""Order the first hits anew by a cross-encoder, which reads question and passage together.

It is any model that Sentence Transformers takes (the extra ``models``); none comes with this
package. Which hits it sees is left to `qa.assistant`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qa.dense import passage_text
from qa.schema import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

RERANKED = 32  # hits


class Reranker:
    """A cross-encoder that gives one score to a question and a passage."""

    def __init__(self, model: "CrossEncoder") -> None:
        if model.num_labels != 1:
            raise ValueError(f"a reranker gives one score, this model gives {model.num_labels}")
        self._model = model

    @classmethod
    def load(cls, name_or_path: str, local: bool) -> "Reranker":
        """Load a model; with ``local``, without asking the hub for anything."""
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
        return tuple(
            replace(
                hits[at],
                score=float(scores[at]),
                rank=rank,
                signals=(*hits[at].signals, ("reranker", float(scores[at]))),
            )
            for rank, at in enumerate(np.argsort(-scores, kind="stable"), 1)
        )

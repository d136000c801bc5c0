"""Rank texts by BM25, and pick hard negatives: paragraphs that look like answers and hold none.

BM25 is that of bm25s, over stems and without English stop words. How the recipes learn from the
negatives is left to them.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.training.data import Example


class BM25:
    """A BM25 index of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        # Imported here: a machine that only learns from prepared data need not have them.
        import bm25s
        import Stemmer

        self._tokenize = bm25s.tokenize
        self._settings: dict[str, Any] = {
            "stopwords": "en",
            "stemmer": Stemmer.Stemmer("english"),
            "show_progress": False,
        }
        self._count = len(texts)
        self._index = bm25s.BM25()
        self._index.index(self._tokenize(list(texts), **self._settings), show_progress=False)

    def scores(self, questions: Sequence[str]) -> NDArray[np.float64]:
        """Return the score of every text for every question, shape (questions, texts)."""
        asked = self._tokenize(list(questions), **self._settings, return_ids=False)
        return np.stack([self._index.get_scores(tokens) for tokens in asked]).astype(np.float64)

    def ranked(self, questions: Sequence[str], depth: int) -> NDArray[np.int64]:
        """Return the numbers of the best ``depth`` texts, best first, a row per question."""
        asked = self._tokenize(list(questions), **self._settings)
        depth = min(depth, self._count)
        found, _ = self._index.retrieve(asked, k=depth, show_progress=False, n_threads=2)
        return found.astype(np.int64)


def hard_negatives(
    examples: Sequence[Example],
    paragraphs: Sequence[str],
    depth: int,
    near: Iterable[Sequence[int]] = repeat(()),
) -> list[list[int]]:
    """Return for each example the numbers of paragraphs that do not answer it.

    First come those that ``near`` lists for it, then the ``depth`` that BM25 ranks highest. Its own
    context and paragraphs that hold the text of an accepted answer are left out.

    >>> ask = Example("1", "Who built the mill?", "Ann built the mill.", (("Ann", 0),), "x")
    >>> hard_negatives([ask], ["Ann built the mill.", "The mill is old.", "The mill is Ann's."], 3)
    [[1]]
    """
    folded = [paragraph.casefold() for paragraph in paragraphs]
    hits = BM25(paragraphs).ranked([example.question for example in examples], depth)
    found = []
    for example, close, row in zip(examples, near, hits.tolist(), strict=False):
        answers = [text.casefold() for text, _ in example.answers]
        others = (n for n in dict.fromkeys([*close, *row]) if paragraphs[n] != example.context)
        found.append([n for n in others if not any(text in folded[n] for text in answers)])
    return found

"""Score passages by the words they share with a question: BM25 over stems.

Scoring is bm25s's; this file decides what a term is. Meaning beyond shared words is left to
`qa.dense`.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from qa.schema import Passage
from qa.text import terms

K1, B = 1.2, 0.75  # Robertson and Zaragoza 2009, section 3.4

_stemming = threading.Lock()


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return the English stop words that bm25s ships, folded as terms are."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(term for word in STOPWORDS_EN_PLUS for term in terms(word))


_NUMERALS = dict(
    zip(
        "two three four five six seven eight nine ten eleven twelve second third fourth fifth "
        "sixth seventh eighth ninth tenth eleventh twelfth".split(),
        "2 3 4 5 6 7 8 9 10 11 12 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th".split(),
        strict=True,
    )
)


@lru_cache(maxsize=262144)
def stem(term: str) -> str:
    """Return the Porter2 stem of a folded term; other scripts come back as they are.

    Small numbers in words become figures: two is 2, tenth is 10th.
    """
    if term in _NUMERALS:
        return _NUMERALS[term]
    with _stemming:  # a stemmer must not be used by two threads at once
        return cast(str, _stemmer().stemWord(term))


def content_stems(text: str) -> list[str]:
    """Return the stems of the terms that are no stop words, in order, repeats kept.

    >>> content_stems("What trade targets were set?")
    ['trade', 'target', 'set']
    """
    stops = stop_words()
    return [stem(term) for term in terms(text) if term not in stops]


class LexicalIndex:
    """BM25 scores of every passage, computed when the index is built."""

    def __init__(self, scorer: Any, size: int) -> None:
        self._scorer = scorer
        self.size = size

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> "LexicalIndex":
        """Index what a passage says and what stands above it (heading, lead-in, header)."""
        vocabulary: dict[str, int] = {}
        rows = [
            [
                vocabulary.setdefault(term, len(vocabulary))
                for term in content_stems(f"{passage.context}\n{passage.text}")
            ]
            for passage in passages
        ]
        if not vocabulary:
            return cls(None, len(passages))
        import bm25s

        scorer = bm25s.BM25(k1=K1, b=B, method="lucene")
        scorer.index((rows, vocabulary), show_progress=False)
        return cls(scorer, len(passages))

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return one BM25 score a passage, shape (size,), all at least 0."""
        if self._scorer is None:
            return np.zeros(self.size, np.float32)
        known = self._scorer.vocab_dict
        ids = [known[term] for term in content_stems(question) if term in known]
        if not ids:
            return np.zeros(self.size, np.float32)
        return np.asarray(self._scorer.get_scores_from_ids(ids), np.float32)

    def inverse_document_frequency(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) of a stem, n the passages that hold it."""
        count = 0
        if self._scorer is not None and term in self._scorer.vocab_dict:
            bounds = self._scorer.scores["indptr"]
            place = self._scorer.vocab_dict[term]
            count = int(bounds[place + 1] - bounds[place])
        return float(np.log(1 + (self.size - count + 0.5) / (count + 0.5)))

    def unknown_words(self, question: str) -> tuple[str, ...]:
        """Return the question's content words that no passage holds, folded, in order."""
        known = {} if self._scorer is None else self._scorer.vocab_dict
        return tuple(
            dict.fromkeys(
                term
                for term in terms(question)
                if term not in stop_words() and stem(term) not in known
            )
        )

    def matches(self, other: "LexicalIndex") -> bool:
        """Tell whether another index gives every question the same scores."""
        if self.size != other.size or self._scorer is None or other._scorer is None:
            return self.size == other.size and self._scorer is other._scorer
        one, two = self._scorer.scores, other._scorer.scores
        return self._scorer.vocab_dict == other._scorer.vocab_dict and all(
            np.array_equal(one[part], two[part]) for part in ("data", "indices", "indptr")
        )

    def save(self, folder: Path) -> None:
        """Write the index below ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._scorer is not None:
            self._scorer.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> "LexicalIndex":
        """Read what `save` wrote for ``size`` passages."""
        if not (folder / "params.index.json").exists():
            return cls(None, size)
        import bm25s

        return cls(bm25s.BM25.load(folder, show_progress=False), size)

"""Score passages by the words they share with a question: BM25 over stems.

Every score that a term can give is computed when the index is built, as in bm25s (Lù 2024), and
stored by term; a question reads those of its own terms. Meaning beyond shared words is left to
`qa.retrieval.dense`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.retrieval.passages import passage_text
from qa.schema import Passage
from qa.text import content_stems

K1, B = 1.2, 0.75  # Robertson and Zaragoza 2009, section 3.4
_BATCH = 4096  # passages whose terms are counted at once


class Postings(NamedTuple):
    """Which passages hold each term, and the scores it gives them.

    ``letters`` are the terms, sorted, one after the other in UTF-8, and ``ends`` where each ends.
    Term number n is in the passages ``holders[bounds[n] : bounds[n + 1]]``, which ascend, and gives
    them the ``weights`` there.
    """

    letters: NDArray[np.uint8]
    ends: NDArray[np.int64]
    bounds: NDArray[np.int64]
    holders: NDArray[np.int32]
    weights: NDArray[np.float32]

    def term(self, number: int) -> bytes:
        """Return a term in UTF-8."""
        start = self.ends[number - 1] if number else 0
        return self.letters[start : self.ends[number]].tobytes()


class LexicalIndex:
    """BM25 scores of every passage, computed when the index is built."""

    def __init__(self, postings: Postings, size: int) -> None:
        self._postings = postings
        self.size = size
        self._number = lru_cache(maxsize=65536)(self._find)

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> "LexicalIndex":
        """Index what a passage says and what stands above it (heading, lead-in, header)."""
        numbers: dict[str, int] = {}
        counted = [_Counts.of([], numbers)]
        for start in range(0, len(passages), _BATCH):
            batch = passages[start : start + _BATCH]
            counted.append(_Counts.of(map(passage_text, batch), numbers))
        return cls(_postings(counted, numbers), len(passages))

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return one BM25 score a passage, shape (size,), all at least 0."""
        scores = np.zeros(self.size, np.float32)
        for term in content_stems(question):
            holding = self._holding(term)
            scores[self._postings.holders[holding]] += self._postings.weights[holding]
        return scores

    def inverse_document_frequency(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) of a stem, n the passages that hold it."""
        holding = self._holding(term)
        return float(inverse_document_frequency(np.array(holding.stop - holding.start), self.size))

    def unknown(self, stems: Sequence[str]) -> frozenset[str]:
        """Return those of the stems that no passage holds."""
        return frozenset(one for one in stems if self._number(one) is None)

    def stems(self, initial: str) -> Iterator[tuple[str, int]]:
        """Yield the stems that begin so, each with how many passages hold it."""
        known = range(len(self._postings.ends))
        for at in range(bisect_left(known, _utf8(initial), key=self._postings.term), len(known)):
            term = self._postings.term(at).decode("utf-8", "surrogatepass")
            if not term.startswith(initial):
                return
            yield term, int(self._postings.bounds[at + 1] - self._postings.bounds[at])

    def _holding(self, term: str) -> slice:
        """Return where the passages that hold a term stand, an empty slice for an unknown one."""
        number = self._number(term)
        if number is None:
            return slice(0, 0)
        return slice(*self._postings.bounds[number : number + 2].tolist())

    def _find(self, term: str) -> int | None:
        """Return the number of a term; None where no passage holds it."""
        sought, known = _utf8(term), range(len(self._postings.ends))
        at = bisect_left(known, sought, key=self._postings.term)
        return at if at < len(known) and self._postings.term(at) == sought else None

    def matches(self, other: "LexicalIndex") -> bool:
        """Tell whether another index gives every question the same scores."""
        one, two = self._postings._asdict(), other._postings._asdict()
        same = (np.array_equal(one[name], two[name]) for name in Postings._fields)
        return self.size == other.size and all(same)

    def save(self, path: Path) -> None:
        """Write the index to files beside each other, ``path`` with ``.letters.npy`` and so on."""
        for name, array in self._postings._asdict().items():
            np.save(path.with_name(f"{path.name}.{name}.npy"), array)

    @classmethod
    def load(cls, path: Path, size: int) -> "LexicalIndex":
        """Open what `save` wrote for ``size`` passages; it is read from the disk when asked.

        Raise `OSError`, or what numpy raises for a damaged file, where that cannot be.
        """
        files = (path.with_name(f"{path.name}.{name}.npy") for name in Postings._fields)
        held = Postings(*(np.asarray(np.load(file, mmap_mode="r")) for file in files))
        if len(held.bounds) != len(held.ends) + 1 or len(held.holders) != held.bounds[-1]:
            raise ValueError(f"the parts of {path.name} do not fit together")
        return cls(held, size)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Of some passages: the distinct terms of each, how often it holds them, and their totals."""

    terms: NDArray[np.int32]
    times: NDArray[np.int32]
    distinct: NDArray[np.int64]  # terms of each passage
    lengths: NDArray[np.int64]  # of each passage, repeats counted

    @classmethod
    def of(cls, texts: Iterable[str], numbers: dict[str, int]) -> "_Counts":
        """Count the terms of texts; new ones are given the next numbers."""
        rows = [
            [numbers.setdefault(term, len(numbers)) for term in content_stems(text)]
            for text in texts
        ]
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        terms = np.fromiter(chain.from_iterable(rows), np.int64, int(lengths.sum()))
        owner = np.repeat(np.arange(len(rows)), lengths)
        base = max(len(numbers), 1)
        keys, times = np.unique(owner * base + terms, return_counts=True)
        distinct = np.bincount(keys // base, minlength=len(rows))
        return cls((keys % base).astype(np.int32), times.astype(np.int32), distinct, lengths)


def _postings(counted: Sequence[_Counts], numbers: dict[str, int]) -> Postings:
    """Return the postings of passages that were counted; ``numbers`` are those of the terms.

    A score is idf * tf / (tf + k1 * (1 - b + b * length / mean length)), as Lucene's.
    """
    spelt = sorted(map(_utf8, numbers))
    rank = np.zeros(len(numbers), np.int32)
    rank[[numbers[term.decode("utf-8", "surrogatepass")] for term in spelt]] = np.arange(len(spelt))
    lengths = np.concatenate([one.lengths for one in counted])
    terms = rank[np.concatenate([one.terms for one in counted])]
    times = np.concatenate([one.times for one in counted]).astype(np.float32)
    distinct = np.concatenate([one.distinct for one in counted])
    order = np.argsort(terms, kind="stable")
    holders = np.repeat(np.arange(len(lengths), dtype=np.int32), distinct)[order]
    times, held = times[order], np.bincount(terms, minlength=len(spelt))
    idf = np.repeat(inverse_document_frequency(held, len(lengths)).astype(np.float32), held)
    mean = lengths.sum() / max(len(lengths), 1) or 1.0
    room = K1 * ((1 - B) + B * lengths / mean)
    weights = (idf * (times / (room[holders] + times))).astype(np.float32)
    letters = np.frombuffer(b"".join(spelt), np.uint8)
    ends = np.cumsum([len(term) for term in spelt], dtype=np.int64)
    return Postings(letters, ends, np.r_[0, np.cumsum(held)], holders, weights)


def inverse_document_frequency(held: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return ln(1 + (N - n + 0.5) / (n + 0.5)) of terms that ``held`` of N passages hold."""
    idf: NDArray[np.float64] = np.log(1 + (size - held + 0.5) / (held + 0.5))
    return idf


def _utf8(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")

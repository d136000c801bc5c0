"""Score passages by how near each word of a question comes to one of theirs: late interaction.

Words count by rarity, and have to stand near each other. The vectors are the bundled encoder's,
whichever encoder gives the passages theirs. Which passages are looked at is left to
`qa.retrieval.hybrid`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import WordVectors
from qa.retrieval.passages import passage_text
from qa.schema import Passage

BLOCK = 24  # tokens; two blocks in a row are what a question's words are looked for in
_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Nearness:
    """For each passage looked at, two figures from 0 to 1, each of shape (passages,).

    ``words``: the mean, weighted by rarity, of every question word's best cosine among two
    blocks of the passage, in the two blocks where it is highest (after Khattab and Zaharia 2020).
    ``pairs``: the share of the question's pairs of words that stand in the passage as they are.
    """

    words: NDArray[np.float64]
    pairs: NDArray[np.float64]


class WordIndex:
    """The tokens of passages, in their order.

    ``ends`` is where each passage's tokens end, ``holders`` how many passages hold each token.
    """

    _ARRAYS = ("tokens", "ends", "holders")

    def __init__(
        self,
        tokens: NDArray[np.unsignedinteger[Any]],
        ends: NDArray[np.int64],
        holders: NDArray[np.int64],
        vectors: WordVectors,
    ) -> None:
        self.tokens, self.ends, self.holders = tokens, ends, holders
        self._vectors = vectors

    @classmethod
    def build(cls, passages: Sequence[Passage], vectors: WordVectors) -> "WordIndex":
        """Cut what a passage says, and what stands above it, into tokens."""
        known = len(vectors.lengths)
        small = np.min_scalar_type(max(known - 1, 0))
        tokens, lengths = [np.zeros(0, small)], [np.zeros(0, np.int64)]
        holders = np.zeros(known, np.int64)
        for start in range(0, len(passages), _BATCH):
            batch = [passage_text(passage) for passage in passages[start : start + _BATCH]]
            row, length = vectors.tokenize(batch)
            distinct = np.unique(np.repeat(np.arange(len(batch)), length) * known + row)
            holders += np.bincount(distinct % known, minlength=known)
            tokens.append(row.astype(small))
            lengths.append(length.astype(np.int64))
        return cls(np.concatenate(tokens), np.cumsum(np.concatenate(lengths)), holders, vectors)

    def save(self, path: Path) -> None:
        """Write the tokens to files beside each other, ``path`` with ``.tokens.npy`` and so on."""
        for name in self._ARRAYS:
            np.save(path.with_name(f"{path.name}.{name}.npy"), getattr(self, name))

    @classmethod
    def load(cls, path: Path, vectors: WordVectors) -> "WordIndex":
        """Open what `save` wrote; the tokens are read from the disk when they are asked for.

        Raise `ValueError` where they disagree, `OSError`, or what numpy raises for a damaged file,
        where one cannot be read.
        """
        files = (path.with_name(f"{path.name}.{name}.npy") for name in cls._ARRAYS)
        tokens, ends, holders = (np.asarray(np.load(file, mmap_mode="r")) for file in files)
        total = int(ends[-1]) if len(ends) else 0
        if total != len(tokens) or len(holders) != len(vectors.lengths):
            raise ValueError(f"{path.name} was made with other word vectors")
        return cls(tokens, ends, holders, vectors)

    def matches(self, other: "WordIndex") -> bool:
        """Tell whether another index holds the same tokens of the same passages."""
        return all(
            np.array_equal(getattr(self, part), getattr(other, part)) for part in self._ARRAYS
        )

    @property
    def size(self) -> int:
        """The number of passages."""
        return len(self.ends)

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """The whole words among the tokens, folded, with the number of passages that hold each."""
        words = self._vectors.words
        held = np.flatnonzero(self.holders)
        return {words[at]: int(self.holders[at]) for at in held.tolist() if words[at].isalpha()}

    def is_word(self, folded: str) -> bool:
        """Tell whether the vectors know a word whole, be it in the passages or not."""
        return len(self._vectors.tokenize([folded])[0]) == 1

    def nearness(self, question: str, places: NDArray[np.int64]) -> Nearness:
        """Compare a question with the passages at ``places``."""
        return compare(question, *self._held(places), self._vectors, self._rarity)

    def means(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of the passages at ``places``, as the bundled encoder gives them."""
        return self._vectors.means(*self._held(places))

    def _held(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the tokens of the passages at ``places`` in one row, and how many each has."""
        starts = self.ends[places - 1] * (places > 0)
        sizes = self.ends[places] - starts
        inside = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.tokens[np.repeat(starts, sizes) + inside].astype(np.int64), sizes

    def _rarity(self, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
        return rarity(self.holders[tokens], self.size)


def rarity(holders: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return the inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), of tokens."""
    return np.log1p((size - holders + 0.5) / (holders + 0.5))


def compare(
    question: str,
    tokens: NDArray[np.int64],
    sizes: NDArray[np.int64],
    vectors: WordVectors,
    weigh: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> Nearness:
    """Compare a question with passages: their tokens in one row, and how many each has.

    ``weigh`` gives the rarity of each token of the question.
    """
    asked = vectors.tokenize([question])[0]
    asked = asked[vectors.lengths[asked] > 0]
    nothing = np.zeros(len(sizes))
    if not len(asked) or not sizes.any():
        return Nearness(nothing, nothing)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    weights = weigh(asked) * vectors.lengths[asked]
    words = np.zeros(len(sizes))
    kinds, kind = np.unique(tokens, return_inverse=True)
    words[sizes > 0] = _words(weights, vectors.cosines(kinds, asked)[kind], owner, within)
    return Nearness(words, _pairs(asked, tokens, owner, len(sizes)))


def _words(
    weights: NDArray[np.float64],
    cosines: NDArray[np.float32],
    owner: NDArray[np.int64],
    within: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the nearness of words for each passage that has any."""
    heads = np.flatnonzero(within % BLOCK == 0)
    blocks, home = np.maximum.reduceat(cosines, heads, axis=0), owner[heads]
    both = blocks.copy()
    follows = np.flatnonzero(home[1:] == home[:-1])
    both[follows] = np.maximum(blocks[follows], blocks[follows + 1])
    found = both @ (weights / weights.sum())
    opens = np.flatnonzero(np.r_[True, home[1:] != home[:-1]])
    return np.maximum.reduceat(found, opens).astype(np.float64)


def _pairs(
    asked: NDArray[np.int64], tokens: NDArray[np.int64], owner: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Return the share of the question's neighbouring tokens that are neighbours in a passage."""
    base = int(max(asked.max(), tokens.max())) + 1
    wanted = np.unique(asked[:-1] * base + asked[1:])
    if not len(wanted):
        return np.zeros(count)
    held = tokens[:-1] * base + tokens[1:]
    known = np.flatnonzero(np.isin(held, wanted) & (owner[1:] == owner[:-1]))
    place = np.searchsorted(wanted, held[known])
    distinct = np.unique(owner[known] * len(wanted) + place) // len(wanted)
    return np.bincount(distinct, minlength=count) / len(wanted)

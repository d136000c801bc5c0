"""Keep rows of different lengths, such as token ids, in one flat array; gather some quickly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from tokenizers import Tokenizer

_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of integers: number ``i`` is ``values[bounds[i]:bounds[i + 1]]``."""

    values: NDArray[np.integer]
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, row: int) -> NDArray[np.integer]:
        return self.values[self.bounds[row] : self.bounds[row + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return the length of every row."""
        return np.diff(self.bounds)

    @classmethod
    def of(cls, rows: Iterable[ArrayLike], dtype: DTypeLike) -> Ragged:
        """Return the rows as one.

        >>> Ragged.of([[5, 6], [7]], np.uint16)[1]
        array([7], dtype=uint16)
        """
        arrays = [np.asarray(row, dtype=dtype) for row in rows]
        bounds = np.cumsum([0, *map(len, arrays)], dtype=np.int64)
        return cls(np.concatenate([np.empty(0, dtype), *arrays]), bounds)

    def gather(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the values of some rows end to end, and the length of each.

        >>> some = Ragged(np.array([5, 6, 7], np.uint16), np.array([0, 2, 3]))
        >>> [list(map(int, part)) for part in some.gather(np.array([1, 0]))]
        [[7, 5, 6], [1, 2]]
        """
        return self.slices(self.bounds[rows], self.bounds[rows + 1])

    def slices(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the values between starts and ends, end to end, and the length of each slice."""
        lengths = ends - starts
        shifts = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
        return self.values[np.arange(len(shifts)) + shifts].astype(np.int64), lengths

    def save(self, path: Path) -> None:
        """Write both arrays to one file."""
        np.savez(path, values=self.values, bounds=self.bounds)

    @classmethod
    def load(cls, path: Path) -> Ragged:
        """Read what ``save`` wrote."""
        with np.load(path) as arrays:
            return cls(arrays["values"], arrays["bounds"])


def tokenize(tokenizer: Tokenizer, texts: Iterable[str]) -> Ragged:
    """Return the token ids of all texts, without unknown tokens (id 0)."""
    waiting = iter(texts)
    parts, lengths = [], []
    while chunk := list(islice(waiting, _CHUNK)):
        encodings = tokenizer.encode_batch_fast(chunk, add_special_tokens=False)
        ids = [encoding.ids for encoding in encodings]
        tokens = np.fromiter(chain.from_iterable(ids), dtype=np.uint16)
        owners = np.repeat(np.arange(len(ids)), np.fromiter(map(len, ids), dtype=np.int64))
        parts.append(tokens[tokens > 0])
        lengths.append(np.bincount(owners[tokens > 0], minlength=len(ids)))
    if not parts:
        return Ragged(np.zeros(0, np.uint16), np.zeros(1, np.int64))
    bounds = np.concatenate([[0], np.cumsum(np.concatenate(lengths), dtype=np.int64)])
    return Ragged(np.concatenate(parts), bounds)

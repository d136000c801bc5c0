"""Hold questions with passages and spans as token ids, and deal them out in batches by length.

How the questions are made is left to ``questions``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from embeddings.training.ragged import Ragged
from qa.training.reader.tokens import PAD

ANSWERS = 8
NONE = -1


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions, the passage of each, its spans (start, last, start, last ...), hard negatives.

    ``negatives`` are numbers of passages that do not answer; ``weights`` is how often a question
    is drawn in one pass; spans count tokens and include their last one.
    """

    questions: Ragged
    passages: Ragged
    passage_of: np.ndarray
    spans: Ragged
    negatives: Ragged
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.questions)

    def save(self, path: Path) -> None:
        """Write everything to one ``.npz``."""
        ragged = {
            f"{name}_{part}": getattr(getattr(self, name), part)
            for name in ("questions", "passages", "spans", "negatives")
            for part in ("values", "bounds")
        }
        np.savez_compressed(path, **ragged, passage_of=self.passage_of, weights=self.weights)

    @classmethod
    def load(cls, path: Path) -> "Pairs":
        """Read what ``save`` wrote."""
        with np.load(path) as held:
            ragged = {
                name: Ragged(held[f"{name}_values"], held[f"{name}_bounds"])
                for name in ("questions", "passages", "spans", "negatives")
            }
            return cls(**ragged, passage_of=held["passage_of"], weights=held["weights"])


class Batch(NamedTuple):
    """Padded ids of questions (b, q) and passages (b, p); starts and lasts (b, k), -1 for none."""

    questions: torch.Tensor
    passages: torch.Tensor
    starts: torch.Tensor
    lasts: torch.Tensor

    def to(self, device: str) -> "Batch":
        """Move every tensor."""
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in self))


@dataclass(frozen=True, slots=True)
class Dealing:
    """How batches are dealt: the longest window, tokens a batch, the share of hard negatives.

    A pass deals one of ``parts`` equal parts, so that a schedule may change between passes.
    """

    limit: int = 320
    tokens: int = 8_192
    negatives: float = 0.0
    most: int = 96
    parts: int = 1


def batches(pairs: Pairs, dealing: Dealing, seed: int, turn: int, skip: int = 0) -> Iterator[Batch]:
    """Yield the batches of pass number ``turn``; the same numbers give the same batches.

    ``skip`` leaves out the first batches without making them.
    """
    whole = np.random.default_rng([seed, turn // dealing.parts])
    drawn = whole.random(len(pairs)) < pairs.weights
    drawn &= whole.integers(dealing.parts, size=len(pairs)) == turn % dealing.parts
    rng = np.random.default_rng([seed, turn, 1])
    negative = (rng.random(len(pairs)) < dealing.negatives) & (pairs.negatives.lengths > 0)
    lengths = np.minimum(pairs.passages.lengths[pairs.passage_of], dealing.limit)
    rows = np.flatnonzero(drawn)
    rows = rows[np.argsort(lengths[rows] * rng.uniform(0.9, 1.1, len(rows)), kind="stable")]
    groups = _cut(rows, np.maximum(lengths[rows], 16), dealing)
    for number in rng.permutation(len(groups))[skip:]:
        own = np.random.default_rng([seed, turn, number])
        found = [_example(pairs, row, negative[row], dealing.limit, own) for row in groups[number]]
        yield _batch(found)


def _cut(rows: np.ndarray, lengths: np.ndarray, dealing: Dealing) -> list[np.ndarray]:
    """Cut rows, sorted by length, so that the padded size of each group stays in bounds."""
    cuts, first = [], 0
    for n in range(len(rows)):
        if (n + 1 - first) * lengths[n] > dealing.tokens or n - first >= dealing.most:
            cuts.append(n)
            first = n
    return [group for group in np.split(rows, cuts) if len(group)]


Row = tuple[np.ndarray, np.ndarray, np.ndarray]


def _example(pairs: Pairs, row: int, negative: bool, limit: int, rng: np.random.Generator) -> Row:
    """Return question, window of the passage and spans inside it, as (k, 2)."""
    question = pairs.questions[row]
    if negative:
        passage = pairs.passages[rng.choice(pairs.negatives[row])]
        begin = rng.integers(0, max(1, len(passage) - limit + 1))
        return question, passage[begin : begin + limit], np.empty((0, 2), np.int64)
    passage = pairs.passages[pairs.passage_of[row]]
    spans = pairs.spans[row].reshape(-1, 2).astype(np.int64)
    begin = 0
    if len(passage) > limit and len(spans):
        start, last = spans[rng.integers(len(spans))]
        low, high = max(0, last - limit + 1), min(start, len(passage) - limit)
        begin = rng.integers(min(low, high), max(low, high) + 1)
    inside = (spans[:, 0] >= begin) & (spans[:, 1] < begin + limit)
    return question, passage[begin : begin + limit], (spans[inside] - begin)[:ANSWERS]


def _batch(rows: list[Row]) -> Batch:
    spans = np.full((2, len(rows), ANSWERS), NONE, dtype=np.int64)
    for n, (_, _, found) in enumerate(rows):
        spans[:, n, : len(found)] = found.T
    questions, passages = padded([row[0] for row in rows]), padded([row[1] for row in rows])
    return Batch(questions, passages, torch.from_numpy(spans[0]), torch.from_numpy(spans[1]))


def padded(rows: list[np.ndarray]) -> torch.Tensor:
    """Return rows of ids as one int64 matrix, padded at the right."""
    matrix = np.full((len(rows), max(map(len, rows))), PAD, dtype=np.int64)
    for n, row in enumerate(rows):
        matrix[n, : len(row)] = row
    return torch.from_numpy(matrix)

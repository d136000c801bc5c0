"""Train a static model's table so that a question lies near its paragraph and far from others.

This is Sentence Transformers' MultipleNegativesRankingLoss in a loop of its own: that library's
trainer tokenises every text again at every step, and cannot mask a paragraph that occurs twice in a
batch. Where pairs come from is left to ``pairs``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from embeddings.training.ragged import Ragged

Bags = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the table is trained; the defaults made the bundled model."""

    steps: int = 1200
    batch: int = 1024
    run: int = 8
    question_share: float = 0.5
    rate: float = 2e-3
    weight_rate: float = 2e-2
    scale: float = 20.0
    drop: float = 0.1
    sentence_drop: float = 0.5
    keep_sentence: float = 0.1
    flatten: float = 0.8
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Pairs:
    """The training data as token ids; ``pairs`` describes each array."""

    questions: Ragged
    paragraphs: Ragged
    own: NDArray[np.int64]
    negatives: NDArray[np.int64]
    sentences: Ragged
    firsts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries, their paragraphs followed by negatives, and the number of each paragraph."""

    queries: Bags
    passages: Bags
    names: NDArray[np.int64]


class Table(nn.Module):
    """The vector of each token and the logarithm of its weight."""

    def __init__(self, vectors: NDArray[np.float32], weights: NDArray[np.float32]) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.from_numpy(vectors.copy()))
        self.weights = nn.Parameter(torch.from_numpy(np.log(weights)))

    def forward(self, bags: Bags) -> Tensor:
        """Return one row of length 1 per bag of tokens."""
        tokens, lengths = (torch.from_numpy(part) for part in bags)
        starts = torch.cumsum(lengths, 0) - lengths
        rows = nn.functional.embedding_bag(
            tokens, self.vectors, starts, mode="sum", per_sample_weights=self.weights[tokens].exp()
        )
        return nn.functional.normalize(rows, dim=-1)

    def folded(self, flatten: float = 1.0) -> NDArray[np.float32]:
        """Return the table with the weights multiplied into its rows, scaled to a mean length of 1.

        Lengths are raised to the power ``flatten``: below 1 it damps the noise in the weights of
        rare tokens. The row of unknown words is zero.
        """
        with torch.no_grad():
            rows = self.vectors * self.weights.exp()[:, None]
            rows *= rows.norm(dim=1, keepdim=True) ** (flatten - 1)
            rows[0] = 0
            rows /= rows.norm(dim=1).mean()
        return rows.numpy()


def train(
    table: Table, pairs: Pairs, settings: Settings, report: Callable[[str], None] = print
) -> None:
    """Train the table in place; the same seed and the same thread count give the same table."""
    optimiser = torch.optim.Adam(
        [
            {"params": [table.vectors], "lr": settings.rate},
            {"params": [table.weights], "lr": settings.weight_rate},
        ],
        betas=(0.9, 0.98),
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / 50, 1 - step / settings.steps + 1e-3)
    )
    started, total = time.monotonic(), 0.0
    for step, batch in enumerate(_batches(pairs, settings), start=1):
        loss = _loss(table, batch, settings.scale)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item()
        if step % 100 == 0:
            seconds = time.monotonic() - started
            report(f"step {step} of {settings.steps}: loss {total / 100:.3f}, {seconds:.0f} s")
            total = 0.0


def _loss(table: Table, batch: Batch, scale: float) -> Tensor:
    """Return the cross-entropy of picking each query's paragraph, and each paragraph's query."""
    queries, passages = table(batch.queries), table(batch.passages)
    scores = scale * queries @ passages.T
    count = len(queries)
    names = torch.from_numpy(batch.names)
    same = names[:count, None] == names[None, :]
    same[torch.arange(count), torch.arange(count)] = False
    scores = scores.masked_fill(same, -1e4)
    target = torch.arange(count)
    forth = nn.functional.cross_entropy(scores, target)
    back = nn.functional.cross_entropy(scores[:, :count].T, target)
    return forth + 0.3 * back


def _batches(pairs: Pairs, settings: Settings) -> Iterator[Batch]:
    rng = np.random.default_rng(settings.seed)
    questions = _forever(len(pairs.questions), settings.batch, rng)
    runs = _forever((len(pairs.firsts) - 1) // settings.run, settings.batch // settings.run, rng)
    for _ in range(settings.steps):
        if rng.random() < settings.question_share:
            yield _question_batch(pairs, next(questions), settings, rng)
        else:
            rows = next(runs)[:, None] * settings.run + np.arange(settings.run)
            yield _sentence_batch(pairs, rows.ravel(), settings, rng)


def _forever(count: int, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield random batches of row numbers without end, every row once before any twice."""
    size = min(size, count)
    while True:
        order = rng.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def _question_batch(
    pairs: Pairs, rows: NDArray[np.int64], settings: Settings, rng: np.random.Generator
) -> Batch:
    column = rng.integers(pairs.negatives.shape[1], size=len(rows))
    names = np.concatenate([pairs.own[rows], pairs.negatives[rows, column]])
    queries = _dropped(pairs.questions.gather(rows), np.full(len(rows), settings.drop), rng)
    passages = pairs.paragraphs.gather(names)
    return Batch(queries, _dropped(passages, np.full(len(names), settings.drop), rng), names)


def _sentence_batch(
    pairs: Pairs, rows: NDArray[np.int64], settings: Settings, rng: np.random.Generator
) -> Batch:
    """Return a random sentence of each paragraph, some of its words dropped, and the rest."""
    firsts, ends = pairs.firsts[rows], pairs.firsts[rows + 1]
    chosen = firsts + (rng.random(len(rows)) * (ends - firsts)).astype(np.int64)
    queries = pairs.sentences.gather(chosen)
    drop = rng.uniform(0, 2 * settings.sentence_drop, size=len(rows)).clip(max=0.8)
    bounds = pairs.sentences.bounds
    tokens, lengths = pairs.sentences.slices(bounds[firsts], bounds[ends])
    place = np.arange(len(tokens)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    low = np.repeat(bounds[chosen] - bounds[firsts], lengths)
    high = np.repeat(bounds[chosen + 1] - bounds[firsts], lengths)
    kept = np.repeat(rng.random(len(rows)) < settings.keep_sentence, lengths)
    keep = kept | (place < low) | (place >= high)
    return Batch(_dropped(queries, drop, rng), _filtered((tokens, lengths), keep), rows)


def _dropped(bags: Bags, rates: NDArray[np.float64], rng: np.random.Generator) -> Bags:
    tokens, lengths = bags
    return _filtered(bags, rng.random(len(tokens)) >= np.repeat(rates, lengths))


def _filtered(bags: Bags, keep: NDArray[np.bool_]) -> Bags:
    tokens, lengths = bags
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return tokens[keep], np.bincount(owner[keep], minlength=len(lengths))

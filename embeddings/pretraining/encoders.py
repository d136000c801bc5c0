"""A quick encoder from a pretrained network, to see what pretraining gives retrieval.

A text's vector is the mean of what the first level makes of its tokens; it learns for minutes to
lie near its paragraph, against the others of the batch and a foil each. It is measured, not kept.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from embeddings.pretraining.layers import mirrored
from embeddings.pretraining.pairs import Pairs, padded
from embeddings.pretraining.readers import Recurrent, Transformer
from embeddings.pretraining.tokens import PAD
from embeddings.pretraining.training import Item, Stream
from embeddings.pretraining.work import Work
from embeddings.training.measure import ndcg, tasks

LENGTH = 160
SCALE = 20.0
SIZE = 256


class Encoder(nn.Module):
    """Token ids to vectors of length 1."""

    def __init__(self, reader: nn.Module) -> None:
        super().__init__()
        self.reader = reader
        if isinstance(reader, Transformer):
            width = reader.shape.width
        else:
            width = reader.embed.embedding_dim + 2 * reader.first.ahead.hidden_size
        self.project = nn.Linear(width, SIZE)

    def forward(self, ids: Tensor) -> Tensor:
        """Return (b, 256) from ids (b, t)."""
        real = (ids != PAD).float()[:, :, None]
        states = self.project(self._states(ids)).float()
        return F.normalize((states * real).sum(1) / real.sum(1).clamp(min=1.0), dim=1)

    def _states(self, ids: Tensor) -> Tensor:
        if isinstance(self.reader, Recurrent):
            words = self.reader.dropout(self.reader.embed(ids))
            return torch.cat([words, self.reader.first(words, mirrored(ids != PAD))], 2)
        return self.reader.encode(ids)


class Batch(NamedTuple):
    """Ids of questions (b, q), of their passages and of a foil each (2b, p), and who they are."""

    questions: Tensor
    passages: Tensor
    names: Tensor


def contrast_stream(pairs: Pairs, rows: int, seed: int) -> Stream:
    """Return batches of ``rows`` questions with their passages, every question once a pass."""
    known = np.flatnonzero((pairs.weights > 0) & (pairs.spans.lengths > 0))

    def stream(turn: int, progress: float, skip: int) -> Iterator[Item]:
        rng = np.random.default_rng([seed, turn])
        order = rng.permutation(known)
        for group in np.split(order, range(rows, len(order), rows))[skip:]:
            foils = [int(rng.choice(f)) if len(f := pairs.foils[n]) else 0 for n in group]
            names = np.concatenate([pairs.passage_of[group], foils])
            held = [pairs.passages[n][:LENGTH] for n in names]
            batch = Batch(
                padded([pairs.questions[n] for n in group]), padded(held), torch.from_numpy(names)
            )
            tokens = int((batch.questions > 0).sum() + (batch.passages > 0).sum())
            yield Item(batch, tokens)

    return stream


def contrast_loss(encoder: Encoder, batch: Batch, device: str) -> Tensor:
    """Return the cross-entropy of picking each question's passage."""
    asked, held = (encoder(ids.to(device)) for ids in batch[:2])
    scores = SCALE * asked @ held.T
    names = batch.names.to(device)
    target = torch.arange(len(asked), device=device)
    same = names[: len(asked), None] == names[None, :]
    same[target, target] = False
    return F.cross_entropy(scores.masked_fill(same, -1e4), target)


def retrieval(encoder: Encoder, work: Work) -> dict[str, float]:
    """Return nDCG at 10, in percent, of the vectors alone on the sets for choices."""
    tokenizer = work.tokenizer()
    device = next(encoder.parameters()).device

    def encoded(texts: Sequence[str]) -> np.ndarray:
        rows = [np.array(one.ids[:LENGTH] or [PAD]) for one in tokenizer.encode_batch(list(texts))]
        with torch.inference_mode():
            parts = [
                encoder(padded(rows[n : n + 64]).to(device)).cpu() for n in range(0, len(rows), 64)
            ]
        return torch.cat(parts).numpy().astype(np.float64)

    found = {}
    for task in tasks(work.data, report=False):
        scores = encoded(task.questions) @ encoded(task.documents).T
        gained = [ndcg(row, gains) for row, gains in zip(scores, task.gains, strict=True)]
        found[task.name] = round(100 * float(np.mean(gained)), 2)
    return found

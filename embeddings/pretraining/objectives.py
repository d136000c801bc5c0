"""Replaced-token detection for the transformer (ELECTRA, Clark et al. 2020) on packed prose.

A small generator fills masked places; the transformer tells which tokens are not the original.
Only the transformer is kept.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from embeddings.pretraining.readers import Shape, Transformer
from embeddings.pretraining.shards import read_shard, shard_paths
from embeddings.pretraining.tokens import MASK, SPECIALS
from embeddings.pretraining.training import Item, Stream
from embeddings.pretraining.work import Work

MASKED = 0.15
WEIGHT = 50.0
# (progress from which it holds, length of a row): short sequences first
LENGTHS = ((0.0, 128), (0.8, 320))


class Detector(nn.Module):
    """A transformer with a generator a third as wide, both reading the same embeddings."""

    def __init__(self, reader: Transformer) -> None:
        super().__init__()
        shape = reader.shape
        width = max(shape.heads * 8, shape.width // 3 // (8 * shape.heads) * 8 * shape.heads)
        small = Shape("transformer", shape.vocabulary, shape.embedding, width, 4, shape.heads)
        self.reader = reader
        self.generator = Transformer(small)
        self.generator.embed = reader.embed
        self.generator.head = nn.Identity()
        self.guess = nn.Linear(width, shape.embedding)
        self.judge = nn.Sequential(
            nn.Linear(shape.width, shape.width), nn.GELU(), nn.Linear(shape.width, 1)
        )

    def forward(self, ids: Tensor) -> Tensor:
        """Return the loss of both networks on rows of ids (b, t)."""
        masked = self._masked(ids)
        filled, guessing = self._filled(ids, masked)
        logits = self.judge(self.reader.encode(filled, packed=True)).squeeze(2).float()
        judged = F.binary_cross_entropy_with_logits(logits, (filled != ids).float())
        return guessing + WEIGHT * judged

    def _masked(self, ids: Tensor) -> Tensor:
        """Choose the same number of places in every row, so that shapes stay fixed."""
        chance = torch.rand(ids.shape, device=ids.device).masked_fill(ids < len(SPECIALS), -1.0)
        return chance.topk(max(1, int(ids.shape[1] * MASKED)), dim=1).indices

    def _filled(self, ids: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows with sampled tokens at ``places``, and the generator's loss."""
        states = self.generator.encode(ids.scatter(1, places, MASK), packed=True)
        states = states.gather(1, places[:, :, None].expand(-1, -1, states.shape[2]))
        logits = self.guess(states) @ self.reader.embed.weight.T.to(states.dtype)
        wanted = ids.gather(1, places)
        loss = F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten())
        noise = -torch.empty_like(logits, dtype=torch.float32).exponential_().log()
        sampled = (logits.detach().float() + noise).argmax(2)
        return ids.scatter(1, places, sampled), loss


def prose_stream(work: Work, tokens: int, seed: int) -> Stream:
    """Return packed rows of prose, one shard a pass; rows run across paragraphs."""
    paths = shard_paths(work.path("shards"))

    def stream(turn: int, progress: float, skip: int) -> Iterator[Item]:
        length = [length for start, length in LENGTHS if start <= progress][-1]
        rng = np.random.default_rng([seed, turn])
        order = np.random.default_rng([seed, turn // len(paths)]).permutation(len(paths))
        shard = read_shard(paths[order[turn % len(paths)]])
        shift = rng.integers(length)
        rows = shard[shift : shift + (len(shard) - shift) // length * length].reshape(-1, length)
        size = max(1, min(tokens // length, len(rows)))
        places = rng.permutation(len(rows))[: len(rows) // size * size].reshape(-1, size)
        for chosen in places[skip:]:
            batch = torch.from_numpy(rows[np.sort(chosen)].astype(np.int64))
            yield Item(batch, batch.numel())

    return stream

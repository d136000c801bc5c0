"""A bidirectional language model under the reader (ELMo, Peters et al. 2018) on packed prose.

The reader's first level guesses the next token in one direction and the one before in the other;
it and the embeddings are kept, the two guesses are not.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from qa.training.reader.layers import LOW
from qa.training.reader.readers import Recurrent
from qa.training.reader.shards import read_shard, shard_paths
from qa.training.reader.training import Item, Stream
from qa.training.reader.work import Work

CANDIDATES = 512
# (progress from which it holds, length of a row): short sequences first
LENGTHS = ((0.0, 128), (0.8, 320))


class Language(nn.Module):
    """The first level of a recurrent reader, trained to guess tokens from either side."""

    def __init__(self, reader: Recurrent) -> None:
        super().__init__()
        self.reader = reader
        width, size = reader.first.ahead.hidden_size, reader.embed.embedding_dim
        self.guesses = nn.ModuleList(nn.Linear(width, size) for _ in range(2))

    def forward(self, ids: Tensor) -> Tensor:
        """Return the mean loss of both directions on rows of ids (b, t) without padding."""
        words = self.reader.dropout(self.reader.embed(ids))
        turn = torch.arange(ids.shape[1] - 1, -1, -1, device=ids.device).expand_as(ids)
        ahead, back = self.reader.first(words, turn).chunk(2, dim=2)
        losses = [
            self._loss(ahead[:, :-1], ids[:, 1:], self.guesses[0]),
            self._loss(back[:, 1:], ids[:, :-1], self.guesses[1]),
        ]
        return torch.stack(losses).mean()

    def _loss(self, states: Tensor, wanted: Tensor, guess: nn.Module) -> Tensor:
        """Return the cross-entropy of each token against others that the batch holds.

        They are drawn as often as they are written, so a guess learns what speaks for a token
        beyond its being frequent.
        """
        wanted = wanted.flatten()
        others = wanted[torch.randint(len(wanted), (CANDIDATES,), device=wanted.device)]
        guesses = guess(states).flatten(0, 1)
        right = (guesses * self.reader.embed(wanted)).sum(1, keepdim=True)
        wrong = guesses @ self.reader.embed(others).T.to(guesses.dtype)
        wrong = wrong.masked_fill(wanted[:, None] == others[None, :], LOW)
        logits = torch.cat([right, wrong], dim=1).float()
        return (logits.logsumexp(1) - logits[:, 0]).mean()


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

"""The reader as a network: a transformer, and two scores for each piece of the window.

A span's score is its start plus its end; that of "not here" is the first piece's, as in SQuAD 2.0.
Pieces of the question and of the headings are never part of a span.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

OUTSIDE = -1e4  # the score of a piece that no span may hold


class SpanReader(nn.Module):
    """Score starts and ends over a window."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(body.config.hidden_size, 2)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    @classmethod
    def start(cls, folder: Path) -> "SpanReader":
        """Return a reader over a base's layers; its word embeddings are not trained."""
        body = AutoModel.from_pretrained(
            folder, attn_implementation="eager", add_pooling_layer=False
        )
        for dropped in (module for module in body.modules() if isinstance(module, nn.Dropout)):
            dropped.p = 0.0
        reader = cls(body)
        for parameter in body.embeddings.parameters():
            parameter.requires_grad_(False)
        return reader

    def forward(self, ids: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
        """Return start and end scores (b, n) of ids (b, n), 1 for padding.

        ``allowed`` (b, n) marks what a span may hold, and the first piece.
        """
        states = self.body(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state
        scores = self.head(states).float().masked_fill(~allowed[..., None], OUTSIDE)
        return scores[..., 0], scores[..., 1]


def span_loss(scores: tuple[Tensor, Tensor], starts: Tensor, ends: Tensor) -> Tensor:
    """Return the mean cross-entropy of first and last pieces (b,); 0 for what is not here."""
    losses = [functional.cross_entropy(s, t) for s, t in zip(scores, (starts, ends), strict=True)]
    return torch.stack(losses).mean()

"""The recurrent reader: token ids of question and passage to span scores.

It keeps question and passage apart and aligns them at three levels. How it learns is left to
``training`` and ``language``.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from qa.training.reader.layers import Align, BiLSTM, Head, LockedDropout, mirrored
from qa.training.reader.tokens import PAD


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a reader.

    ``depth`` is how many LSTMs lie under the first alignment and ``ground`` their width, 0 for that
    of the rest.
    """

    vocabulary: int = 48_000
    embedding: int = 200
    width: int = 128
    dropout: float = 0.25
    depth: int = 1
    ground: int = 0


class Recurrent(nn.Module):
    """Three BiLSTM levels with fully-aware alignment (Huang et al. 2018), sized for two cores."""

    classes: Tensor

    def __init__(self, shape: Shape, classes: Tensor) -> None:
        super().__init__()
        wide, drop = 2 * shape.width, shape.dropout
        ground = shape.ground or shape.width
        self.register_buffer("classes", classes)
        self.embed = nn.Embedding(shape.vocabulary, shape.embedding, padding_idx=PAD)
        self.dropout = LockedDropout(drop)
        self.first = BiLSTM(shape.embedding, ground, 0.0, shape.depth)
        self.by_word = Align(shape.embedding, shape.width, 0.0)
        self.by_state = Align(shape.embedding + 2 * ground, shape.width, drop)
        self.fuse = nn.Linear(2 * shape.embedding + 6 * ground + 4, wide)
        self.second = BiLSTM(wide, shape.width, drop)
        self.asked = BiLSTM(2 * ground, shape.width, drop)
        self.by_sense = Align(wide, shape.width, drop)
        self.to_self = Align(wide, shape.width, drop)
        self.fuse2 = nn.Linear(4 * wide, wide)
        self.third = BiLSTM(wide, shape.width, drop)
        self.head = Head(2 * wide, wide, drop)

    def forward(self, question: Tensor, passage: Tensor) -> Tensor:
        """Return logits (b, 2, 1 + p) from ids (b, q) and (b, p)."""
        asked, real = question != PAD, passage != PAD
        turn_q, turn_p = mirrored(asked), mirrored(real)
        word_q, word_p = self.dropout(self.embed(question)), self.dropout(self.embed(passage))
        one_q, one_p = self.first(word_q, turn_q), self.first(word_p, turn_p)
        away = ~asked[:, None, :]
        by_word = self.by_word(word_p, word_q, word_q, away)
        both_q, both_p = torch.cat([word_q, one_q], 2), torch.cat([word_p, one_p], 2)
        by_state = self.by_state(both_p, both_q, one_q, away)
        same = self.same(question, passage, asked).to(one_p.dtype)
        fused = [word_p, by_word, one_p, by_state, one_p * by_state, same]
        two_p = self.second(torch.tanh(self.fuse(torch.cat(fused, 2))), turn_p)
        two_q = self.asked(one_q, turn_q)
        by_sense = self.by_sense(two_p, two_q, two_q, away)
        steps = torch.arange(passage.shape[1], device=passage.device)
        away = ~real[:, None, :] | (steps[:, None] == steps[None, :])
        to_self = self.to_self(two_p, two_p, two_p, away)
        fused = [two_p, by_sense, two_p * by_sense, to_self]
        three = self.third(torch.tanh(self.fuse2(torch.cat(fused, 2))), turn_p)
        return self.head(torch.cat([three, two_p], 2), real, two_q, asked)

    def same(self, question: Tensor, passage: Tensor, asked: Tensor) -> Tensor:
        """Return (b, p, 4): is a token, folded or stemmed, in the question; are its neighbours."""
        found = []
        for kind in (self.classes[0], self.classes[1]):
            equal = kind[passage][:, :, None] == kind[question][:, None, :]
            found.append((equal & asked[:, None, :]).any(2).float())
        ahead = nn.functional.pad(found[1][:, 1:], (0, 1))
        back = nn.functional.pad(found[1][:, :-1], (1, 0))
        return torch.stack([*found, ahead, back], 2)


def span_loss(logits: Tensor, starts: Tensor, lasts: Tensor) -> Tensor:
    """Return minus the log of the probability of any given start, and of any given end.

    ``starts`` and ``lasts`` (b, k) are -1 for nothing; a row of nothing wants "not here".
    """
    logs = logits.log_softmax(2)
    empty = (starts < 0).all(1, keepdim=True)
    losses = []
    for side, wanted in enumerate((starts, lasts)):
        places = wanted + 1
        picked = logs[:, side].gather(1, places.clamp(min=0))
        first = torch.arange(wanted.shape[1], device=wanted.device)[None, :] == 0
        valid = (wanted >= 0) | (empty & first)
        losses.append(-picked.masked_fill(~valid, -1e9).logsumexp(1))
    return torch.stack(losses).mean()

"""The parts that the reader is made of: recurrent layers, attention, the head.

Every part takes a mask of real tokens, so a row gives the same numbers however long its padding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LOW = -1e4


class LockedDropout(nn.Module):
    """Drop the same features at every step of a row."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, states: Tensor) -> Tensor:
        """Return (b, t, d) with whole features left out."""
        if not self.training or not self.rate:
            return states
        kept = torch.empty_like(states[:, :1]).bernoulli_(1 - self.rate)
        return states * (kept / (1 - self.rate))


class BiLSTM(nn.Module):
    """One stack of LSTMs a direction; the backward one reads from the last real token."""

    def __init__(self, inputs: int, width: int, dropout: float, depth: int = 1) -> None:
        super().__init__()
        self.dropout = LockedDropout(dropout)
        self.ahead = nn.LSTM(inputs, width, depth, batch_first=True)
        self.back = nn.LSTM(inputs, width, depth, batch_first=True)

    def forward(self, states: Tensor, mirror: Tensor) -> Tensor:
        """Return (b, t, 2 * width); ``mirror`` (b, t) is where each position lands reversed."""
        states = self.dropout(states)
        ahead = self.ahead(states)[0]
        back = _take(self.back(_take(states, mirror))[0], mirror)
        return torch.cat([ahead, back], dim=2)


def _take(states: Tensor, places: Tensor) -> Tensor:
    return states.gather(1, places[:, :, None].expand(-1, -1, states.shape[2]))


def mirrored(mask: Tensor) -> Tensor:
    """Return the positions of each row backwards; padding stays where it is."""
    steps = torch.arange(mask.shape[1], device=mask.device)[None, :]
    back = mask.sum(1, keepdim=True) - 1 - steps
    return torch.where(back >= 0, back, steps)


class Align(nn.Module):
    """For each passage token, the mean of another sequence's values, weighted by likeness."""

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = LockedDropout(dropout)
        self.project = nn.Linear(inputs, width)
        self.scale = nn.Parameter(torch.full((width,), width**-0.5))

    def forward(self, asked: Tensor, keys: Tensor, values: Tensor, hidden: Tensor) -> Tensor:
        """Return (b, t, values); ``hidden`` is true where a pair may not be attended."""
        left = F.relu(self.project(self.dropout(asked))) * self.scale
        right = F.relu(self.project(self.dropout(keys)))
        scores = (left @ right.transpose(1, 2)).float().masked_fill(hidden, LOW)
        return scores.softmax(2).to(values.dtype) @ values


class Head(nn.Module):
    """Point at the span: question summary, start, then end given the start; and "not here"."""

    def __init__(self, passage: int, question: int, dropout: float) -> None:
        super().__init__()
        self.dropout = LockedDropout(dropout)
        self.weigh = nn.Linear(question, 1)
        self.start = nn.Linear(question, passage)
        self.mix = nn.Linear(question + passage, question)
        self.end = nn.Linear(question, passage)
        self.none = nn.Linear(question + passage, 2)

    def forward(self, passage: Tensor, mask: Tensor, question: Tensor, asked: Tensor) -> Tensor:
        """Return logits (b, 2, 1 + p): for start and end, "not here" first, then every token."""
        passage, question = self.dropout(passage), self.dropout(question)
        weights = self.weigh(question).float().masked_fill(~asked[:, :, None], LOW).softmax(1)
        summary = (weights.to(question.dtype) * question).sum(1)
        start = (passage @ self.start(summary)[:, :, None]).squeeze(2)
        start = start.float().masked_fill(~mask, LOW)
        found = (start.softmax(1)[:, None].to(passage.dtype) @ passage).squeeze(1)
        both = torch.cat([summary, found], dim=1)
        end = (passage @ self.end(torch.tanh(self.mix(both)))[:, :, None]).squeeze(2)
        spans = torch.stack([start, end.float().masked_fill(~mask, LOW)], dim=1)
        return torch.cat([self.none(both).float()[:, :, None], spans], dim=2)

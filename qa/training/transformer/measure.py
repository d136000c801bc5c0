"""Score a reader on questions with their paragraph: F1 and exact match of its best span."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from embeddings.training.data import Example
from eval.metrics import exact_match
from eval.metrics import f1 as token_f1
from qa.training.transformer.network import SpanReader
from qa.training.transformer.windows import Reading, Row, batch_of, encode

LONGEST_ANSWER = 80  # pieces
TOGETHER = 16
Score = Callable[[torch.Tensor, torch.Tensor], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Figures:
    """F1 and exact match of the best span on what can be answered, in per cent.

    ``refused``: the share for which "not here" beats every span, of what can be answered and of
    what cannot.
    """

    f1: float
    exact: float
    refused: float
    refused_rightly: float


def torch_score(reader: SpanReader) -> Score:
    """Return the scoring function of a network, in the precision that it trains in."""

    def score(ids: torch.Tensor, allowed: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            start, end = reader(ids, allowed)
        return start.numpy(), end.numpy()

    return score


def best_span(row: Row, start: np.ndarray, end: np.ndarray) -> tuple[int, int, float]:
    """Return the characters of the best span, and its score over that of "not here"."""
    inside = slice(row.offset, len(row.ids) - 1)
    sums = start[inside][:, None] + end[inside][None, :]
    sums = np.triu(sums) + np.tril(np.full_like(sums, -np.inf), -1)
    sums[np.triu_indices_from(sums, LONGEST_ANSWER)] = -np.inf
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    score = float(sums[first, last] - start[0] - end[0])
    return row.places[first][0], row.places[last][1], score


def measured(score: Score, tokenizer: Tokenizer, examples: Sequence[Example]) -> Figures:
    """Return the figures of a reader on examples; their paragraphs are cut where too long."""
    readings = [Reading(one.question, "", one.context, (), one.source) for one in examples]
    rows = encode(tokenizer, readings)
    order = sorted(range(len(rows)), key=lambda n: len(rows[n].ids))
    f1, exact, refused, rightly = [], [], [], []
    for begin in range(0, len(order), TOGETHER):
        numbers = order[begin : begin + TOGETHER]
        batch = batch_of([rows[n] for n in numbers])
        for n, start, end in zip(numbers, *score(batch.ids, batch.allowed), strict=True):
            first, last, margin = best_span(rows[n], start, end)
            gold = [text for text, _ in examples[n].answers]
            if not gold:
                rightly.append(margin < 0)
                continue
            said = examples[n].context[first:last]
            f1.append(token_f1(said, gold))
            exact.append(exact_match(said, gold))
            refused.append(margin < 0)
    means = (100 * float(np.mean(one)) if one else 0.0 for one in (f1, exact, refused, rightly))
    return Figures(*(round(mean, 1) for mean in means))

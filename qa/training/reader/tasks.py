"""What a reader learns from: questions, harder ones as the clock runs.

Windows are short at the start of a run (many questions a second) and whole paragraphs later;
hard negatives come in when the reader can read. The loop itself is in ``training``.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from qa.training.reader.pairs import Batch, Dealing, batches
from qa.training.reader.readers import Recurrent, Shape, span_loss
from qa.training.reader.training import Item, Stream
from qa.training.reader.work import Work

# (progress from which it holds, window, share of hard negatives)
STAGES = ((0.0, 112, 0.0), (0.4, 176, 0.2), (0.7, 320, 0.4))


def new_reader(work: Work, shape: Shape) -> Recurrent:
    """Return a reader whose embeddings start from the vectors of ``work``."""
    torch.manual_seed(work.seed)
    reader = Recurrent(shape, torch.from_numpy(work.classes()))
    with torch.no_grad():
        reader.embed.weight.copy_(torch.from_numpy(work.vectors()))
        reader.embed.weight[0] = 0.0
    return reader


def reading_loss(reader: nn.Module, device: str = "cpu") -> Callable[[Batch], Tensor]:
    """Return the loss of a reader on a batch of questions."""

    def loss(batch: Batch) -> Tensor:
        there = batch.to(device)
        return span_loss(reader(there.questions, there.passages), there.starts, there.lasts)

    return loss


def question_stream(work: Work, tokens: int, seed: int, share: float = 1.0) -> Stream:
    """Return the questions, a fifth of them a pass; ``share`` thins them for trials."""
    pairs = work.questions()
    thinned = replace(pairs, weights=pairs.weights * share)
    dealing = Dealing(tokens=tokens, parts=5)

    def stream(turn: int, progress: float, skip: int) -> Iterator[Item]:
        _, limit, negatives = [stage for stage in STAGES if stage[0] <= progress][-1]
        dealt = replace(dealing, limit=limit, negatives=negatives)
        for batch in batches(thinned, dealt, seed, turn, skip):
            yield Item(batch, int((batch.passages > 0).sum() + (batch.questions > 0).sum()))

    return stream

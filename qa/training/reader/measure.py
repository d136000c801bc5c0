"""Ask a reader the questions of a file, and score it by exact match and F1 as `eval` does.

Answers are slices of the original context. Which files may be asked is left to ``work``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from embeddings.telemetry import import_onnxruntime
from embeddings.training.data import Example
from eval.metrics import exact_match, f1
from qa.training.reader.pairs import padded

LONGEST = 24
WINDOW = 320
STRIDE = 160
NAMES = ["question", "passage"]
SCORES = ["start", "end", "none"]
Score = Callable[[torch.Tensor, torch.Tensor], np.ndarray]


@dataclass(frozen=True, slots=True)
class Reading:
    """The best span of a passage in characters, its score, and the score of "not here"."""

    start: int
    end: int
    score: float
    none: float


def torch_score(reader: nn.Module, device: str = "cpu") -> Score:
    """Return the scoring function of a reader in torch."""

    def score(question: torch.Tensor, passage: torch.Tensor) -> np.ndarray:
        with torch.inference_mode():
            return reader(question.to(device), passage.to(device)).float().cpu().numpy()

    return score


def onnx_score(model: Path | bytes, threads: int = 2) -> Score:
    """Return the scoring function of an exported reader, shaped as ``torch_score`` gives it."""
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options)

    def score(question: torch.Tensor, passage: torch.Tensor) -> np.ndarray:
        fed = {NAMES[0]: question.numpy(), NAMES[1]: passage.numpy()}
        start, end, none = session.run(SCORES, fed)
        halves = np.stack([none, np.zeros_like(none)], axis=1)[:, :, None]
        return np.concatenate([halves, np.stack([start, end], axis=1)], axis=2)

    return score


def best_span(logits: np.ndarray) -> tuple[int, int, float]:
    """Return first token, last token and score of the best span in (2, tokens) without "none"."""
    start, last = logits
    wide = np.concatenate([last, np.full(LONGEST - 1, -np.inf, last.dtype)])
    reach = np.lib.stride_tricks.sliding_window_view(wide, LONGEST)
    total = start[:, None] + reach
    first, more = divmod(int(total.argmax()), LONGEST)
    return first, first + more, float(total[first, more])


def read(
    score: Score, tokenizer: Tokenizer, asked: Sequence[tuple[str, str]], rows: int = 32
) -> list[Reading]:
    """Read (question, context) pairs; long contexts go in overlapping windows, best one counts."""
    questions = tokenizer.encode_batch_fast([question for question, _ in asked])
    contexts = tokenizer.encode_batch([context for _, context in asked])
    parts = [
        (n, begin) for n, context in enumerate(contexts) for begin in _windows(len(context.ids))
    ]
    parts.sort(key=lambda part: len(contexts[part[0]].ids))
    best = [Reading(0, 0, -np.inf, 0.0)] * len(asked)
    for first in range(0, len(parts), rows):
        group = parts[first : first + rows]
        ids = [np.array(contexts[n].ids[b : b + WINDOW] or [0]) for n, b in group]
        asks = [np.array(questions[n].ids[-60:] or [0]) for n, _ in group]
        logits = score(padded(asks), padded(ids))
        for (n, begin), row, length in zip(group, logits, map(len, ids), strict=True):
            found = _reading(row[:, : length + 1], contexts[n].offsets[begin:])
            if found.score - found.none > best[n].score - best[n].none:
                best[n] = found
    return best


def _reading(logits: np.ndarray, offsets: Sequence[tuple[int, int]]) -> Reading:
    first, last, score = best_span(logits[:, 1:])
    if not offsets:
        return Reading(0, 0, score, float("inf"))
    return Reading(offsets[first][0], offsets[last][1], score, float(logits[:, 0].sum()))


def _windows(length: int) -> Iterator[int]:
    yield 0
    begin = 0
    while begin + WINDOW < length:
        begin += STRIDE
        yield begin


def quality(score: Score, tokenizer: Tokenizer, examples: Sequence[Example]) -> dict[str, float]:
    """Return mean ``f1`` and ``em`` in percent over ``examples``, answers forced."""
    asked = [(example.question, example.context) for example in examples]
    shared, equal = [], []
    for example, found in zip(examples, read(score, tokenizer, asked), strict=True):
        said = example.context[found.start : found.end]
        golds = [text for text, _ in example.answers]
        shared.append(f1(said, golds))
        equal.append(exact_match(said, golds))
    means = {"f1": np.mean(shared), "em": np.mean(equal)}
    return {name: round(100 * float(mean), 2) for name, mean in means.items()}


def refusal(score: Score, tokenizer: Tokenizer, examples: Sequence[Example]) -> dict[str, float]:
    """Return how well span minus "not here" tells the true paragraph from the next one, percent.

    ``pairs`` is how often the true one wins for its own question, ``auc`` how often a true one
    beats any next one, ``right`` how often the sign alone is right. Next paragraphs that hold an
    answer are left out.
    """
    contexts = list(dict.fromkeys(example.context for example in examples))
    after = dict(zip(contexts, [*contexts[1:], contexts[0]], strict=True))
    kept = [e for e in examples if not any(text in after[e.context] for text, _ in e.answers)]
    margins = [
        np.array([found.score - found.none for found in read(score, tokenizer, asked)])
        for asked in (
            [(example.question, example.context) for example in kept],
            [(example.question, after[example.context]) for example in kept],
        )
    ]
    true, other = margins
    auc = (np.searchsorted(np.sort(other), true) / max(1, len(other))).mean()
    right = np.concatenate([true > 0, other <= 0]).mean()
    figures = {"pairs": (true > other).mean(), "auc": auc, "right": right}
    return {name: round(100 * float(value), 2) for name, value in figures.items()}

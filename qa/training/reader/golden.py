"""Say what a reader's file must give on every processor: log-odds of a dozen pairs, in fp32.

``golden.json`` lies beside the model, made by the export from the fp32 file. Where that is gone,
``python -m qa.training.reader.golden FOLDER`` makes it from the weights of the 8-bit one.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from tokenizers import Tokenizer

from qa.training.reader.integers import dequantised
from qa.training.reader.measure import Score, onnx_score, read

BOUND = 0.25  # log-odds; 8 bits move them by 0.07 at most, a kernel that saturates by up to 17
PAIRS = (
    ("What is the budget for 2027?", "The budget for 2027 was set at 4.2 million euros."),
    ("When was the bridge opened?", "The bridge was opened in 1932 by the mayor."),
    ("Who opened the bridge?", "The bridge was opened in 1932 by the mayor."),
    ("What did the council buy?", "In May the council bought two electric buses."),
    ("How many buses were bought?", "In May the council bought two electric buses."),
    ("budget 2027", "The budget for 2027 was set at 4.2 million euros."),
    ("Who leads the rail project?", "Project: Rail. Year: 2013. Lead: Ann Lee."),
    ("Where is the archive kept?", "The archive lies in the cellar of the old mill."),
    ("Why was the match stopped?", "The match was stopped because of heavy rain."),
    ("Which country sells the most tea?", "The match was stopped because of heavy rain."),
    ("When was the mill built?", "The archive lies in the cellar of the old mill."),
    ("How long does the pass stay valid?", "A pass stays valid for ninety days."),
)


def log_odds(score: Score, tokenizer: Tokenizer) -> list[float]:
    """Return for every pair the log-odds of the best span against "not here"."""
    return [found.score - found.none for found in read(score, tokenizer, PAIRS, rows=1)]


def check(path: Path, expected: Sequence[float], found: Sequence[float]) -> float:
    """Return the largest difference; raise `ArithmeticError` for more than `BOUND`."""
    apart = float(np.abs(np.subtract(expected, found)).max())
    if not apart <= BOUND:  # nor is NaN within it
        raise ArithmeticError(
            f"{path} is not kept: its log-odds differ from those of fp32 by {apart:.2f}, more than "
            f"{BOUND}; leave the operators that lose most out of INT8, or look for a kernel that "
            "saturates on this processor"
        )
    return apart


def write_golden(folder: Path, odds: Sequence[float], source: str) -> None:
    """Write the pairs with their log-odds; ``source`` says which weights gave them."""
    keys = ("question", "passage", "log_odds")
    rows = [
        dict(zip(keys, (*pair, round(value, 4)), strict=True))
        for pair, value in zip(PAIRS, odds, strict=True)
    ]
    golden = {"made_from": source, "bound": BOUND, "pairs": rows}
    (folder / "golden.json").write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Make the file anew for an 8-bit model whose fp32 file is gone."""
    path, tokenizer = folder / "reader.onnx", Tokenizer.from_file(str(folder / "tokenizer.json"))
    scores = onnx_score(dequantised(onnx.load(path)).SerializeToString()), onnx_score(path)
    expected, found = (log_odds(score, tokenizer) for score in scores)
    print(f"{check(path, expected, found):.3f} log-odds apart at most")
    source = "the 8-bit weights of reader.onnx, multiplied in fp32; the fp32 file is gone"
    write_golden(folder, expected, source)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

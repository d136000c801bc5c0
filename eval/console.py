"""Share what the commands need: argument types, notes on stderr, text files, Markdown tables.

The commands themselves are in `eval.command` and `eval.benchmarks`. Nothing heavy is imported here.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

DONE, BROKEN = 0, 2  # exit codes; 1 is the gate's


def add_assistant_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command has that puts questions to an assistant."""
    parser.add_argument("--encoder", metavar="NAME_OR_PATH", help="another encoder (extra: models)")
    parser.add_argument(
        "--min-confidence",
        type=float,
        metavar="P",
        help="give every answer that is this sure (0 to 1), and no other",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, no notes on stderr")


def count(text: str) -> int:
    """Parse an option that must be a whole number from 1."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text!r}")
    return int(text)


def points(text: str) -> float:
    """Parse an option that must be a number of percentage points, 0 to 100."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"points from 0 to 100 are wanted, not {text!r}")
    return value


def note(message: str) -> None:
    """Print a remark on stderr, where it does not mix with the result."""
    print(f"eval: {message}", file=sys.stderr)


def write_text(path: Path, text: str) -> None:
    """Write a file, creating its folders; raise `EvalError` where that fails."""
    from eval.schema import EvalError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvalError(f"{path}: cannot be written ({error.strerror or error})") from error


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with padded columns: the numeric ones to the right, others left."""
    widths = [max(len(line[at]) for line in (head, *rows)) for at in range(len(head))]
    right = [_numeric([row[at] for row in rows]) for at in range(len(head))]
    rule = ["-" * (w - 1) + ":" if r else "-" * w for w, r in zip(widths, right, strict=True)]
    return "\n".join(
        "| " + " | ".join(_pad(*each) for each in zip(line, widths, right, strict=True)) + " |"
        for line in (head, rule, *rows)
    )


def _numeric(cells: Sequence[str]) -> bool:
    return bool(cells) and all(cell[:1].isdigit() or cell == "–" for cell in cells)


def _pad(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)

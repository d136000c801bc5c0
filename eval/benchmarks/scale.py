"""Measure how indexing, asking, memory and disk grow with the number of paragraphs, and answers.

Every step runs in a process of its own; what it measures is in `eval.benchmarks.growth`.
Times are wall-clock
times of this machine as it is now, those of computing count a process's own seconds. Beside them
stand bm25s alone, FAISS flat alone and other kinds of FAISS indexes in the same run. The tables are
rendered by `eval.benchmarks.scale_table`, the plot is drawn by `eval.benchmarks.scale_plot`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from eval.benchmarks.scale_plot import plot
from eval.benchmarks.scale_table import render_scale
from eval.command import count, note
from eval.report.build import write_text
from eval.schema import EvalError

SIZES = (100, 1_000, 10_000, 100_000)
QUESTIONS = 150  # of each file
# The steps in their order, each with a figure that it alone gives.
STEPS = {
    "index": "passages",
    "ask": "open_ms",
    "flat": "flat_mb",
    "bm25s": "bm25s_seconds",
    "kinds": "kinds",
}
COMPARED = 10_000  # paragraphs from which on kinds of indexes are compared
Told = Callable[[str, dict[str, Any]], None]


def add_scale(subparsers: Any) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "scale",
        help="cost and answers from 100 paragraphs to a million",
        description="Measure how costs and answers grow with the paragraphs. Two free cores take "
        "about four minutes for the sizes to 100000, and half an hour more for 1000000 with 5 GB "
        "of memory (bm25s alone: more) and 3 GB of temporary files.",
    )
    parser.add_argument(
        "--data",
        default="data",
        metavar="DIR",
        help="questions with contexts, dev/qa-*.jsonl.xz, and train/prose-*.txt.xz (data)",
    )
    parser.add_argument(
        "--sizes", type=count, nargs="+", metavar="N", help="paragraphs (100 1000 10000 100000)"
    )
    parser.add_argument(
        "--questions", type=count, default=QUESTIONS, metavar="N", help=f"a file ({QUESTIONS})"
    )
    parser.add_argument(
        "--json", metavar="OUT", help="write the figures there, tables and a plot beside them"
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep the steps that OUT holds, measure the others"
    )
    parser.set_defaults(run=_run_command)


def _run_command(arguments: argparse.Namespace) -> int:
    out = None if arguments.json is None else Path(arguments.json)
    begun = None
    if arguments.resume:
        if out is None:
            raise EvalError("--resume needs --json OUT, the figures to go on with")
        begun = resumable(out, arguments.questions)

    def told(step: str, found: dict[str, Any]) -> None:
        note(step)
        if out is not None:
            write_scale(found, out)

    sizes = arguments.sizes or SIZES
    found = measure(Path(arguments.data), sizes, arguments.questions, told, begun)
    print(render_scale(found))
    return 0


def resumable(out: Path, questions: int) -> dict[str, Any] | None:
    """Return the figures of a run that was interrupted, None where none was begun.

    Raise `EvalError` where they were measured elsewhere or with other questions.
    """
    if not out.exists():
        return None
    try:
        begun: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        same = {**begun["machine"], "date": None} == {**machine(), "date": None}
        asked = begun["questions"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvalError(f"{out}: holds no figures to go on with; leave out --resume") from error
    if not same or asked != questions:
        raise EvalError(
            f"{out}: was measured on another machine or with other --questions; leave out --resume"
        )
    return begun


def write_scale(found: dict[str, Any], out: Path) -> None:
    """Write the figures to ``out``, and beside them the tables (.md) and the plot (.svg)."""
    picture = out.with_suffix(".svg")
    tables = f"{render_scale(found)}\n\n![Costs and answers by paragraphs]({picture.name})\n"
    write_text(out, json.dumps(found, indent=1) + "\n")
    write_text(out.with_suffix(".md"), tables)
    write_text(picture, plot(found))


def measure(
    data: Path,
    sizes: Sequence[int],
    questions: int = QUESTIONS,
    told: Told = lambda _, __: None,
    begun: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the figures of every size; ``told`` hears of each step and the figures so far.

    The steps that ``begun`` holds, figures of before, are not measured again.
    """
    found = {**(begun or {}), "format": 1, "machine": machine(), "questions": questions}
    held = {} if begun is None else {one["size"]: one for one in begun["sizes"]}
    found["sizes"] = [held.get(size, {"size": size}) for size in sorted({*sizes, *held})]
    for figures in found["sizes"]:
        missing = _missing(figures) if figures["size"] in sizes else []
        if missing:
            with tempfile.TemporaryDirectory() as folder:
                for step in dict.fromkeys(["index", *missing]):  # all others ask the index
                    told(f"{figures['size']:,} paragraphs: {step}", found)
                    before = load()
                    new = _run(step, Path(folder) / "index", data, figures["size"], questions)
                    if step in missing:
                        figures |= {f"{step}_load": before, **new}
    told("done", found)
    return found


def _missing(figures: dict[str, Any]) -> list[str]:
    """Return the steps whose figures are not there."""
    left = [step for step, figure in STEPS.items() if figure not in figures]
    return [step for step in left if step != "kinds" or figures["size"] >= COMPARED]


def machine() -> dict[str, Any]:
    """Return what the times depend on."""
    return {
        "date": date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def load() -> float | None:
    """Return how many processes wanted a core in the last minute, where the system tells."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def _run(step: str, folder: Path, data: Path, size: int, questions: int) -> dict[str, Any]:
    """Run a step in a process of its own and return what it found."""
    command = [sys.executable, "-m", "eval.benchmarks.growth", step, folder, data, size, questions]
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise EvalError(f"{size} paragraphs: the step {step!r} failed: {last}")
    figures: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return figures

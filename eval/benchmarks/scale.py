"""Measure how indexing, asking, memory, disk and answers change with the number of paragraphs.

Every step runs in a process of its own; what it measures is in `eval.benchmarks.growth`. Times are
wall-clock times of this machine as it is now; those of computing are the process's own processor
time. Beside them stand bm25s alone and FAISS flat alone in the same run. Tables are left to
`eval.benchmarks.scale_table`, the plot to `eval.benchmarks.scale_plot`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from eval.benchmarks.machine import Figures, load, machine
from eval.benchmarks.scale_table import render_scale
from eval.console import write_text
from eval.schema import EvalError

# The steps in their order, each with a figure that it alone gives.
STEPS = {"index": "passages", "ask": "open_ms", "flat": "flat_mb", "bm25s": "bm25s_seconds"}
Told = Callable[[str, Figures], None]


def resumable(out: Path, questions: int) -> Figures | None:
    """Return the figures of a run that was interrupted, None if none was begun.

    Raise `EvalError` if they were measured on another machine or with other questions.
    """
    if not out.exists():
        return None
    try:
        begun: Figures = json.loads(out.read_text(encoding="utf-8"))
        same = {**begun["machine"], "date": None} == {**machine(), "date": None}
        asked = begun["questions"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvalError(f"{out}: holds no figures to go on with; leave out --resume") from error
    if not same or asked != questions:
        raise EvalError(
            f"{out}: was measured on another machine or with other --questions; leave out --resume"
        )
    return begun


def write_scale(found: Figures, out: Path) -> None:
    """Write the figures to ``out``, and beside them the tables (.md), which name the plot."""
    picture = out.with_suffix(".svg").name
    tables = f"{render_scale(found)}\n\n![Costs and answers by paragraphs]({picture})\n"
    write_text(out, json.dumps(found, indent=1) + "\n")
    write_text(out.with_suffix(".md"), tables)


def measure(
    data: Path,
    sizes: Sequence[int],
    questions: int,
    told: Told = lambda _, __: None,
    begun: Figures | None = None,
) -> Figures:
    """Return the figures of every size; ``told`` is called with each step and the figures so far.

    Steps whose figures ``begun`` holds, from an interrupted run, are not measured again.
    """
    found = {**(begun or {}), "format": 1, "machine": machine(), "questions": questions}
    held = {} if begun is None else {one["size"]: one for one in begun["sizes"]}
    found["sizes"] = [held.get(size, {"size": size}) for size in sorted({*sizes, *held})]
    for figures in found["sizes"]:
        wanted = STEPS.items() if figures["size"] in sizes else ()
        missing = [step for step, figure in wanted if figure not in figures]
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


def _run(step: str, folder: Path, data: Path, size: int, questions: int) -> Figures:
    """Run a step in a process of its own and return its figures."""
    command = [sys.executable, "-m", "eval.benchmarks.growth", step, folder, data, size, questions]
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise EvalError(f"{size} paragraphs: the step {step!r} failed: {last}")
    figures: Figures = json.loads(ran.stdout.splitlines()[-1])
    return figures

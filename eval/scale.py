"""Measure how indexing, asking, memory and disk grow with the number of paragraphs, and answers.

Every step runs in a process of its own; what it measures is in `eval.growth`. Times are wall-clock
times of this machine as it is now, those of computing count a process's own seconds. Beside them
stand bm25s alone and FAISS flat alone in the same run. The plot is drawn by `eval.scale_plot`.
"""

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

from eval.schema import EvalError
from eval.table import markdown

SIZES = (100, 1_000, 10_000, 100_000)
QUESTIONS = 150  # of each file
STEPS = ("index", "ask", "flat", "bm25s")
_COST = (
    ("paragraphs", "paragraphs"),
    ("passages", "passages"),
    ("index s", "index_seconds"),
    ("of computing", "index_computing_seconds"),
    ("bm25s s", "bm25s_seconds"),
    ("of computing", "bm25s_computing_seconds"),
    ("peak MB", "index_peak_mb"),
    ("bm25s MB", "bm25s_peak_mb"),
    ("disk MB", "disk_mb"),
    ("load", "load"),
)
_ASKING = (
    ("paragraphs", "paragraphs"),
    ("open ms", "open_ms"),
    ("ask p50 ms", "ask_p50_ms"),
    ("p95", "ask_p95_ms"),
    ("of computing p50", "ask_computing_p50_ms"),
    ("p95", "ask_computing_p95_ms"),
    ("peak MB", "ask_peak_mb"),
    ("vectors p50 ms", "nearest_p50_ms"),
    ("flat p50 ms", "flat_p50_ms"),
    ("bm25s p50 ms", "bm25s_p50_ms"),
)
_ANSWERS = (
    ("paragraphs", "paragraphs"),
    ("questions", "questions"),
    ("EM", "exact_match"),
    ("F1", "f1"),
    ("answered", "answered"),
    ("right of these", "right_of_answered"),
    ("confidence", "confidence"),
    ("recall@5", "recall@5"),
    ("exact", "exact_recall@5"),
    ("nDCG@10", "ndcg@10"),
    ("exact", "exact_ndcg@10"),
    ("shared of 100", "shared_of_100_nearest"),
)


def measure(
    data: Path,
    sizes: Sequence[int],
    questions: int = QUESTIONS,
    told: Callable[[str, dict[str, Any]], None] = lambda _, __: None,
) -> dict[str, Any]:
    """Return the figures of every size; ``told`` hears of each step and the figures so far."""
    found: dict[str, Any] = {"format": 1, "machine": machine(), "sizes": []}
    for size in sorted(sizes):
        figures: dict[str, Any] = {"load": load()}
        found["sizes"].append(figures)
        with tempfile.TemporaryDirectory() as folder:
            for step in STEPS:
                told(f"{size:,} paragraphs: {step}", found)
                figures |= _run(step, Path(folder) / "index", data, size, questions)
    told("done", found)
    return found


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
    command = [sys.executable, "-m", "eval.growth", step, folder, data, size, questions]
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise EvalError(f"{size} paragraphs: the step {step!r} failed: {last}")
    figures: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def render_scale(found: dict[str, Any]) -> str:
    """Return the figures as Markdown tables, and the stages of a question at the largest size."""
    made, sizes = found["machine"], [one for one in found["sizes"] if "stages_ms" in one]
    head = (
        f"`python -m eval scale` on {made['date']}: {made['processor']}, {made['cores']} cores, "
        f"Python {made['python']}, {made['system']}. Load: the processes that wanted a core when "
        "a size was begun, others' too; seconds of computing leave those out."
    )
    parts = [
        head,
        *found.get("notes", ()),
        *(_table(columns, found["sizes"]) for columns in (_COST, _ASKING, _ANSWERS)),
    ]
    if sizes:
        stages = sizes[-1]["stages_ms"]
        title = f"stages of a question, {sizes[-1]['paragraphs']:,} paragraphs"
        rows = [[name, _shown(value)] for name, value in stages.items()]
        parts.append(markdown([title, "ms of computing, median"], rows))
    return "\n\n".join(parts)


def _table(columns: Sequence[tuple[str, str]], sizes: Sequence[dict[str, Any]]) -> str:
    rows = [[_shown(one.get(key)) for _, key in columns] for one in sizes]
    return markdown([heading for heading, _ in columns], rows)


def _shown(value: float | None) -> str:
    """Return a figure as it stands in a table.

    >>> _shown(957853), _shown(12.345), _shown(0.04), _shown(None)
    ('957,853', '12.3', '0.04', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, int) or value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"

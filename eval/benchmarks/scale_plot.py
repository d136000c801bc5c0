"""Draw how costs and answers change with the number of paragraphs: six plots in one SVG.

Costs have logarithmic axes. A colour is the same system in every plot of costs. The figures come
from `eval.benchmarks.scale`; matplotlib, which draws them, comes with the extra ``bench``.
"""

from collections.abc import Sequence
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from eval.benchmarks.machine import Figures
from eval.console import note

# Colours that the colour-blind can tell apart, dark enough for text (Okabe and Ito 2008).
_OURS, _OURS_TOO = {"color": "#0a62a6"}, {"color": "#0a62a6", "linestyle": "--"}
_BM25S, _FLAT = {"color": "#b84a00"}, {"color": "#00795a"}
Lines = Sequence[tuple[dict[str, str], str, str]]
_COSTS: tuple[tuple[str, Lines], ...] = (
    ("indexing (s of computing)", ((_OURS, "index_computing_seconds", "everything"),
                                   (_BM25S, "bm25s_computing_seconds", "bm25s"))),
    ("peak memory (MB)", ((_OURS, "ask_peak_mb", "asking"),
                          (_OURS_TOO, "index_peak_mb", "indexing"),
                          (_BM25S, "bm25s_peak_mb", "bm25s"))),
    ("on disk (MB)", ((_OURS, "disk_mb", "everything"),
                      (_FLAT, "flat_mb", "FAISS flat"))),
    ("opening (ms)", ((_OURS, "open_ms", "an index"),)),
    ("asking, median (ms)", ((_OURS, "ask_p50_ms", "ask()"),
                             (_OURS_TOO, "ask_computing_p50_ms", "computing"),
                             (_BM25S, "bm25s_p50_ms", "bm25s"),
                             (_FLAT, "flat_p50_ms", "FAISS flat"))),
)  # fmt: skip
_ANSWERS: Lines = (
    (_OURS, "f1", "F1"),
    (_OURS_TOO, "exact_match", "EM"),
    (_BM25S, "recall@5", "recall@5"),
    (_FLAT, "ndcg@10", "nDCG@10"),
)
_SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "scale", "font.size": 9}


def draw(found: Figures, out: Path) -> None:
    """Write the picture to ``out`` as SVG, or say how to get it where matplotlib is missing."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        note(
            f"{out} was not drawn: matplotlib is missing; "
            "pip install 'extractive-qa[bench]', then repeat the command with --resume"
        )
        return
    with rc_context(_SETTINGS):
        figure = Figure(figsize=(11, 6.4), layout="constrained")
        plots = list(figure.subplots(2, 3).flat)
        for plot, (title, lines) in zip(plots, _COSTS, strict=False):
            _draw_lines(plot, title, lines, found["sizes"])
            plot.set_yscale("log")
            plot.minorticks_off()
            low, high = plot.get_ylim()
            plot.set_ylim(10 ** floor(log10(low)), 10 ** ceil(log10(high)))  # at least two ticks
        _draw_lines(plots[-1], "answers and ranking (%)", _ANSWERS, found["sizes"])
        plots[-1].set_ylim(0, 100)
        plots[-1].minorticks_off()
        figure.savefig(out, format="svg", metadata={"Date": None})


def _draw_lines(plot: Any, title: str, lines: Lines, sizes: Sequence[Figures]) -> None:
    for style, key, name in lines:
        held = [(one["paragraphs"], one[key]) for one in sizes if one.get(key)]
        plot.plot([size for size, _ in held], [value for _, value in held], marker=".", label=name,
                  **style)  # fmt: skip
    plot.set_title(title)
    plot.set_xlabel("paragraphs")
    plot.set_xscale("log")
    plot.grid(color="#dcd9d3")
    plot.legend(frameon=False)

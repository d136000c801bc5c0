"""Draw how costs and answers grow with the paragraphs: one picture of six plots, as SVG.

Both directions are logarithmic where costs are shown; a colour is the same system in every plot of
costs. The figures come from `eval.benchmarks.scale`.
"""

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Any

from eval.report.plots import HEIGHT, WIDTH, Axis, Frame

_HEAD = 18  # above each plot, for the names of its lines
# Colours that stay apart for the colour-blind, as bright as text needs (Okabe and Ito 2008).
_STYLE = """
svg { background: #fff; }
text { fill: #4b535c; font: 11px system-ui, sans-serif; text-anchor: middle; }
text.end { text-anchor: end; } text.names { text-anchor: start; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.grid { stroke: #dcd9d3; stroke-width: 1; }
.line0 { stroke: #0a62a6; } .line1 { stroke: #0a62a6; stroke-dasharray: 5 3; }
.line2 { stroke: #b84a00; } .line3 { stroke: #00795a; }
circle.line0, circle.line1 { fill: #0a62a6; } circle.line2 { fill: #b84a00; }
circle.line3 { fill: #00795a; }
.name0, .name1 { fill: #0a62a6; } .name2 { fill: #b84a00; } .name3 { fill: #00795a; }
"""
_OURS, _OURS_TOO, _BM25S, _FLAT = range(4)
_COSTS = (
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
_ANSWERS = (
    (_OURS, "f1", "F1"),
    (_OURS_TOO, "exact_match", "EM"),
    (_BM25S, "recall@5", "recall@5"),
    (_FLAT, "ndcg@10", "nDCG@10"),
)
Lines = Sequence[tuple[int, str, str]]


def plot(found: dict[str, Any]) -> str:
    """Return the picture."""
    sizes = [one for one in found["sizes"] if one.get("paragraphs")]
    drawn = [_costs(title, lines, sizes) for title, lines in _COSTS]
    drawn.append(_answers(sizes))
    height = HEIGHT + _HEAD
    parts = [
        f'<svg x="{at % 3 * WIDTH}" y="{at // 3 * height}" width="{WIDTH}" height="{height}">'
        f"{one}</svg>"
        for at, one in enumerate(drawn)
    ]
    whole = f'viewBox="0 0 {3 * WIDTH} {2 * height}"'
    size = f'width="{3 * WIDTH}" height="{2 * height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {whole}>'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>"]) + "\n"


def _costs(title: str, lines: Lines, sizes: Sequence[dict[str, Any]]) -> str:
    held = [one[key] for _, key, _ in lines for one in sizes if one.get(key)]
    low = floor(log10(min(held, default=1)))
    top = max(ceil(log10(max(held, default=10))), low + 1)
    ticks = tuple((at - low, _power(at)) for at in range(low, top + 1))
    return _draw(Axis(title, top - low, ticks), lines, sizes, lambda value: log10(value) - low)


def _answers(sizes: Sequence[dict[str, Any]]) -> str:
    ticks = tuple((float(at), str(at)) for at in range(0, 101, 25))
    return _draw(Axis("answers and ranking (%)", 100.0, ticks), _ANSWERS, sizes, float)


def _draw(
    y: Axis, lines: Lines, sizes: Sequence[dict[str, Any]], up: Callable[[float], float]
) -> str:
    first = floor(log10(min((one["paragraphs"] for one in sizes), default=1)))
    last = max(ceil(log10(max((one["paragraphs"] for one in sizes), default=10)) - 0.05), first + 1)
    ticks = tuple((at - first, _power(at)) for at in range(first, last + 1))
    frame = Frame(Axis("paragraphs", last - first, ticks), y)
    drawn = []
    for style, key, name in lines:
        held = [(one["paragraphs"], one[key]) for one in sizes if one.get(key)]
        points = [(min(log10(size) - first, last - first), up(value)) for size, value in held]
        drawn.append(frame.line(points, f"line{style}"))
        drawn += [
            frame.dot(*point, 2.5, f"line{style}", f"{name}: {value:,g} at {size:,} paragraphs")
            for point, (size, value) in zip(points, held, strict=True)
        ]
    plot = frame.draw(y.label, drawn).replace("<svg ", f'<svg y="{_HEAD}" height="{HEIGHT}" ', 1)
    return f"{_names(lines)}\n{plot}"


def _names(lines: Lines) -> str:
    """Return the names of the lines in their colours, one after the other above the plot."""
    marks = {_OURS_TOO: "╍╍"}
    parts = [
        f'<tspan class="name{style}" dx="{8 if at else 0}">{marks.get(style, "━━")} '
        f"{escape(name)}</tspan>"
        for at, (style, _, name) in enumerate(lines)
    ]
    return f'<text class="names" x="48" y="20">{"".join(parts)}</text>'


def _power(exponent: int) -> str:
    """Return a power of ten as a tick shows it.

    >>> _power(-1), _power(2), _power(6)
    ('0.1', '100', '1M')
    """
    value = 10.0**exponent
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"

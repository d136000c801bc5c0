"""Draw how costs and answers grow with the paragraphs: one picture of six plots, as SVG.

Both directions are logarithmic where costs are shown. The figures come from `eval.scale`.
"""

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Any

from eval.plots import HEIGHT, WIDTH, Axis, Frame

_STYLE = """
svg { background: #fff; }
text { fill: #5d6670; font: 11px system-ui, sans-serif; text-anchor: middle; }
text.end { text-anchor: end; } text.name { text-anchor: start; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.grid { stroke: #dcd9d3; stroke-width: 1; }
.line0 { stroke: #1f5fa8; } .line1 { stroke: #b3362c; } .line2 { stroke: #1a7f4b; }
.line3 { stroke: #a06a00; }
.name0 { fill: #1f5fa8; } .name1 { fill: #b3362c; } .name2 { fill: #1a7f4b; }
.name3 { fill: #a06a00; }
"""
_COSTS = (
    ("indexing (s of computing)", (("index_computing_seconds", "all"),
                                   ("bm25s_computing_seconds", "bm25s alone"))),
    ("peak memory (MB)", (("index_peak_mb", "indexing"), ("ask_peak_mb", "asking"),
                          ("bm25s_peak_mb", "bm25s alone"))),
    ("on disk (MB)", (("disk_mb", "index"), ("flat_mb", "FAISS flat, vectors alone"))),
    ("opening (ms)", (("open_ms", "open"),)),
    ("asking (ms)", (("ask_computing_p50_ms", "p50 of computing"), ("ask_p50_ms", "p50"),
                     ("bm25s_p50_ms", "bm25s alone"), ("flat_p50_ms", "FAISS flat alone"))),
)  # fmt: skip
_ANSWERS = (("f1", "F1"), ("exact_match", "EM"), ("recall@5", "recall@5"), ("ndcg@10", "nDCG@10"))
Lines = Sequence[tuple[str, str]]


def plot(found: dict[str, Any]) -> str:
    """Return the picture."""
    sizes = [one for one in found["sizes"] if one.get("paragraphs")]
    drawn = [_costs(title, lines, sizes) for title, lines in _COSTS]
    drawn.append(_answers(sizes))
    parts = [
        f'<svg x="{at % 3 * WIDTH}" y="{at // 3 * HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"{one}</svg>"
        for at, one in enumerate(drawn)
    ]
    size = f'width="{3 * WIDTH}" height="{2 * HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {3 * WIDTH} {2 * HEIGHT}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>"]) + "\n"


def _costs(title: str, lines: Lines, sizes: Sequence[dict[str, Any]]) -> str:
    held = [one[key] for key, _ in lines for one in sizes if one.get(key)]
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
    for number, (key, name) in enumerate(lines):
        held = [(one["paragraphs"], one[key]) for one in sizes if one.get(key)]
        points = [(min(log10(size) - first, last - first), up(value)) for size, value in held]
        drawn.append(frame.line(points, f"line{number}"))
        drawn.append(
            f'<text class="name name{number}" x="56" y="{26 + 14 * number}">{escape(name)}</text>'
        )
    return frame.draw(y.label, drawn)


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

"""Render the figures of `eval.benchmarks.scale` as Markdown tables.

The plot of the same figures is left to `eval.benchmarks.scale_plot`.
"""

from collections.abc import Sequence

from eval.benchmarks.machine import Figures
from eval.console import markdown

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
    ("load", "index_load"),
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
    ("load", "ask_load"),
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
_COMPARED_AT = "1f3a704"
_KINDS = (
    ("searched", "searched"),
    ("build s", "build_computing_seconds"),
    ("disk MB", "disk_mb"),
    ("p50 ms", "p50_ms"),
    ("p95 ms", "p95_ms"),
    ("recall@10", "recall@10"),
)


def render_scale(found: Figures) -> str:
    """Return the figures as Markdown tables, and the stages of a question at the largest size."""
    made, sizes = found["machine"], [one for one in found["sizes"] if "stages_ms" in one]
    head = (
        f"`python -m eval scale` on {made['date']}: {made['processor']}, {made['cores']} cores, "
        f"Python {made['python']}, {made['system']}. Load: the processes that wanted a core when "
        "indexing or asking was begun, others' too; seconds of computing leave those out."
    )
    parts = [
        head,
        *found.get("notes", ()),
        *(_table(columns, found["sizes"]) for columns in (_COST, _ASKING, _ANSWERS)),
        *_compared(found["sizes"]),
    ]
    if sizes:
        stages = sizes[-1]["stages_ms"]
        title = f"stages of a question, {sizes[-1]['paragraphs']:,} paragraphs"
        rows = [[name, _shown(value)] for name, value in stages.items()]
        parts.append(markdown([title, "ms of computing, median"], rows))
    return "\n\n".join(parts)


def _compared(sizes: Sequence[Figures]) -> list[str]:
    """Return the comparison of FAISS indexes, which is not measured any more.

    Only the committed figures hold it; the code that measured it is in the commit that is named.
    """
    rows = [
        [one["kind"], _shown(size["passages"]), *(_shown(one[key]) for _, key in _KINDS)]
        for size in sizes
        for one in size.get("kinds", ())
    ]
    said = (
        "Kinds of FAISS indexes over the same vectors, in memory, on one thread, in seconds and "
        "milliseconds of computing; recall@10: how many of the ten nearest are found, in percent. "
        f"Measured by `eval/kinds.py` of commit {_COMPARED_AT}, which has since been removed."
    )
    head = ["kind", "passages", *(heading for heading, _ in _KINDS)]
    return [said, markdown(head, rows)] if rows else []


def _table(columns: Sequence[tuple[str, str]], sizes: Sequence[Figures]) -> str:
    rows = [[_shown(one.get(key)) for _, key in columns] for one in sizes]
    return markdown([heading for heading, _ in columns], rows)


def _shown(value: float | str | None) -> str:
    """Return a figure as it is shown in a table.

    >>> _shown(957853), _shown(12.345), _shown(0.04), _shown(None)
    ('957,853', '12.3', '0.04', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"

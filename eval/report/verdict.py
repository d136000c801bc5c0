"""Put a comparison into words: Markdown that reads well in a CI log and in a pull request.

The decision itself is left to `eval.report.gate`.
"""

import re
from collections.abc import Sequence

from eval.report.gate import SIGNIFICANCE, Comparison, Exit, Flip

_HEADS = {
    Exit.HELD: "Gate held",
    Exit.LOSS: "Gate failed: a significant loss",
    Exit.BROKEN: "Gate refused: the run is broken",
}
_LISTED = 30
_LONGEST = 70


def render_verdict(comparison: Comparison) -> str:
    """Return the verdict, the figures behind it, what broke, and every question that changed."""
    parts = [f"## {_HEADS[comparison.exit_code]}"]
    if comparison.broken:
        parts.append(_bullets("Broken", comparison.broken))
    if comparison.compared:
        parts.append(_figures(comparison))
    if comparison.warnings:
        parts.append(_bullets("Mind", comparison.warnings))
    parts.append(_flips("Right before, wrong now", comparison.lost))
    parts.append(_flips("Wrong before, right now", comparison.won))
    if comparison.added:
        parts.append(_bullets("Not in the baseline, not counted", comparison.added))
    if comparison.changed:
        parts.append(_bullets("Edited since the baseline, not counted", comparison.changed))
    if comparison.exit_code is not Exit.HELD:
        parts.append("If this change is intended, accept it with `--update-baseline`.")
    return "\n\n".join(part for part in parts if part)


def _figures(c: Comparison) -> str:
    return (
        f"F1 with refusals over {c.compared} questions: {c.before:.1f} before, {c.after:.1f} now "
        f"({c.difference:+.1f} points, 95 % interval {c.low:+.1f} to {c.high:+.1f}); "
        f"{len(c.lost)} turned wrong, {len(c.won)} turned right. "
        f"Paired bootstrap test of a loss: p = {c.p_value:.3f}. The gate fails where "
        f"p < {SIGNIFICANCE} and the loss is at least {c.minimum_effect:g} points."
    )


def _flips(title: str, flips: Sequence[Flip]) -> str:
    """Return a list with three short lines a question: tables would not fit a log."""
    if not flips:
        return ""
    shown = []
    for flip in flips[:_LISTED]:
        stage = f" (lost at {flip.stage})" if flip.stage else ""
        shown.append(f"- **{plain(flip.id)}** {plain(flip.question, 100)}{stage}")
        shown += [f"  - before: {plain(flip.before)}", f"  - now: {plain(flip.after)}"]
    if len(flips) > _LISTED:
        shown.append(f"- ... and {len(flips) - _LISTED} more")
    return "\n".join([f"### {title} ({len(flips)})", "", *shown])


def _bullets(title: str, lines: Sequence[str]) -> str:
    shown = [f"- {plain(line, 300)}" for line in lines[:_LISTED]]
    if len(lines) > _LISTED:
        shown.append(f"- ... and {len(lines) - _LISTED} more")
    return "\n".join([f"### {title} ({len(lines)})", "", *shown])


def plain(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` on one line, cut to a length, with Markdown and HTML escaped.

    >>> plain("a * b <i>\\n c")
    'a \\\\* b &lt;i&gt; c'
    """
    line = " ".join(text.split())
    cut = line if len(line) <= longest else line[: longest - 1] + "…"
    safe = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", safe)

"""Gather the figures of all runs into JSON, and draw them against pretraining tokens as SVG.

Runs that learnt nothing before the questions stand at zero, those of each kind of pretraining on
a line from there. What is measured is left to ``stages`` and ``encoders``.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from safetensors import safe_open

from embeddings.pretraining.stages import WEIGHTS

SETS = ("xquad-en", "new-wiki")
COLOURS = {"language": "#1f77b4", "cloze": "#d62728", "detect": "#2ca02c"}
WIDE, HIGH, EDGE = 300, 260, 40
Run = dict[str, Any]
PANELS: tuple[tuple[str, Callable[[Run], float | None]], ...] = (
    ("F1 of the quick reader, XQuAD-en", lambda run: run["reader"]["xquad-en"]["f1"]),
    ("F1 of the quick reader, new-wiki", lambda run: run["reader"]["new-wiki"]["f1"]),
    ("nDCG@10 of the quick encoder, new-wiki", lambda run: run["encoder"].get("new-wiki")),
)


def gathered(runs: Path) -> list[Run]:
    """Return the figures of every run whose reader was evaluated, fewest pretraining first."""
    found = []
    for path in sorted(runs.glob("*/finetune/quality.json")):
        reader = json.loads(path.read_text())
        home = path.parent.parent
        made = {path.parent.name: _seen(path) for path in sorted(home.glob(f"*/{WEIGHTS}"))}
        before = {stage: seen for stage, seen in made.items() if stage in COLOURS}
        encoder = home / "contrast" / "quality.json"
        ranked = json.loads(encoder.read_text()) if encoder.exists() else {}
        found.append(
            {
                "run": home.name,
                "pretraining": before,
                "million_tokens": round(sum(seen["tokens"] for seen in before.values()) / 1e6, 1),
                "finetuning": made["finetune"],
                "reader": {name: reader[name] for name in SETS},
                "encoder": {"new-wiki": ranked["new-wiki-first-half"]} if ranked else {},
            }
        )
    return sorted(found, key=lambda run: run["million_tokens"])


def _seen(weights: Path) -> dict[str, float]:
    """Return the tokens and the minutes that weights were learnt in."""
    with safe_open(weights, "numpy") as held:
        notes = json.loads(held.metadata()["notes"])
    return {key: notes[key] for key in ("tokens", "minutes")}


def write_curve(runs: Path, results: Path) -> None:
    """Write ``curve.json`` and ``curve.svg``."""
    results.mkdir(exist_ok=True)
    figures = gathered(runs)
    (results / "curve.json").write_text(json.dumps(figures, indent=1) + "\n")
    (results / "curve.svg").write_text(drawn(figures))
    print(table(figures))


def table(figures: Sequence[Run]) -> str:
    """Return the figures as a table in Markdown."""
    head = "| pretraining | million tokens | minutes | XQuAD-en | new-wiki, first half | nDCG@10 |"
    lines = [head, "|---|---|---|---|---|---|"]
    for run in figures:
        kinds = ", ".join(run["pretraining"]) or "none"
        minutes = sum(seen["minutes"] for seen in run["pretraining"].values())
        read = [
            f"{run['reader'][name]['f1']:.1f} / {run['reader'][name]['em']:.1f}" for name in SETS
        ]
        ranked = run["encoder"].get("new-wiki")
        found = "not measured" if ranked is None else f"{ranked:.1f}"
        cells = [kinds, str(run["million_tokens"]), f"{minutes:.0f}", *read, found]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def drawn(figures: Sequence[Run]) -> str:
    """Return an SVG with a panel for each measure."""
    parts = []
    for number, (title, value) in enumerate(PANELS):
        parts.append(
            f'<g transform="translate({number * WIDE} 0)">{_panel(figures, title, value)}</g>'
        )
    for number, (kind, colour) in enumerate(COLOURS.items()):
        parts.append(_text(EDGE + 90 * number, HIGH - 4, kind, colour))
    parts.append(_text(EDGE + 90 * len(COLOURS), HIGH - 4, "millions of pretraining tokens"))
    size = f'width="{WIDE * len(PANELS)}" height="{HIGH}"'
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    body = "\n".join([ground, *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{body}\n</svg>\n'


def _panel(figures: Sequence[Run], title: str, value: Callable[[Run], float | None]) -> str:
    points = [(run, run["million_tokens"], at) for run in figures if (at := value(run)) is not None]
    most = max([tokens for _, tokens, _ in points] + [1.0])
    low, high = min([y for *_, y in points] + [99.0]) - 1, max([y for *_, y in points] + [0.0]) + 1

    def place(tokens: float, y: float) -> tuple[float, float]:
        share = (y - low) / (high - low)
        return EDGE + tokens / most * (WIDE - 2.5 * EDGE), HIGH - EDGE - share * (HIGH - 2 * EDGE)

    parts = [
        _text(EDGE - 10, 18, title),
        f'<path d="M{EDGE} 28V{HIGH - EDGE}H{WIDE - 20}" stroke="#444" fill="none"/>',
    ]
    for kind, colour in COLOURS.items():
        line = [place(t, y) for run, t, y in points if not t or kind in run["pretraining"]]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in line)
        parts.append(f'<path d="M{path}" stroke="{colour}" fill="none"/>' if len(line) > 1 else "")
    for run, tokens, at in points:
        x, y = place(tokens, at)
        colour = next((COLOURS[kind] for kind in run["pretraining"]), "#222")
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        parts.append(_text(x + 5, y - 5, f"{at:.1f}", colour))
        parts.append(_text(x - 6, HIGH - EDGE + 14, f"{tokens:.0f}"))
    return "\n".join(parts)


def _text(x: float, y: float, words: str, colour: str = "#222") -> str:
    style = f'font-family="sans-serif" font-size="11" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{words}</text>'

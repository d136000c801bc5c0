"""Gather the figures of all runs into JSON and draw pretraining tokens against F1 as SVG."""

import json
from pathlib import Path
from typing import Any

SETS = ("xquad-en", "new-wiki")
COLOURS = ("#1f77b4", "#d62728")
WIDE, HIGH, EDGE = 560, 320, 50


def gathered(runs: Path) -> list[dict[str, Any]]:
    """Return the figures of every evaluated run, with the tokens that each stage saw."""
    found = []
    for path in sorted(runs.glob("*/finetune/quality.json")):
        figures = json.loads(path.read_text())
        logs = sorted(path.parent.parent.glob("*/log.jsonl"))
        last = {log.parent.name: json.loads(log.read_text().splitlines()[-1]) for log in logs}
        figures["stages"] = {
            stage: {key: line[key] for key in ("tokens", "steps", "minutes")}
            for stage, line in last.items()
        }
        early = [line["tokens"] for stage, line in last.items() if stage != "finetune"]
        found.append(figures | {"pretraining_tokens": sum(early)})
    return found


def write_curve(runs: Path, results: Path) -> None:
    """Write ``curve.json`` and ``curve.svg``."""
    results.mkdir(exist_ok=True)
    figures = gathered(runs)
    (results / "curve.json").write_text(json.dumps(figures, indent=1) + "\n")
    (results / "curve.svg").write_text(drawn(figures))


def drawn(figures: list[dict[str, Any]]) -> str:
    """Return an SVG with a point for each run and set."""
    most = max([run["pretraining_tokens"] for run in figures] + [1])
    values = [run[name]["f1"] for run in figures for name in SETS] or [0.0]
    low, high = min(values) - 1, max(values) + 1
    parts = [_text(EDGE, 20, "F1 of the fine-tuned reader by millions of pretraining tokens")]
    for row, (name, colour) in enumerate(zip(SETS, COLOURS, strict=True)):
        parts.append(_text(WIDE - 120, 40 + 16 * row, name, colour))
        for run in sorted(figures, key=lambda run: run["pretraining_tokens"]):
            x = EDGE + run["pretraining_tokens"] / most * (WIDE - 4 * EDGE)
            y = HIGH - EDGE - (run[name]["f1"] - low) / (high - low) * (HIGH - 2 * EDGE)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
            label = f"{run['run']} {run[name]['f1']:.1f}"
            parts.append(_text(x + 7, y + 4, label, colour))
            tokens = f"{run['pretraining_tokens'] / 1e6:.0f}"
            parts.append(_text(x - 6, HIGH - EDGE + 18, tokens))
    frame = f'<path d="M{EDGE} {EDGE}V{HIGH - EDGE}H{WIDE - EDGE}" stroke="#444" fill="none"/>'
    body = "\n".join([frame, *parts])
    size = f'width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{body}\n</svg>\n'


def _text(x: float, y: float, words: str, colour: str = "#222") -> str:
    style = f'font-family="sans-serif" font-size="11" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{words}</text>'

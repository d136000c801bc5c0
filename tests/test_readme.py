"""Every block of the README is run here, the two that install aside: those `.ci/run` runs."""

import contextlib
import io
import json
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.report import load_report
from eval.report.table import ANSWERS, DECISIONS, choices_table, systems_table
from qa.commands.main import main

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(README.read_text("utf-8")) if name == language]


def test_every_block_is_of_a_kind_that_is_run() -> None:
    kinds = {name for name, _ in BLOCK.findall(README.read_text("utf-8"))}
    assert kinds == {"sh", "console", "python", "json"}


def test_ci_runs_the_two_blocks_that_install() -> None:
    assert len(blocks("sh")) == 2
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "readme_block 1" in script
    assert "readme_block 2" in script


def transcript(block: str) -> str:
    """Run the commands of a block and return it with the output that they give now."""
    lines: list[str] = []
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            main(shlex.split(command)[1:])
        lines += [f"$ {command}", *output.getvalue().splitlines()]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("block", blocks("console"))
def test_transcripts_are_what_the_commands_print(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "minutes.md").write_text(
        "# Minutes\n\nThe budget for 2027 was set at 4.2 million euros by the council.\n",
        encoding="utf-8",
    )
    printed = transcript(block)
    if os.environ.get("UPDATE_README"):
        README.write_text(README.read_text("utf-8").replace(block, printed), "utf-8")
    assert printed == block


@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "minutes.md").write_text(
        "# Minutes\n\nThe budget for 2027 was set at 4.2 million euros by the council.\n",
        encoding="utf-8",
    )
    exec(compile(block, "README.md", "exec"), {})


def test_json_blocks_are_json() -> None:
    for block in blocks("json"):
        json.loads(block)


def test_results_are_those_of_the_committed_report(
    assert_shown: Callable[[Path, str], None],
) -> None:
    report = load_report(ROOT / "eval" / "results" / "test.json")
    shown = [systems_table(report.systems, columns) for columns in (ANSWERS, DECISIONS)]
    assert_shown(README, "\n\n".join([*shown, choices_table(report.questions)]))


def test_the_figures_of_the_second_set_are_those_of_its_report() -> None:
    report = load_report(ROOT / "eval" / "results" / "other.json")
    found = {score.name: score.value for score in report.systems[0].scores}
    names = {"F1": "f1", "EM": "exact_match", "right": "right", "citation": "citation"}
    said = ", ".join(f"{shown} {found[name]:.1f}" for shown, name in names.items())
    assert said in README.read_text("utf-8")

"""Test that an index in PostgreSQL is measured, and that its page shows what was measured."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eval.__main__ import main as evaluate
from eval.benchmarks.database import render

ROOT = Path(__file__).parent.parent


def test_what_it_costs_is_measured_in_a_place_of_its_own(
    database: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, figures = tmp_path / "text.txt", tmp_path / "figures.json"
    text.write_text("\n".join(f"The port of number {n} is by the sea." for n in range(90)))
    command = ["database", database.url, str(text), "--sizes", "80", "--json", str(figures)]
    assert evaluate(command) == 0
    (found,) = json.loads(figures.read_text())["sizes"]
    assert (found["paragraphs"], found["passages"], found["shared"]) == (80, 80, 100.0)
    assert found["bytes"]["qa_vectors"] > 80 * 800
    assert "| 80 passages |" in capsys.readouterr().out
    with psycopg.connect(database.url) as connection:
        left = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'qa_eval'")
        assert left.fetchone() is None
    text.write_text("\n \n")
    assert evaluate(command) == 2


def test_the_page_shows_what_was_measured(assert_shown: Callable[[Path, str], None]) -> None:
    figures = json.loads((ROOT / "eval" / "results" / "database.json").read_text("utf-8"))
    assert_shown(ROOT / "qa" / "index" / "postgres" / "README.md", render(figures))

"""Test ``qa eval`` and ``python -m eval`` end to end: files in, exit codes and reports out."""

import json
import shutil
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import qa.commands.main
from eval.__main__ import main as own_main
from eval.report import load_report
from qa import Assistant, Hit, HybridRetriever

TOWNS = [
    ("Arlen", "Mira Holt", "1874", "$12 million"),
    ("Brevik", "Tomas Lind", "1921", "$45 million"),
    ("Corvo", "Ines Prado", "1790", "$8 million"),
    ("Dunmore", "Hugh Kerr", "1965", "$230 million"),
]
Run = Callable[..., int]


def town_text(town: str, mayor: str, year: str, budget: str) -> str:
    return (
        f"# {town}\n\nThe mayor of {town} is {mayor}. The town of {town} was founded in {year}."
        f"\n\nThe yearly budget of {town} is {budget}.\n"
    )


def town_questions(town: str, mayor: str, year: str, budget: str) -> list[dict[str, object]]:
    asked = [
        ("person", f"Who is the mayor of {town}?", mayor),
        ("date", f"When was {town} founded?", year),
        ("amount", f"What is the yearly budget of {town}?", budget),
    ]
    document = f"towns/{town.lower()}.md"
    return [
        {"id": f"{town}-{kind}", "question": question, "answers": [answer],
         "document": document, "kind": kind}
        for kind, question, answer in asked
    ]  # fmt: skip


QUESTIONS = [
    *(row for town in TOWNS for row in town_questions(*town)),
    {"id": "mars", "question": "What is the weather on Mars?", "answers": [], "document": None},
    {"id": "jazz", "question": "Which saxophonist invented bebop?", "answers": []},
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with documents, a gold file and the baseline that a first run accepted."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "docs" / "towns").mkdir(parents=True)
    for town in TOWNS:
        path = folder / "docs" / "towns" / f"{town[0].lower()}.md"
        path.write_text(town_text(*town), encoding="utf-8")
    write_gold(folder, QUESTIONS)
    with pytest.MonkeyPatch.context() as patch:
        assert evaluator(patch)(folder, "--update-baseline", "--main-only") == 0
    return folder


def write_gold(folder: Path, rows: list[dict[str, object]]) -> None:
    lines = (json.dumps(row) + "\n" for row in rows)
    (folder / "gold.jsonl").write_text("".join(lines), encoding="utf-8")


def evaluator(patch: pytest.MonkeyPatch) -> Run:
    """Return ``qa eval`` as the installed command finds it."""
    entry = EntryPoint("eval", "eval.command:add", "qa.commands")
    patch.setattr(
        qa.commands.main, "entry_points", lambda group: [entry] if group == entry.group else []
    )

    def run(folder: Path, *options: str) -> int:
        patch.setenv("QA_CACHE_DIR", str(folder / "cache"))
        where = ["eval", str(folder / "gold.jsonl"), "--docs", str(folder / "docs")]
        return qa.commands.main.main(
            [*where, "--baseline", str(folder / "baseline.json"), *options]
        )

    return run


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return evaluator(monkeypatch)


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


def worsen_retriever(patch: pytest.MonkeyPatch) -> None:
    """Make the retriever return its worst passages in place of its best."""
    retrieve = HybridRetriever.retrieve

    def worst(self: HybridRetriever, question: str, limit: int, *_: object) -> tuple[Hit, ...]:
        return tuple(reversed(retrieve(self, question, len(self.passages))))[: min(limit, 2)]

    patch.setattr(HybridRetriever, "retrieve", worst)


def test_a_report_of_everything(
    made: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(made, "--out", str(tmp_path / "out"), "--gate") == 0
    printed, notes = capsys.readouterr()
    assert "Questions of `gold.jsonl`: 14, answerable 12; documents: 4." in printed
    assert "## Gate held" in printed
    assert "14 questions make a weak test" in printed
    assert "report.html" in notes
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "gate.md",
        "report.html",
        "report.json",
    ]
    report = load_report(tmp_path / "out" / "report.json")
    assert len(report.systems) == 7
    assert sum(row.right for row in report.questions) >= 10
    assert "Mira Holt" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_gate_fails_where_the_retriever_is_worse(
    made: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worsen_retriever(monkeypatch)
    assert run(made, "--main-only", "--gate") == 1
    printed = capsys.readouterr().out
    assert "## Gate failed: a significant loss" in printed
    assert "### Right before, wrong now" in printed
    assert "(lost at retrieval)" in printed
    assert run(made, "--main-only") == 0  # told, but not asked to decide


def test_the_gate_refuses_a_run_that_breaks(
    made: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = Assistant.ask

    def moody(self: Assistant, question: str, top_k: int | None = None) -> object:
        if "Corvo" in question:
            raise RuntimeError("not today")
        return ask(self, question, top_k)

    monkeypatch.setattr(Assistant, "ask", moody)
    before = (made / "baseline.json").read_bytes()
    assert run(made, "--main-only", "--gate") == 2
    out, notes = capsys.readouterr()
    assert "## Gate refused: the run is broken" in out
    assert "3 question(s) failed, RuntimeError: not today: Corvo-person" in notes
    assert run(made, "--main-only") == 2  # also without the gate
    assert run(made, "--main-only", "--update-baseline") == 2
    assert (made / "baseline.json").read_bytes() == before


def test_the_gate_refuses_a_missing_question(copy: Path, run: Run) -> None:
    write_gold(copy, QUESTIONS[1:])
    assert run(copy, "--main-only", "--gate") == 2


def test_the_gate_reports_a_new_question(
    copy: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    new = {**QUESTIONS[0], "id": "new", "question": "Who rules the waves?"}
    write_gold(copy, [*QUESTIONS, new])
    assert run(copy, "--main-only", "--gate") == 0
    assert "### Not in the baseline, not counted (1)\n\n- new" in capsys.readouterr().out


def test_an_intended_loss_can_be_accepted(
    copy: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    worsen_retriever(monkeypatch)
    assert run(copy, "--main-only", "--gate") == 1
    assert run(copy, "--main-only", "--update-baseline") == 0
    assert run(copy, "--main-only", "--gate") == 0


def test_a_baseline_of_another_format_is_mended_as_the_message_says(copy: Path, run: Run) -> None:
    (copy / "baseline.json").write_text("{}")
    assert run(copy, "--main-only", "--gate") == 2
    assert run(copy, "--main-only", "--update-baseline") == 0
    assert run(copy, "--main-only", "--gate") == 0


BROKEN: list[tuple[Callable[[Path], object], list[str], str]] = [
    (lambda f: (f / "baseline.json").unlink(), ["--gate"], "there is no such report"),
    (lambda f: (f / "baseline.json").write_text("{}"), ["--gate"], "its format is None"),
    (lambda f: (f / "gold.jsonl").write_text("\n{"), [], "line 2: no valid JSON"),
    (lambda f: shutil.rmtree(f / "docs" / "towns"), [], "docs"),
    (lambda f: (f / "docs" / "towns" / "arlen.md").unlink(), [], "hold no 'towns/arlen.md'"),
    (lambda f: (f / "out").write_text("a file"), ["--out", "out"], "cannot be written"),
]


@pytest.mark.parametrize("case", BROKEN, ids=[message for *_, message in BROKEN])
def test_what_cannot_run_is_said_and_exits_2(
    copy: Path,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    case: tuple[Callable[[Path], object], list[str], str],
) -> None:
    break_it, options, message = case
    break_it(copy)
    options = [str(copy / "out") if option == "out" else option for option in options]
    assert run(copy, "--main-only", *options) == 2
    assert message in capsys.readouterr().err


def test_own_command(
    made: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_CACHE_DIR", str(made / "cache"))
    assert own_main(["table", str(made / "baseline.json")]) == 0
    assert "| hybrid + selector " in capsys.readouterr().out
    again = ["table", str(made / "baseline.json"), "--before", str(made / "baseline.json")]
    assert own_main(again) == 0
    assert "| all " in capsys.readouterr().out
    assert own_main(["table", str(made / "absent.json")]) == 2
    assert "eval: " in capsys.readouterr().err
    assert own_main(["--gate"]) == 2  # an option alone means the dev split
    assert "--gate needs --baseline" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        own_main(["squad", "file", "--limit", "0"])


def test_our_own_gold_files_are_found_and_fit_the_seeds() -> None:
    """The default command reads the dev split over the seeds; the test split has its own name."""
    from importlib.resources import files

    from eval.datasets.gold import read_gold
    from qa import load_folder

    documents = load_folder(Path(str(files("seeds")))).documents
    for split in ("dev", "test"):
        gold = read_gold(Path(str(files("eval"))) / "gold" / f"{split}.jsonl", documents)
        assert len(gold.questions) >= 120
        assert gold.warnings == ()

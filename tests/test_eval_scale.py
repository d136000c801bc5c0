"""Test the measuring of growth on a hundred paragraphs, and that what is shown was measured."""

import json
import lzma
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.distractors import RUN, asked_of, documents_of, paragraphs_of
from eval.benchmarks.scale import STEPS, write_scale
from eval.benchmarks.scale_plot import draw
from eval.benchmarks.scale_table import render_scale
from eval.schema import EvalError
from qa import Passage, Span

RESULTS = Path(__file__).parent.parent / "eval" / "results"
NAMES = [first + last for first in ("Ar", "Bre", "Cor", "Dun") for last in ("len", "vik", "more")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as the data of a run: questions on contexts, and prose."""
    folder = tmp_path_factory.mktemp("data")
    rows = [
        {"id": f"{at}", "question": f"Who is the mayor of {name}?",
         "context": f"The mayor of {name} is Person Number{at}. {name} lies on a river.",
         "answers": [{"text": f"Person Number{at}", "start": 17 + len(name)}]}
        for at, name in enumerate(NAMES)
    ]  # fmt: skip
    (folder / "dev").mkdir()
    (folder / "train").mkdir()
    with lzma.open(folder / "dev" / "qa-towns.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    with lzma.open(folder / "train" / "prose-hills.txt.xz", "wt", encoding="utf-8") as file:
        file.writelines(f"Hill {at} rises {at + 3} metres above the sea.\n\n" for at in range(120))
    return folder


def test_questions_point_at_their_paragraphs(data: Path) -> None:
    """Those of the first half of a file; the paragraphs asked about come before all others."""
    contexts, asked = asked_of(data, 100, 3)
    assert [one.question.id for one in asked] == ["0", "2", "4"]
    assert contexts[:3] == [one.question.context for one in asked]
    paragraphs = paragraphs_of(data, contexts, 100)
    documents = {document.source: document for document in documents_of(paragraphs)}
    for one in asked:
        assert documents[one.source].text[one.start : one.end] == one.question.context
    assert len(paragraphs) == 100
    assert len(documents) == -(-100 // RUN)
    assert len(paragraphs_of(data, contexts, 999)) == len(NAMES) + 120


def test_fewer_paragraphs_are_the_first_of_more(data: Path) -> None:
    contexts, asked = asked_of(data, 2, 3)
    assert len(asked) == 2
    few, more = (documents_of(paragraphs_of(data, contexts, size)) for size in (40, 90))
    assert few[0] == more[0]
    assert more[1].text.startswith(few[1].text)


def test_a_passage_is_right_that_holds_the_answer_in_its_paragraph(data: Path) -> None:
    one = asked_of(data, 100, 3)[1][1]
    text = f"The mayor is {one.question.answers[0]}."

    def right(start: int, words: str, source: str = one.source) -> bool:
        return one.is_right(Passage("d", Span(start, start + len(words)), words), source)

    assert right(one.start, text)
    assert not right(one.start, "The mayor is someone.")
    assert not right(one.end, text)
    assert not right(one.start, text, "another.txt")


def test_a_hundred_paragraphs_from_the_command(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scale.json"
    options = ["--data", str(data), "--sizes", "100", "--questions", "4", "--json", str(out)]
    assert main(["scale", *options]) == 0
    found = json.loads(out.read_text("utf-8"))
    (figures,) = found["sizes"]
    assert figures["paragraphs"] == figures["passages"] == 100
    assert figures["questions"] == 3
    assert figures["recall@5"] == figures["exact_recall@5"] == 100
    assert 0 < figures["f1"] <= 100  # how well such sentences are read is the reader's
    assert figures["shared_of_100_nearest"] == 100
    assert 0 < figures["ask_p50_ms"] <= figures["ask_p95_ms"]
    assert figures["disk_mb"] > 0.01
    printed, notes = capsys.readouterr()
    assert printed == render_scale(found) + "\n"
    assert out.with_suffix(".svg").exists() or "pip install 'extractive-qa[bench]'" in notes
    assert out.with_suffix(".md").read_text("utf-8").startswith(render_scale(found))


def test_an_interrupted_run_is_resumed_where_it_was(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps that were measured are kept; the index is made again for those that were not."""
    ran: list[tuple[str, int]] = []

    def run(step: str, folder: Path, data: Path, size: int, questions: int) -> dict[str, float]:
        ran.append((step, size))
        if (step, size, len(ran)) == ("flat", 20_000, 7):
            raise EvalError("interrupted")
        return {STEPS[step]: len(ran)}

    monkeypatch.setattr("eval.benchmarks.scale._run", run)
    for module in ("scale", "scale_table"):
        monkeypatch.setattr(f"eval.benchmarks.{module}.render_scale", lambda found: "")
    monkeypatch.setattr("eval.benchmarks.scale_plot.draw", lambda found, out: None)
    out = tmp_path / "scale.json"
    options = ["scale", "--sizes", "100", "20000", "--json", str(out), "--questions", "4"]
    assert main([*options, "--resume"]) == 2
    assert ran == [(step, 100) for step in STEPS] + [(step, 20_000) for step in STEPS][:3]
    before = json.loads(out.read_text("utf-8"))["sizes"]
    ran.clear()
    assert main([*options, "--resume"]) == 0
    assert ran == [(step, 20_000) for step in ("index", "flat", "bm25s")]
    after = json.loads(out.read_text("utf-8"))["sizes"]
    assert after[0] == before[0]
    assert after[1].items() >= before[1].items()
    assert after[1].keys() >= set(STEPS.values())
    assert main([*options[:-1], "5", "--resume"]) == 2
    assert main(["scale", "--resume"]) == 2


def test_a_step_that_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scale", "--data", str(tmp_path), "--sizes", "100"]) == 2
    assert "the step 'index' failed: " in capsys.readouterr().err
    with pytest.raises(EvalError, match="name another folder with --data"):
        asked_of(tmp_path, 100, 3)


def test_importing_a_step_loads_no_library_that_takes_memory() -> None:
    """So that the peak memory of a step is that of its own work."""
    code = (
        "import sys, eval.benchmarks.growth; print({'torch', 'gradio', 'faiss'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_what_is_shown_is_what_was_measured(tmp_path: Path) -> None:
    write_scale(json.loads((RESULTS / "scale.json").read_text("utf-8")), tmp_path / "scale.json")
    for name in ("scale.json", "scale.md"):
        assert (tmp_path / name).read_text("utf-8") == (RESULTS / name).read_text("utf-8"), name


def test_the_plot_names_every_line(tmp_path: Path) -> None:
    """Matplotlib draws other bytes in each version, but writes the same words."""
    pytest.importorskip("matplotlib")
    draw(json.loads((RESULTS / "scale.json").read_text("utf-8")), tmp_path / "scale.svg")
    words = [svg_words(file) for file in (tmp_path / "scale.svg", RESULTS / "scale.svg")]
    assert words[0] == words[1]
    assert {"FAISS flat", "bm25s", "recall@5", "peak memory (MB)", "paragraphs"} <= words[0]


def svg_words(file: Path) -> set[str]:
    """Return the words of a drawing that are no numbers."""
    found = ("".join(text.itertext()) for text in ET.parse(file).iter() if text.tag[-5:] == "}text")
    return {text.strip() for text in found if any(map(str.isalpha, text))}


def test_a_missing_matplotlib_is_told_with_the_mending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    draw({"sizes": []}, tmp_path / "scale.svg")
    assert "pip install 'extractive-qa[bench]', then repeat" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())

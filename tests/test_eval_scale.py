"""Test the measuring of growth on a hundred paragraphs, and that what is shown was measured."""

import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.distractors import RUN, Asked, asked_of, documents_of, paragraphs_of
from eval.scale import render_scale
from eval.scale_plot import plot
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
    assert isinstance(one, Asked)


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
    assert capsys.readouterr().out == render_scale(found) + "\n"
    assert out.with_suffix(".svg").read_text("utf-8") == plot(found)


def test_a_step_that_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scale", "--data", str(tmp_path), "--sizes", "100"]) == 2
    assert "the step 'index' failed: " in capsys.readouterr().err
    with pytest.raises(EvalError, match="name another folder with --data"):
        asked_of(tmp_path, 100, 3)


def test_measuring_opens_no_socket_and_loads_no_extra() -> None:
    code = "import sys, eval.growth; print({'torch', 'gradio', 'faiss'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_what_is_shown_is_what_was_measured() -> None:
    found = json.loads((RESULTS / "scale.json").read_text("utf-8"))
    assert (RESULTS / "scale.md").read_text("utf-8") == render_scale(found) + "\n"
    assert (RESULTS / "scale.svg").read_text("utf-8") == plot(found)

"""Test the measuring of growth on a hundred paragraphs, and that what is shown was measured."""

import json
import lzma
import subprocess
import sys
from pathlib import Path

import faiss
import numpy as np
import pytest

from eval.__main__ import main
from eval.distractors import RUN, Asked, asked_of, documents_of, paragraphs_of
from eval.growth import kinds
from eval.kinds import KINDS, PROBED, compare, lists
from eval.scale import STEPS, machine, write_scale
from eval.scale_plot import plot
from eval.scale_table import render_scale
from eval.schema import EvalError
from qa import Assistant, Passage, Span
from qa.retrieval import dense

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
    assert out.with_suffix(".md").read_text("utf-8").startswith(render_scale(found))
    assert out.with_suffix(".svg").read_text("utf-8") == plot(found)


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

    monkeypatch.setattr("eval.scale._run", run)
    monkeypatch.setattr("eval.scale.render_scale", lambda found: "")
    out = tmp_path / "scale.json"
    options = ["scale", "--sizes", "100", "20000", "--json", str(out), "--questions", "4"]
    assert main([*options, "--resume"]) == 2
    small, large = ["index", "ask", "flat", "bm25s"], ["index", "flat", "bm25s", "kinds"]
    assert ran == [(step, 100) for step in small] + [(step, 20_000) for step in STEPS][:3]
    before = json.loads(out.read_text("utf-8"))["sizes"]
    ran.clear()
    assert main([*options, "--resume"]) == 0
    assert ran == [(step, 20_000) for step in large]
    after = json.loads(out.read_text("utf-8"))["sizes"]
    assert after[0] == before[0]
    assert after[1].items() >= before[1].items()
    assert after[1].keys() >= set(STEPS.values())
    assert main([*options[:-1], "5", "--resume"]) == 2
    assert main(["scale", "--resume"]) == 2


def test_kinds_of_indexes_are_compared_over_the_same_vectors(tmp_path: Path) -> None:
    draw = np.random.default_rng(7)
    vectors = draw.normal(size=(3000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = compare(vectors, vectors[:20] + vectors[20:40], tmp_path)
    by_kind = {kind.name: [row for row in rows if row["kind"] == kind.name] for kind in KINDS}
    (flat,), lists, graphs = by_kind.values()
    assert flat["recall@10"] == 100
    assert flat["disk_mb"] > lists[0]["disk_mb"] > 3000 * 16 / 1e6
    for some in (lists, graphs):
        recalls = [row["recall@10"] for row in some]
        assert recalls == sorted(recalls)
        assert 90 < recalls[-1] <= 100
    assert [row["searched"] for row in lists][-2:] == ["48 of 54 lists", "54 of 54 lists"]
    assert not list(tmp_path.iterdir())


def test_the_lists_that_are_compared_are_those_of_an_index(
    tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the table speaks of what `qa` does."""
    monkeypatch.setattr(dense, "EXACT", 100)
    draw = np.random.default_rng(7)
    encoder = dense.named_encoder(tiny)
    vectors = draw.normal(size=(2000, encoder.dimension)).astype(np.float32)
    passages = [Passage("d", Span(at, at + 1), "a") for at in range(len(vectors))]
    ours = dense.DenseIndex.build(passages, encoder, made=lambda places: vectors[places])
    theirs, wide = lists(vectors), faiss.SearchParametersIVF(nprobe=dense.PROBED)
    assert dense.PROBED in PROBED
    for query in vectors[:50, None]:
        found = theirs.search(query, 10, params=wide)[1][0]
        assert found.tolist() == ours.search(query, 10).tolist()


def test_the_vectors_of_an_index_are_compared(data: Path, tmp_path: Path) -> None:
    contexts = asked_of(data, 60, 3)[0]
    documents = documents_of(paragraphs_of(data, contexts, 60))
    Assistant.from_documents(documents).save(tmp_path / "index")
    rows = kinds(tmp_path / "index", data, 60, 3)["kinds"]
    assert [row["kind"] for row in rows][:2] == ["flat", "IVF, 8 bits"]
    shown = render_scale({"machine": machine(), "sizes": [{"passages": 60, "kinds": rows}]})
    assert "| flat " in shown
    assert "| 7 of 7 lists " in shown


def test_a_step_that_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scale", "--data", str(tmp_path), "--sizes", "100"]) == 2
    assert "the step 'index' failed: " in capsys.readouterr().err
    with pytest.raises(EvalError, match="name another folder with --data"):
        asked_of(tmp_path, 100, 3)


def test_measuring_opens_no_socket_and_loads_no_extra() -> None:
    code = "import sys, eval.growth; print({'torch', 'gradio', 'faiss'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_what_is_shown_is_what_was_measured(tmp_path: Path) -> None:
    write_scale(json.loads((RESULTS / "scale.json").read_text("utf-8")), tmp_path / "scale.json")
    for file in tmp_path.iterdir():
        assert file.read_text("utf-8") == (RESULTS / file.name).read_text("utf-8"), file.name

"""Test BEIR folders: plain and packed, graded judgements, rows that are off, and the scores."""

import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.beir import BASE, FUSED, JUDGED, SYSTEMS, render_scores, score_collection
from eval.datasets.collection import (
    Article,
    Collection,
    as_collection,
    read_collection,
    read_grades,
)
from eval.datasets.lines import LineError
from eval.datasets.squad import read_squad
from eval.metrics.ranking import ndcg
from eval.schema import EvalError

CORPUS = [
    {"_id": "d1", "title": "Glaciers", "text": "Glaciers carve valleys while they move."},
    {"_id": "d2", "title": "Volcanoes", "text": "Volcanoes erupt lava and ash."},
    {"_id": "d3", "title": "", "text": "Rivers carry sand to the sea; glaciers feed rivers."},
    {"_id": 4, "title": "Empty", "text": ""},
]
QUERIES = [
    {"_id": "q1", "text": "glaciers valleys"},
    {"_id": "q2", "text": "volcanoes lava"},
    {"_id": "q3", "text": "never judged"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td3\t1\nq2\td2\t1\n"


def write(folder: Path, qrels: str = QRELS, where: str = "qrels.tsv") -> Path:
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / where).parent.mkdir(exist_ok=True)
    (folder / where).write_text(qrels, encoding="utf-8")
    return folder


def pack(folder: Path) -> None:
    for path in list(folder.rglob("*.*")):
        path.with_name(f"{path.name}.xz").write_bytes(lzma.compress(path.read_bytes()))
        path.unlink()


@pytest.mark.parametrize("where", ["qrels.tsv", "qrels/test.tsv"])
@pytest.mark.parametrize("packed", [False, True])
def test_forms_of_a_folder(tmp_path: Path, where: str, packed: bool) -> None:
    write(tmp_path, where=where)
    if packed:
        pack(tmp_path)
    found = read_collection(tmp_path)
    assert [article.id for article in found.articles] == ["d1", "d2", "d3", "4"]
    assert found.grades == {"q1": {"d1": 2, "d3": 1}, "q2": {"d2": 1}}
    assert found.warnings == ()


def test_scores_are_those_of_a_slow_oracle(tmp_path: Path) -> None:
    """BM25 finds q1's d1 (grade 2) before d3 (1), and q2's d2 first: every score is 1.

    With the grades of q1 the other way round its nDCG is (1 + 2/log2(3)) / (2 + 1/log2(3)).
    """
    best = score_collection(read_collection(write(tmp_path)))
    assert set(best) == set(SYSTEMS)
    perfect = {"ndcg@10": 100, "recall@10": 100, "mrr@10": 100, "ndcg over bm25": [0, 0, 0]}
    assert best["bm25"].to_dict().items() >= perfect.items()
    turned = QRELS.replace("d1\t2", "d1\t1").replace("d3\t1", "d3\t2")
    worse = score_collection(read_collection(write(tmp_path, turned)))["bm25"]
    assert worse.ndcg == pytest.approx((0.85972 + 1) / 2, abs=1e-5)
    assert worse.ndcg == pytest.approx((ndcg(["d1", "d3"], {"d1": 1, "d3": 2}, 10) + 1) / 2)
    assert worse.recall == 1


def test_queries_without_judgements_are_left_out(tmp_path: Path) -> None:
    alone = score_collection(read_collection(write(tmp_path)))["bm25"]
    assert alone.recall == 1  # q3 would make it 2/3


def test_a_document_with_the_query_s_own_id_is_no_result() -> None:
    articles = (Article("a", "", "red apple"), Article("b", "", "red apple pie"))
    collection = Collection(articles, {"a": "red apple"}, {"a": {"b": 1}})
    assert score_collection(collection)["bm25"].reciprocal_rank == 1


def test_ten_others_are_ranked_beside_the_query_s_own_document() -> None:
    """Twelve equal texts rank in their order: the own one goes, so the 11th is the tenth."""
    articles = tuple(Article(f"d{n}", "", "red apple") for n in range(12))
    collection = Collection(articles, {"d0": "red apple"}, {"d0": {"d10": 1}})
    assert score_collection(collection)["bm25"].reciprocal_rank == pytest.approx(1 / 10)


def test_strange_judgements_warn(tmp_path: Path) -> None:
    found = read_collection(write(tmp_path, QRELS + "q1\tlost\t1\nq9\td1\t1\n"))
    assert [warning[:26] for warning in found.warnings] == [
        "1 judged documents are not",
        "1 judged queries are not i",
    ]
    assert score_collection(found)["bm25"].recall == pytest.approx((2 / 3 + 1) / 2)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("q1\td1", "tabs between"),
        ("q1\td1\thigh", "a whole number"),
        ("q1 d1 1", "tabs between"),
        ("q1\td1\t1\tx", "tabs between"),
        ("q1\td1\t0", "has the grade 2 for query 'q1' already"),
    ],
)
def test_a_bad_judgement_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(LineError) as caught:
        read_grades(write(tmp_path, QRELS + "\n" + row + "\n") / "qrels.tsv")
    assert [problem.line for problem in caught.value.problems] == [6]
    assert message in caught.value.problems[0].message


def test_the_header_is_optional_and_a_repeated_row_harmless(tmp_path: Path) -> None:
    write(tmp_path, "\ufeffq1\td1\t-1\r\nq1\td1\t-1\r\n")
    assert read_grades(tmp_path / "qrels.tsv") == {"q1": {"d1": -1}}


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "again"}', "stands on line 1 already"),
        ("corpus.jsonl", '{"_id": "d9", "text": null}', '"title" and "text" must be texts'),
        ("queries.jsonl", '{"_id": "q9"}', '"text" must be a text'),
        ("queries.jsonl", "nonsense", "no valid JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, name: str, line: str, message: str) -> None:
    write(tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(LineError, match=message) as caught:
        read_collection(tmp_path)
    assert name in str(caught.value)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"holds no corpus\.jsonl, plain or \.xz"):
        read_collection(tmp_path)
    with pytest.raises(EvalError, match="no query is both in"):
        read_collection(write(tmp_path, "zz\td1\t1\n"))


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scores.json"
    assert main(["beir", str(write(tmp_path)), "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert capsys.readouterr().out == render_scores(found) + "\n"
    assert found["documents"] == 4
    assert {each["queries"] for each in found["systems"].values()} == {2}
    assert list(found["systems"]) == list(SYSTEMS)
    costed = [name for name, each in found["systems"].items() if "ms a query" in each]
    assert costed == [BASE, "dense", FUSED, JUDGED]
    costs = [found["systems"][name] for name in costed]
    assert all(cost["passages a second"] > 0 for cost in costs)
    assert costs[2]["index MB"] == costs[3]["index MB"] > costs[0]["index MB"]
    assert main(["beir", str(tmp_path / "absent")]) == 2


def test_the_gain_is_the_mean_difference_and_lies_in_its_interval(tmp_path: Path) -> None:
    scores = score_collection(read_collection(write(tmp_path)))
    for each in scores.values():
        for (mean, low, high), base in ((each.gain, BASE), (each.gain_over_fused, FUSED)):
            assert mean == pytest.approx(each.ndcg - scores[base].ndcg)
            assert low <= mean <= high


def test_the_reader_judges_some_queries_only(tmp_path: Path) -> None:
    """Its gain is over the fusion on the same ones: that of a collection without the others."""
    scores = score_collection(read_collection(write(tmp_path)), read=1)
    assert [scores[name].queries for name in (BASE, FUSED, JUDGED)] == [2, 2, 1]
    alone = score_collection(read_collection(write(tmp_path, QRELS[: QRELS.index("q2")])))
    assert [alone[name].queries for name in (FUSED, JUDGED)] == [1, 1]
    gain = alone[JUDGED].ndcg - alone[FUSED].ndcg
    assert scores[JUDGED].gain_over_fused == pytest.approx((gain, gain, gain))


def test_questions_on_contexts_are_ranked_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both questions find their own context first; without the first, one is left."""
    rows = [
        {"id": str(n), "question": f"Where is the {what}?", "context": f"The {what} is in {where}.",
         "answers": [{"text": where, "start": 0}]}
        for n, (what, where) in enumerate([("harbour", "Oslo"), ("railway", "Kashgar")])
    ]  # fmt: skip
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    collection = as_collection(read_squad(path))
    assert collection.grades == {"q0": {"0": 1}, "q1": {"1": 1}}
    assert score_collection(collection)["hybrid"].ndcg == 1
    out = tmp_path / "scores.json"
    assert main(["beir", str(path), "--skip", "1", "--json", str(out)]) == 0
    assert json.loads(out.read_text())["systems"]["hybrid"]["recall@10"] == 100
    assert "questions.jsonl without its first 1 questions, 1 passages" in capsys.readouterr().out


def test_the_page_shows_what_was_measured(assert_shown: Callable[[Path, str], None]) -> None:
    root = Path(__file__).parent.parent
    names = (f"beir-{name}.json" for name in ("scifact", "xquad-en", "new-wiki"))
    files = [root / "eval" / "results" / name for name in names]
    tables = "\n\n".join(render_scores(json.loads(one.read_text("utf-8"))) for one in files)
    assert_shown(root / "embeddings" / "README.md", tables)

"""Test SQuAD and JSONL files: their forms, their errors, and the scores of the selector on them."""

import json
import lzma
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.reading import Contexts, Outcome, ReadingScores, score_reading
from eval.datasets.lines import LineError
from eval.datasets.squad import read_squad
from eval.schema import EvalError
from qa import Answer, Assistant, Candidate, Hit, Reading, Span

ARLEN = "The mayor of Arlen is Mira Holt. The town of Arlen was founded in 1874."
BREVIK = "The mayor of Brevik is Tomas Lind. The town of Brevik was founded in 1921."
LINES = [
    {"id": "1", "question": "Who is the mayor of Arlen?", "context": ARLEN,
     "answers": [{"text": "Mira Holt", "start": 22}]},
    {"id": "2", "question": "When was Brevik founded?", "context": BREVIK,
     "answers": [{"text": "1921", "start": 70}, {"text": "in 1921", "start": 67}]},
    {"id": "3", "question": "Who painted the moon of Saturn?", "context": ARLEN, "answers": []},
]  # fmt: skip
TREE = {
    "version": "v2.0",
    "data": [
        {
            "title": "Towns",
            "paragraphs": [
                {
                    "context": ARLEN,
                    "qas": [
                        {"id": "1", "question": "Who is the mayor of Arlen?",
                         "answers": [{"text": "Mira Holt", "answer_start": 22}]},
                        {"id": "3", "question": "Who painted the moon of Saturn?", "answers": [],
                         "plausible_answers": [{"text": "Arlen", "answer_start": 13}],
                         "is_impossible": True},
                    ],
                },
                {
                    "context": BREVIK,
                    "qas": [{"id": "2", "question": "When was Brevik founded?",
                             "answers": [{"text": "1921", "answer_start": 70}],
                             "is_impossible": False}],
                },
            ],
        }
    ],
}  # fmt: skip


def write_lines(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "lines.jsonl", list(LINES))


def test_both_forms_hold_the_same(lines: Path, tmp_path: Path) -> None:
    (tmp_path / "tree.json").write_text(json.dumps(TREE, indent=2), encoding="utf-8-sig")
    packed = tmp_path / "tree.json.xz"
    packed.write_bytes(lzma.compress(json.dumps(TREE).encode()))
    from_lines = {q.id: (q.question, q.context) for q in read_squad(lines)}
    for path in (tmp_path / "tree.json", packed):
        questions = read_squad(path)
        assert {q.id: (q.question, q.context) for q in questions} == from_lines
        assert [q.answers for q in questions] == [("Mira Holt",), (), ("1921",)]
        assert {q.title for q in questions} == {"Towns"}


def test_the_form_of_the_hub(tmp_path: Path) -> None:
    row = {**LINES[0], "answers": {"text": ["Mira Holt"], "answer_start": [22]}}
    assert read_squad(write_lines(tmp_path / "f", [row]))[0].answers == ("Mira Holt",)


def test_impossible_is_stronger_than_answers(tmp_path: Path) -> None:
    row = {**LINES[0], "is_impossible": True}
    assert read_squad(write_lines(tmp_path / "f", [row]))[0].answers == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"context": ""}, '"context" must be a text'),
        ({"answers": None}, '"answers" must be a list'),
        ({"answers": ["Mira"]}, 'must be an object with "text"'),
        ({"is_impossible": 1}, "must be true or false"),
        ({"id": "1"}, "stands on line 1 already"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = write_lines(tmp_path / "f", [LINES[0], {**LINES[1], **change}])
    with pytest.raises(LineError) as caught:
        read_squad(path)
    assert f"line 2: {caught.value.problems[0].message}" in str(caught.value)
    assert message in str(caught.value)


def test_a_bad_place_in_a_tree_is_named(tmp_path: Path) -> None:
    tree = json.loads(json.dumps(TREE))
    tree["data"][0]["paragraphs"][1]["qas"][0]["question"] = 7
    (tmp_path / "f").write_text(json.dumps(tree))
    with pytest.raises(EvalError, match=r"data\[0\]\.paragraphs\[1\]\.qas\[0\]: .question"):
        read_squad(tmp_path / "f")
    (tmp_path / "f").write_text('{"data": [{"paragraphs": 3}]}')
    with pytest.raises(EvalError, match="not in the SQuAD format"):
        read_squad(tmp_path / "f")
    (tmp_path / "f").write_text('{"data": []}')
    with pytest.raises(EvalError, match="holds no questions"):
        read_squad(tmp_path / "f")


@pytest.mark.parametrize("pooled", [False, True])
def test_scores_of_a_plain_file(lines: Path, pooled: bool) -> None:
    scores = score_reading(read_squad(lines), pooled=pooled).to_dict()
    assert (scores["n"], scores["answerable"], scores["failed"]) == (3, 2, 0)
    assert scores["f1"] >= 50
    assert 0 <= scores["exact_match"] <= scores["f1"] <= 100
    assert ("recall@5" in scores) is pooled
    if pooled:
        assert scores["recall@5"] == 100


def test_the_context_is_read_alone(lines: Path) -> None:
    """A question about the other town cannot be answered from the wrong context."""
    wrong = [{**LINES[1], "context": ARLEN}, LINES[0]]
    questions = read_squad(write_lines(lines, wrong))
    assert score_reading(questions).outcomes[0].f1 == 0
    answer, _ = Contexts(questions).read(questions[1])
    assert [(hit.passage.text, hit.rank) for hit in answer.hits] == [(ARLEN, 1)]


def test_a_withheld_best_span_scores_as_the_best_span(
    lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The F1 that never abstains is that of the best candidate, the other that of the refusal."""

    def shy(self: Assistant, question: str, hits: tuple[Hit, ...]) -> Answer:
        start = hits[0].passage.text.index("Mira Holt")
        best = Candidate(hits[0], Span(start, start + 9), hits[0].passage.span, -1.0)
        return Answer(question, None, 0.3, hits=hits, reading=Reading((best,), (0.3,), 0.0))

    monkeypatch.setattr(Assistant, "answer", shy)
    outcome = score_reading(read_squad(lines), limit=1).outcomes[0]
    assert (outcome.exact_match, outcome.f1, outcome.f1_with_refusal, outcome.abstained) == (
        1,
        1,
        0,
        True,
    )


def test_means_by_hand() -> None:
    """Best spans of two answerable questions: F1 1 and 1/2, so 75; told 1, 0 (withheld) and 1
    (rightly refused), so 66.67. The right context at ranks 1, 4 and nowhere.
    """
    outcomes = (
        Outcome(1.0, 1.0, 1.0, False, 1, 10.0),
        Outcome(0.0, 0.5, 0.0, True, 4, 20.0),
        Outcome(None, None, 1.0, True, 0, 30.0),
    )
    scores = ReadingScores(outcomes, pooled=True).to_dict()
    assert (scores["exact_match"], scores["f1"], scores["f1_with_refusal"]) == (50, 75, 66.67)
    assert (scores["refused"], scores["milliseconds_p50"]) == (66.67, 20.0)
    assert [scores[f"recall@{k}"] for k in (1, 5, 10)] == [33.33, 66.67, 66.67]
    assert scores["mrr@10"] == 41.67  # (1 + 1/4 + 0) / 3
    assert scores["ndcg@10"] == 47.69  # (1 + 1/log2(5) + 0) / 3


def test_limit_keeps_the_corpus_whole(lines: Path) -> None:
    scores = score_reading(read_squad(lines), pooled=True, limit=1)
    assert len(scores.outcomes) == 1
    with pytest.raises(EvalError, match="--limit"):
        score_reading(read_squad(lines), limit=0)


def test_command_writes_json_and_a_failed_question_exits_2(
    lines: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = lines.parent / "deep" / "scores.json"
    assert main(["squad", str(lines), "--json", str(out)]) == 0
    assert json.loads(out.read_text()) == json.loads(capsys.readouterr().out)

    def broken(*_: object) -> None:
        raise RuntimeError("not today")

    monkeypatch.setattr(Assistant, "answer", broken)
    assert main(["squad", str(lines), "--json", str(out)]) == 2
    assert "1: RuntimeError: not today" in capsys.readouterr().err
    scores = json.loads(out.read_text())
    assert (scores["failed"], scores["f1"], scores["f1_with_refusal"]) == (3, 0, 0)

"""Test how gold files are read: every promised form, and each bad line named by its number."""

import json
import lzma
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.datasets.gold import read_gold
from eval.datasets.lines import LineError
from eval.datasets.locations import occurrences
from eval.schema import EvalError, GoldQuestion, Location
from qa import Span, load_folder, make_document

ARLEN = (
    "# Arlen\n\nThe mayor of Arlen is Mira Holt. She took office in 2030.\n\nBudget: 30 coins.\n"
)
BREVIK = "The mayor of Brevik is Tomas\nLind. Brevik has no river.\n"
DOCUMENTS = [make_document(ARLEN, "towns/arlen.md"), make_document(BREVIK, "towns/brevik.md")]
GOOD = {"id": "a", "question": "Who?", "answers": ["Mira Holt"], "document": "towns/arlen.md"}


def write(path: Path, *rows: object) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read_one(path: Path, **changes: object) -> GoldQuestion:
    return read_gold(write(path / "gold.jsonl", {**GOOD, **changes}), DOCUMENTS).questions[0]


def words(location: Location) -> str:
    return location.span.of({d.source: d.text for d in DOCUMENTS}[location.document])


def test_the_second_gold_set_fits_its_documents() -> None:
    folder = Path(__file__).parent.parent / "eval" / "other"
    gold = read_gold(folder / "gold.jsonl", load_folder(folder / "docs").documents)
    assert len(gold.questions) == 180
    assert sum(not question.answers for question in gold.questions) == 60


def test_a_plain_line(tmp_path: Path) -> None:
    question = read_one(tmp_path)
    assert question.answerable
    assert [words(location) for location in question.locations] == ["Mira Holt"]
    assert [words(location) for location in question.evidence] == [
        "The mayor of Arlen is Mira Holt."
    ]
    assert (question.kind, question.difficulty, question.wording) == ("", "", "")


def test_all_optional_fields(tmp_path: Path) -> None:
    line = ARLEN.index("Budget")
    around = {"start": line, "end": line + 17}
    answer = {"text": "30", "start": line + 8, "evidence": around}
    question = read_one(
        tmp_path, answers=[answer], kind="amount", difficulty="easy", wording="close", note="x"
    )
    assert [words(location) for location in question.evidence] == ["Budget: 30 coins."]
    assert question.locations == (Location("towns/arlen.md", Span(line + 8, line + 10)),)
    assert (question.kind, question.difficulty, question.wording) == ("amount", "easy", "close")


def test_a_fact_in_several_documents(tmp_path: Path) -> None:
    answers = ["Mira Holt", {"text": "Tomas Lind", "document": "towns/brevik.md"}]
    question = read_one(tmp_path, answers=answers)
    assert [location.document for location in question.locations] == [
        "towns/arlen.md",
        "towns/brevik.md",
    ]
    assert words(question.locations[1]) == "Tomas\nLind"


def test_unanswerable(tmp_path: Path) -> None:
    question = read_one(tmp_path, answers=[], document=None)
    assert not question.answerable
    assert question.evidence == ()


def test_evidence_says_which_place_counts(tmp_path: Path) -> None:
    """Arlen stands in the heading and in the first sentence; "coins" outside the evidence."""
    evidence = "The mayor of Arlen is Mira Holt."
    question = read_one(tmp_path, answers=["Arlen", "coins"], evidence=evidence)
    assert [words(location) for location in question.evidence] == [evidence]
    start = ARLEN.index("Arlen is")
    assert question.answers[0].locations == (Location("towns/arlen.md", Span(start, start + 5)),)
    assert len(question.answers[1].locations) == 1
    assert len(read_one(tmp_path, answers=["Arlen"]).locations) == 2


def test_paths_of_other_systems(tmp_path: Path) -> None:
    question = read_one(tmp_path, document=".\\towns\\arlen.md")
    assert question.locations[0].document == "towns/arlen.md"


def test_bom_crlf_blank_lines_numbers_and_xz(tmp_path: Path) -> None:
    rows = [json.dumps({**GOOD, "id": number}) for number in (1, 2)]
    content = ("\ufeff" + rows[0] + "\r\n\r\n  \n" + rows[1]).encode()
    (tmp_path / "gold.jsonl").write_bytes(content)
    (tmp_path / "gold.jsonl.xz").write_bytes(lzma.compress(content))
    for name in ("gold.jsonl", "gold.jsonl.xz"):
        read = read_gold(tmp_path / name, DOCUMENTS)
        assert [question.id for question in read.questions] == ["1", "2"]


def test_some_absent_answers_warn(tmp_path: Path) -> None:
    read = read_gold(write(tmp_path / "g", {**GOOD, "answers": ["Mira", "M. Holt"]}), DOCUMENTS)
    assert read.warnings == ("g, line 1: stands nowhere in its document: 'M. Holt'",)
    assert read.questions[0].texts == ("Mira", "M. Holt")


BAD = [
    ("{", "no valid JSON"),
    ("[]", "a JSON object is needed, not list"),
    ({**GOOD, "id": None}, '"id" must be a text or a number'),
    ({**GOOD, "id": "first"}, "the id 'first' stands on line 1 already"),
    ({**GOOD, "question": " "}, "\"question\" must be a text that is not empty; it is ' '"),
    ({"id": "x", "questions": "?"}, "the line has id, questions"),
    ({**GOOD, "answers": "Mira Holt"}, '"answers" must be a list'),
    ({**GOOD, "answers": [7]}, 'must hold texts or objects with "text", not 7'),
    ({**GOOD, "answers": [""]}, '"text" must be a text that is not empty'),
    ({**GOOD, "document": None}, "the answer 'Mira Holt' needs a \"document\""),
    ({**GOOD, "document": "arlen.txt"}, "hold no 'arlen.txt'; nearest: towns/arlen.md"),
    ({**GOOD, "document": "brevik.md"}, "nearest: towns/brevik.md"),
    ({**GOOD, "answers": ["Nobody"]}, "no answer stands in towns/arlen.md: 'Nobody'"),
    ({**GOOD, "answers": [{"text": "Mira", "start": 3}]}, "'Mira' does not start at 3"),
    ({**GOOD, "answers": [{"text": "Mira", "start": "3"}]}, '"start" must be a whole number'),
    ({**GOOD, "kind": ["x"]}, '"kind" must be a text'),
    ({**GOOD, "evidence": {"start": 5, "end": 9999}}, "[5, 9999) is no range"),
]


@pytest.mark.parametrize(("row", "message"), BAD)
def test_a_bad_line_is_named(tmp_path: Path, row: object, message: str) -> None:
    path = write(tmp_path / "gold.jsonl", {**GOOD, "id": "first"}, "", row)
    with pytest.raises(LineError) as caught:
        read_gold(path, DOCUMENTS)
    assert [problem.line for problem in caught.value.problems] == [3]
    assert f"line 3: {caught.value.problems[0].message}" in str(caught.value)
    assert message in str(caught.value)


def test_all_bad_lines_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", "{", GOOD, "{}", *["nonsense"] * 40)
    with pytest.raises(LineError) as caught:
        read_gold(path, DOCUMENTS)
    assert len(caught.value.problems) == 42
    assert "and 22 more" in str(caught.value)


def test_a_file_that_is_no_text_or_empty_or_absent(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'{"id": 1}\n"caf\xe9"')
    with pytest.raises(LineError, match="line 2: not UTF-8"):
        read_gold(tmp_path / "latin", DOCUMENTS)
    (tmp_path / "blank").write_text("\n\n")
    with pytest.raises(EvalError, match="holds no questions"):
        read_gold(tmp_path / "blank", DOCUMENTS)
    with pytest.raises(EvalError, match="cannot be read"):
        read_gold(tmp_path / "absent", DOCUMENTS)
    (tmp_path / "bad.xz").write_bytes(b"no xz")
    with pytest.raises(EvalError, match=r"no valid \.xz"):
        read_gold(tmp_path / "bad.xz", DOCUMENTS)


@given(
    before=st.text(alphabet="ab 北,.\n", max_size=8),
    needle=st.text(alphabet="ab北,", min_size=1, max_size=4),
    after=st.text(alphabet="ab 北,.\n", max_size=8),
)
def test_occurrences_slice_back(before: str, needle: str, after: str) -> None:
    text = before + needle + after
    found = occurrences(needle, text)
    assert found
    assert all(span.of(text) == needle for span in found)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 90)
    | st.sampled_from(["", "Mira", "towns/arlen.md"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["text", "start", "end", "document", "evidence"]), inner)
    ),
    max_leaves=6,
)


@given(changes=st.dictionaries(st.sampled_from([*GOOD, "evidence", "kind"]), values, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_is_read_or_refused_by_line(tmp_path: Path, changes: dict[str, object]) -> None:
    path = write(tmp_path / "any.jsonl", {**GOOD, **changes})
    read: tuple[GoldQuestion, ...] = ()
    refused: list[int] = []
    try:
        read = read_gold(path, DOCUMENTS).questions
    except LineError as error:
        refused = [problem.line for problem in error.problems]
    assert refused == ([] if read else [1])
    for question in read:
        assert all(words(location) for location in (*question.locations, *question.evidence))
        assert question.answerable == bool(question.locations)

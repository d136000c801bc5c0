"""Test ``qa ask``: the JSON promise, answers in words, many questions, which stream says what."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from qa.commands.columns import columns
from qa.commands.main import main
from qa.text.tokens import sentences

ASKED = "What is the trade target for 2030?"
UNKNOWN = "Who painted the Mona Lisa?"
TEXT = (
    "\ufeff# The plan\r\n\r\nThe trade target for 2030 is $70 billion. 贸易额目标是700亿美元。\r\n"
    "\r\n"
    "| Threat | Answered by |\r\n|---|---|\r\n| Fire | The fire brigade |\r\n\r\n"
    "The port of Aktau handled 12 ships in 2021. The bank lent $5 million in 2019.\r\n"
)
PLACE = {
    "document": str, "title": str, "publisher": (str, type(None)), "date": (str, type(None)),
    "start": int, "end": int, "place": str, "quote": str, "context": str,
    "display": str, "display_context": str, "sha256": str,
}  # fmt: skip
PROMISE = {
    "question": str, "read_as": (str, type(None)), "answer": (str, type(None)), "confidence": float,
    "reason": (str, type(None)), "citations": list, "alternatives": list, "nearest": list,
    "error": (str, type(None)),
}  # fmt: skip


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "plan.md").write_bytes(TEXT.encode())
    return folder


@pytest.fixture
def qa(tiny: str, docs: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs ``qa ask`` on the folder and gives code, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["ask", "--encoder", tiny, "--docs", str(docs), *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def check_promise(row: dict[str, Any], folder: Path) -> None:
    """Assert keys, types, and that every place slices out of its file."""
    assert list(row) == list(PROMISE)
    for key, kind in PROMISE.items():
        assert isinstance(row[key], kind), key
    assert 0 <= row["confidence"] <= 1
    for name in ("citations", "nearest", "alternatives"):
        extra = {"confidence": float} if name == "alternatives" else {}
        for place in row[name]:
            assert list(place) == [*PLACE, *extra]
            for key, kind in {**PLACE, **extra}.items():
                assert isinstance(place[key], kind), key
            text = (folder / place["document"]).read_bytes().decode("utf-8-sig")
            assert text[place["start"] : place["end"]] == place["quote"]
            assert place["context"] in text
            assert place["quote"] in place["context"]
    assert all(place["quote"] == row["answer"] for place in row["citations"])
    assert (row["answer"] is None) == (row["citations"] == [])
    assert (row["reason"] is None) == (row["answer"] is not None or row["error"] is not None)


def test_an_answer_in_json(qa: Any, docs: Path) -> None:
    code, out, err = qa("--json", ASKED)
    row = json.loads(out)
    check_promise(row, docs)
    assert (code, err, row["answer"], row["question"]) == (0, "", "$70 billion", ASKED)
    place = row["citations"][0]
    assert place["document"] == "sub/plan.md"
    assert place["title"] == "The plan"
    assert place["context"] == "The trade target for 2030 is $70 billion."


def test_a_refusal_in_json(qa: Any, docs: Path) -> None:
    code, out, err = qa("--json", UNKNOWN)
    row = json.loads(out)
    check_promise(row, docs)
    assert (code, err, row["answer"]) == (1, "", None)
    assert row["nearest"]


def test_a_table_row_is_its_context(qa: Any, docs: Path) -> None:
    row = json.loads(qa("--json", "Who is the fire answered by?")[1])
    check_promise(row, docs)
    places = [*row["citations"], *row["alternatives"]]
    assert "| Fire | The fire brigade |" in [place["context"] for place in places]


def test_an_error_in_json(qa: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = qa("--json", " ")
    row = json.loads(out)
    check_promise(row, tmp_path)
    assert code == 2
    assert "empty" in row["error"]
    assert err.startswith("qa: the question is empty")


def test_json_may_explain(qa: Any) -> None:
    row = json.loads(qa("--json", "--explain", "--top-k", "2", ASKED)[1])
    assert list(row) == [*PROMISE, "explain"]
    assert [hit["rank"] for hit in row["explain"]["hits"]] == [1, 2]
    assert {"bm25", "dense", "score", "kind"} <= row["explain"]["hits"][0].keys()
    assert row["explain"]["candidates"][0]["signals"]


def test_many_questions(qa: Any, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blank lines are skipped, a line that fails keeps its place, all processed gives 0."""
    lines = f"\ufeff{ASKED}\r\n\r\n  \n{'x' * 5000}\n{UNKNOWN}\n".encode() + b"caf\xe9?\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    code, out, err = qa("--json", "-")
    rows = [json.loads(line) for line in out.splitlines()]
    for row in rows:
        check_promise(row, docs)
    assert [row["question"] for row in rows] == [ASKED, "x" * 5000, UNKNOWN, "caf\ufffd?"]
    assert [row["error"] is None for row in rows] == [True, False, True, True]
    assert "shorten it" in rows[1]["error"]
    assert (code, err) == (0, "")


def test_many_questions_need_json(qa: Any) -> None:
    code, out, err = qa("-")
    assert (code, out) == (2, "")
    assert "--json" in err


def test_a_file_of_questions(qa: Any, docs: Path, tmp_path: Path) -> None:
    """In their order; blank lines are passed over, and an error names its line."""
    file = tmp_path / "questions.txt"
    file.write_bytes(f"\ufeff{ASKED}\r\n\n{UNKNOWN}\n".encode())
    code, out, err = qa("--json", "--questions", str(file))
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [row["question"] for row in rows] == [ASKED, UNKNOWN]
    for row in rows:
        check_promise(row, docs)
        assert row == json.loads(qa("--json", row["question"])[1])
    code, out, _ = qa("--questions", str(file))
    assert code == 0
    assert out.index(f"> {ASKED}") < out.index("$70 billion") < out.index(f"> {UNKNOWN}")
    file.write_text(f"\n{ASKED}\n{'x' * 4001}\n{UNKNOWN}\n")
    code, out, err = qa("--json", "--questions", str(file))
    errors = [json.loads(line)["error"] for line in out.splitlines()]
    assert (code, errors[0], errors[2]) == (2, None, None)
    assert errors[1].startswith("line 3: the question has 4001 characters")
    assert err.startswith(f"qa: {file}, line 3: the question has 4001 characters")


def test_a_file_of_questions_without_answers(
    qa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stdin:
        buffer = io.BytesIO(UNKNOWN.encode())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert qa("--questions", "-")[0] == 1
    code, _, err = qa("--questions", str(tmp_path / "none.txt"))
    assert (code, "none.txt: cannot be read" in err) == (2, True)
    (tmp_path / "blank.txt").write_text("\n \n")
    code, _, err = qa("--questions", str(tmp_path / "blank.txt"))
    assert (code, "holds no question; write one a line" in err) == (2, True)


def test_an_answer_in_words(qa: Any) -> None:
    code, out, err = qa(ASKED)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == "$70 billion"
    assert re.fullmatch(r"confidence \d\.\d\d \([a-z ]+\)", lines[1])
    assert "  The trade target for 2030 is **$70 billion**." in lines
    start = TEXT[1:].index("$70 billion")
    place = f"    sub/plan.md, line 3, characters {start} to {start + 11}"
    assert place in lines, out
    assert "\x1b" not in out


def test_a_refusal_in_words(qa: Any) -> None:
    code, out, _ = qa(UNKNOWN)
    assert code == 1
    assert out.startswith("No answer in these documents.\nReason: ")
    assert "Nearest passages:" in out


@pytest.mark.parametrize("question", [ASKED, UNKNOWN, "贸易额目标是多少？"])
def test_eighty_columns_are_enough(qa: Any, docs: Path, question: str) -> None:
    """Chinese without a blank, words of 200 letters and deep paths are wrapped or cut."""
    deep = docs / ("folder-" + "x" * 60) / ("name-" + "y" * 60)
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text(
        "贸易额目标是700亿美元" * 30 + "。\n\nThe target 2030 " + "z" * 200, "utf-8"
    )
    (docs / "manifest.json").write_text(
        json.dumps({"documents": [{"file": "sub/plan.md", "title": "计划" * 40}]})
    )
    _, out, _ = qa("--explain", question)
    assert max(columns(line) for line in out.splitlines()) <= 80


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_color_is_for_terminals(
    qa: Any, tiny: str, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    main(["ask", "--encoder", tiny, "--docs", str(docs), ASKED])
    assert "\x1b[1;32m$70 billion\x1b[0m" in terminal.getvalue()
    assert "**" not in terminal.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    terminal.truncate(0)
    main(["ask", "--encoder", tiny, "--docs", str(docs), ASKED])
    assert "\x1b" not in terminal.getvalue()


def test_no_document_moves_the_cursor(qa: Any, docs: Path) -> None:
    """Escapes, bells, carriage returns and letters that turn the line stay in the file."""
    (docs / "evil\x1b[2J.txt").write_bytes(b"")
    (docs / "evil.txt").write_bytes(
        "The zebra \x1b]0;owned\x07 target\r \u202eis\u2066 \x9b2J 9 apples\x08.".encode()
    )
    code, out, err = qa("--explain", "What is the zebra target?")
    assert code in (0, 1)
    assert "zebra" in out
    assert "evil" in err
    for letter in out + err:
        assert letter.isprintable() or letter == "\n", repr(letter)


def test_a_doubtful_file_is_said_and_the_others_answer(qa: Any, docs: Path) -> None:
    (docs / "old.txt").write_bytes("Größe".encode("cp1252"))
    for option in ("--json", "--quiet"):
        code, out, err = qa(option, ASKED)
        assert code == 0
        assert "$70 billion" in out
        assert err.startswith("qa: left out or doubtful: old.txt: is not UTF-8")


def test_an_unexpected_error_gives_2(qa: Any, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_: object) -> None:
        raise ZeroDivisionError("by surprise")

    monkeypatch.setattr("qa.assistant.Assistant.ask", burst)
    code, out, err = qa("--json", ASKED)
    assert (code, json.loads(out)["error"]) == (2, "by surprise")
    assert err == "qa: unexpected ZeroDivisionError: by surprise; please report it\n"


def test_an_index_is_saved_and_asked(
    qa: Any, tiny: str, docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(tmp_path / "index")
    assert main(["index", str(docs), "--out", index, "--encoder", tiny]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.match(r"qa: 1 document, \d+ passages: qa ask --index ", captured.err)
    assert main(["ask", "--index", index, "--encoder", tiny, "--json", ASKED]) == 0
    row = json.loads(capsys.readouterr().out)
    check_promise(row, docs)
    assert row == json.loads(qa("--json", ASKED)[1])
    assert main(["index", str(docs), "--out", index, "--encoder", tiny, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_the_context_is_a_sentence_of_the_document(qa: Any) -> None:
    text = TEXT[1:]
    context = json.loads(qa("--json", ASKED)[1])["citations"][0]["context"]
    assert context in [span.of(text) for span in sentences(text)]

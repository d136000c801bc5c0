"""Test the checker of our gold questions, and with it the committed sets and their datasheet."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from eval.datasets.gold_check import (
    ANSWERABLE,
    DIFFICULTY,
    LOW_OVERLAP,
    UNANSWERABLE,
    WORDING,
    check_disjoint,
    check_gold,
    content_words,
    load,
    measured_overlap,
    overlap,
    read_documents,
    sentences,
)

ROOT = Path(__file__).resolve().parents[1]
GOLD, SEEDS = ROOT / "eval" / "gold", ROOT / "seeds"
SPLITS = {name: list(load(GOLD / f"{name}.jsonl")[0].values()) for name in ("dev", "test")}
ROWS = [row for rows in SPLITS.values() for row in rows]

TEXT = (
    "The bridge opened in 1907. It spans the Ume.\r\n"
    "- Tolls: two marks a cart\r\n"
    "| Span | 90 m |\r\n"
)
ANSWER = {"text": "1907", "document": "a.txt", "start": 21, "evidence": {"start": 0, "end": 26}}
ASKED = {
    "id": "x-1",
    "question": "When did the bridge open?",
    "answers": [ANSWER],
    "document": "a.txt",
    "kind": "date",
    "difficulty": "easy",
    "wording": "close",
}
UNASKED = {
    "id": "x-2",
    "question": "Who paid for the bridge?",
    "answers": [],
    "document": None,
    "about": "a.txt",
    "kind": "missing_fact",
    "difficulty": "easy",
    "wording": "close",
    "absent": ["paid", {"all_in_one_sentence": ["bridge", "mark"]}],
}


def write(path, *rows):
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    return tmp_path


def test_the_committed_sets_hold():
    assert check_gold(GOLD / "dev.jsonl", SEEDS) == []
    assert check_gold(GOLD / "test.jsonl", SEEDS) == []
    assert check_disjoint(GOLD / "dev.jsonl", GOLD / "test.jsonl") == []
    assert {path.name for path in GOLD.glob("*.jsonl")} == {"dev.jsonl", "test.jsonl"}


def test_the_sets_are_as_large_and_varied_as_asked():
    answered = [row for row in ROWS if row["answers"]]
    low = [row for row in answered if row["wording"] == "low_overlap"]
    assert len(ROWS) >= 260
    assert len(ROWS) - len(answered) >= 86
    assert len(low) >= len(answered) / 3
    documents = set(read_documents(SEEDS))
    for rows in SPLITS.values():
        assert {row["kind"] for row in rows} == ANSWERABLE | UNANSWERABLE
        assert {row["difficulty"] for row in rows} == DIFFICULTY
        assert {row["wording"] for row in rows} == WORDING
        assert {row["document"] for row in rows} == documents | {None}


def test_the_splits_are_stratified():
    for field in ("document", "kind", "difficulty", "wording"):
        dev, test = (Counter((bool(r["answers"]), r[field]) for r in s) for s in SPLITS.values())
        assert all(abs(dev[key] - test[key]) <= 3 for key in dev | test), field


def test_every_table_row_and_list_item_is_asked_about():
    documents = read_documents(SEEDS)
    cited = {(a["document"], a["evidence"]["start"]) for row in ROWS for a in row["answers"]}
    for name, text in documents.items():
        for start, end in sentences(text):
            header = text[start:].split("\n")[1:2] == ["|---|---|"] or text[end:].startswith(
                "\n|--"
            )
            if re.match(r"- |\|", text[start:end]) and "---" not in text[start:end] and not header:
                assert (name, start) in cited, text[start:end]


def test_a_sound_set_passes_whatever_the_line_ends(folder):
    assert check_gold(write(folder / "g.jsonl", ASKED, UNASKED), folder / "docs") == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("[1]", "not a JSON object"),
        ("{", "not a JSON object"),
        ({**ASKED, "topic": "x"}, "unknown field"),
        ({"question": "Q?", **ASKED}, "out of order"),
        ({k: v for k, v in ASKED.items() if k != "wording"}, "no field wording"),
        ({**ASKED, "question": " "}, "empty question"),
        ({**ASKED, "kind": "off_topic"}, "kind 'off_topic'"),
        ({**UNASKED, "kind": "date"}, "kind 'date'"),
        ({**ASKED, "difficulty": "mean"}, "difficulty 'mean'"),
        ({**ASKED, "wording": "loud"}, "wording 'loud'"),
        ({**ASKED, "wording": "low_overlap"}, "the overlap is 1.00"),
        ({**ASKED, "document": None}, "gives none of the answers"),
        ({**ASKED, "answers": [ANSWER, ANSWER]}, "listed twice"),
        ({**ASKED, "answers": [ANSWER, {**ANSWER, "document": "b.txt"}]}, "no document 'b.txt'"),
        ({**ASKED, "answers": [{**ANSWER, "start": 22}]}, "not verbatim at 22"),
        ({**ASKED, "answers": [{**ANSWER, "text": ""}]}, "not verbatim"),
        (
            {**ASKED, "answers": [{**ANSWER, "evidence": {"start": 0, "end": 25}}]},
            "not one sentence",
        ),
        (
            {**ASKED, "answers": [{**ANSWER, "evidence": {"start": 27, "end": 44}}]},
            "not contain it",
        ),
        ({**ASKED, "answers": ["1907"]}, "malformed"),
        ({**UNASKED, "document": "a.txt"}, "document null"),
        ({**UNASKED, "about": "b.txt"}, "document null"),
        ({**UNASKED, "absent": []}, "no search"),
        ({**UNASKED, "absent": ["CART"]}, "'CART' is found in a.txt at 46"),
        ({**UNASKED, "absent": [{"all_in_one_sentence": ["marks?", "tolls"]}]}, "is found"),
        ({**UNASKED, "absent": ["("]}, "malformed"),
        ({**ASKED, "id": "a-1"}, "out of order"),
        ({**ASKED, "id": "w-1"}, "repeated"),
    ],
)
def test_each_kind_of_fault_is_named_with_its_line(folder, row, says):
    gold = write(folder / "g.jsonl", {**ASKED, "id": "w-1"}, row)
    problems = check_gold(gold, folder / "docs")
    assert len(problems) == 1
    assert problems[0].startswith("g.jsonl:2: ")
    assert says in problems[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "x-1", "answers": []}, "same id as x-1"),
        ({"question": "when DID the bridges open", "answers": []}, "same question as x-1"),
        ({"answers": [{**ANSWER, "text": "The bridge", "start": 0}]}, "same evidence as x-1"),
    ],
)
def test_splits_that_share_something_are_told(tmp_path, change, says):
    dev = write(tmp_path / "dev.jsonl", ASKED)
    test = write(tmp_path / "test.jsonl", {**ASKED, "id": "y", "question": "Age?", **change})
    assert check_disjoint(dev, test) == [f"test.jsonl:1: {says}"]


def test_sentences_items_and_rows():
    pieces = [TEXT[start:end] for start, end in sentences(TEXT)]
    assert pieces == [
        "The bridge opened in 1907.",
        "It spans the Ume.",
        "- Tolls: two marks a cart",
        "| Span | 90 m |",
    ]
    assert [a for a in sentences("He said “No.” Then 1.5 more")] == [(0, 13), (14, 27)]


def test_overlap_counts_stems_of_content_words():
    assert content_words("When did the bridge’s tolls open?") == {"bridg", "toll", "open"}
    assert overlap("Which bridges opened?", ["A bridge.", "It opens the bridge."]) == 1.0
    assert overlap("Which bridges opened?", ["A ferry."]) == 0.0
    assert overlap("When?", ["A ferry."]) == 0.0


def datasheet_tables():
    """Return the counts of the datasheet: (table, row) to its numbers."""
    counts, table = {}, ""
    for line in (GOLD / "DATASHEET.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and "dev" in cells:
            table = cells[0]
        elif line.startswith("|") and all(cell.isdigit() for cell in cells[1:]):
            counts[table, cells[0].strip("`")] = [int(cell) for cell in cells[1:]]
        elif not line.startswith("|"):
            table = ""
    return counts


def test_the_datasheet_counts_what_is_there():
    def state(row):
        return "answerable" if row["answers"] else "unanswerable"

    expected = {}
    views = {
        "questions": state,
        "kind": lambda row: row["kind"],
        "difficulty": lambda row: f"{row['difficulty']}, {state(row)}",
        "wording": lambda row: f"{row['wording']}, {state(row)}",
        "document": lambda row: row["document"] or row.get("about", "none"),
    }
    for table, view in views.items():
        dev, test = (Counter(map(view, rows)) for rows in SPLITS.values())
        for key in dev | test:
            expected[table, key] = [dev[key], test[key], dev[key] + test[key]]
    sizes = [len(rows) for rows in SPLITS.values()]
    expected["questions", "all"] = [*sizes, sum(sizes)]
    assert datasheet_tables() == expected


def test_the_datasheet_tells_the_measured_overlap():
    documents = read_documents(SEEDS)
    answered = [row for row in ROWS if row["answers"]]
    low = sum(measured_overlap(row, documents) <= LOW_OVERLAP for row in answered)
    text = " ".join((GOLD / "DATASHEET.md").read_text("utf-8").split())
    assert (
        f"{low} of the {len(answered)} answerable questions measure at most {LOW_OVERLAP}" in text
    )

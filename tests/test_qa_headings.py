"""Test which lines are headings, and of what: questions, rulers, numbers, capitals, short lines."""

import pytest

from qa.documents.loading import make_document
from qa.text.passages import split_passages


def split(text: str) -> list[tuple[str, str]]:
    """Return kind and text of each passage."""
    return [(one.kind.value, one.text) for one in split_passages(make_document(text, "a.md"))]


def contexts(text: str) -> dict[str, str]:
    """Return the context of each passage by its text."""
    return {one.text: one.context for one in split_passages(make_document(text, "a.md"))}


@pytest.mark.parametrize("mark", ["Q: ", "", "Q1. "])
def test_questions_head_their_answers(mark: str) -> None:
    text = (
        f"{mark}How long is the warranty?\nTwo years.\n\n"
        f"{mark}Where is the office?\nIn Lisbon.\nNear the port.\n"
    )
    assert contexts(text)["Near the port."] == f"{mark}Where is the office?"
    assert contexts(text)["Two years."] == f"{mark}How long is the warranty?"


def test_one_question_in_prose_is_no_heading() -> None:
    assert split("It rose.\n\nWill it last?\n\nNobody knows.")[1] == ("paragraph", "Will it last?")


def test_timetable_and_loud_headings() -> None:
    text = "Monday\n09:00 Registration\n10:00 Opening\n\nEDUCATION\n\nZurich, 2015\n"
    assert contexts(text) == {
        "09:00 Registration": "Monday",
        "10:00 Opening": "Monday",
        "Zurich, 2015": "EDUCATION",
    }


def test_a_ruler_below_a_sentence_makes_no_heading() -> None:
    assert split("---\n\nIt rose.\n---\nTitle\n=====\nIt fell.\n") == [
        ("paragraph", "It rose."),
        ("paragraph", "It fell."),
    ]
    assert contexts("1. Scope\n--------\nAll.\n\n2. Aim\n------\nNone.\n")["None."] == "2. Aim"


def test_a_heading_above_nothing_answers_for_itself() -> None:
    text = "# Closed on Mondays\n\n# Prices\n\nA ticket is 3 euros.\n\n## Groups\n\n# See also\n"
    assert split(text) == [
        ("heading", "Closed on Mondays"),
        ("paragraph", "A ticket is 3 euros."),
        ("heading", "Groups"),
        ("heading", "See also"),
    ]


def test_wiki_headings() -> None:
    text = "Ada was a mathematician.\n== Life ==\nShe was born.\n=== School ===\nShe learnt.\n"
    assert contexts(text)["She learnt."] == "Life › School"


def test_a_letter_with_a_signature() -> None:
    """Short lines at the end are prose; the two dashes above them are no block."""
    text = "Hi Bo,\n\nwe move on 1 June.\n\nBest\nAnn\n\n--\nAnn Lee\nHead of Facilities\n"
    assert [kind for kind, _ in split(text)] == ["paragraph"] * 6


def test_labelled_lines_are_no_headings() -> None:
    text = "# Pancakes\n\n**Serves:** 4\n**Time:** 30 minutes\n\nMix it all.\n"
    assert [kind for kind, _ in split(text)] == ["paragraph"] * 3


def test_numbered_list_whose_items_look_like_headings() -> None:
    text = "Fruit:\n1. Apples\n2. Pears\n3. Plums\nThey grow well here."
    assert split(text)[0] == ("list", "Fruit:\n1. Apples\n2. Pears\n3. Plums")


def test_steps_below_a_numbered_heading() -> None:
    text = "2. Roles\nThe head approves.\n\n3. Steps\n1. Fill in form T.\n2. Send it.\n"
    assert contexts(text)["1. Fill in form T.\n2. Send it."] == "3. Steps"

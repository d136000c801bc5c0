"""Made-up tables: every answer is a cell, as the reader is shown the row and in Markdown."""

from collections import Counter
from itertools import islice, pairwise

import pytest

from embeddings.training.data import Example
from qa.training.questions.tables import made_up, markdown, table_questions

PROSE = [
    "In May the Bank of Leith and Ann Lee, of Rome, met there. Many large machines stood idle in "
    "the old hall, and John Ford of Kent told them of it.",
]


@pytest.fixture(scope="module")
def made() -> list[Example]:
    return list(table_questions(PROSE, 600, 1))


def test_every_answer_is_a_cell_of_its_row(made: list[Example]) -> None:
    for one in made:
        for text, start in one.answers:
            assert one.context[start:].startswith(f"{text}.")
            assert start == 0 or one.context[start - 2 : start] in (": ", ". ")


def test_the_questions_on_a_table_in_markdown_are_answered_by_a_cell_of_its_lines() -> None:
    for text, questions in map(markdown, islice(made_up(PROSE, 1), 50)):
        assert [one.context for one in questions] == text.split("\n")[2:]
        for one in questions:
            for answer, start in one.answers:
                assert one.context[start - 2 :].startswith(f"| {answer} |")


def test_the_same_seed_makes_the_same_tables_and_some_questions_have_no_answer(
    made: list[Example],
) -> None:
    assert list(table_questions(PROSE, 9, 1)) == made[:9]
    assert list(table_questions(PROSE, 9, 2)) != made[:9]
    assert len(made) == 600
    assert 0.1 < sum(not one.answers for one in made) / len(made) < 0.2


def test_rows_of_a_table_follow_each_other(made: list[Example]) -> None:
    """The paragraphs around one are its hard negatives: here, rows with the same columns."""
    heads = [tuple(part.split(": ")[0] for part in one.context.split(". ")[:3]) for one in made]
    same = Counter(a == b for a, b in pairwise(heads))
    assert same[True] > 2 * same[False]

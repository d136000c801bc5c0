"""Our own questions: every answer is a slice, and no paragraph is in both parts."""

import lzma
import random

import pytest

from embeddings.training.data import Example
from qa.training.questions.keywords import SHARE, as_keywords, with_keywords
from qa.training.questions.written import FILE, KEPT_BACK, NOTHING, neighbours, written_questions

PROSE = [f"Paragraph {n} says that the mill was built in {1800 + n}." for n in range(20)]


@pytest.fixture
def data(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "prose-a.txt").write_text("\n".join(PROSE) + "\n", encoding="utf-8")
    return tmp_path


def write(folder, rows):
    file = folder / "written.tsv.xz"
    with lzma.open(file, "wt", encoding="utf-8", newline="\n") as out:
        out.writelines("\t".join(map(str, row)) + "\n" for row in rows)
    return file


def test_each_question_comes_with_its_paragraph_and_the_place_of_its_answer(data):
    file = write(data, [("prose-a", 3, "How old is it?", "1803"), ("prose-a", 3, "Who?", "-")])
    answered, unanswered = written_questions(data, "taught", file)
    assert (answered.question, answered.context) == ("How old is it?", PROSE[3])
    assert answered.answers == (("1803", PROSE[3].index("1803")),)
    assert (unanswered.context, unanswered.answers) == (PROSE[3], ())


def test_the_two_parts_share_no_paragraph_and_together_are_all(data):
    file = write(data, [("prose-a", n, f"When, {n}?", str(1800 + n)) for n in range(20)])
    taught = {one.context for one in written_questions(data, "taught", file)}
    kept = {one.context for one in written_questions(data, "kept back", file)}
    assert not taught & kept
    assert taught | kept == set(PROSE)
    assert kept == set(PROSE[::KEPT_BACK])


def test_keywords_leave_what_tells_and_drop_the_sentence():
    for seed in range(20):
        said = as_keywords("In which year was the old mill of Arlen built?", random.Random(seed))
        words = said.lower().split()
        assert {"year", "old", "mill", "arlen", "built"} <= set(words)
        assert not {"which", "was", "the"} & set(words)
        assert "?" not in said
    assert as_keywords("Who was it?", random.Random(1)) == "Who was it?"


def test_every_sixth_question_comes_in_keywords_besides():
    asked = [Example(str(n), f"When was mill {n} built?", "c", (), "s") for n in range(13)]
    found = list(with_keywords(asked, 5))
    assert [one for one in found if one.question.endswith("?")] == asked
    others = [one for one in found if not one.question.endswith("?")]
    assert [one.id for one in others] == ["0", str(SHARE), str(2 * SHARE)]
    assert list(with_keywords(asked, 5)) == found


def test_a_paragraph_has_the_neighbours_that_its_file_holds(data):
    file = write(data, [("prose-a", n, "When?", "-") for n in (1, 9)])
    found = neighbours(data, written_questions(data, "taught", file), 2)
    assert found == {PROSE[1]: tuple(PROSE[:4]), PROSE[9]: tuple(PROSE[7:12])}


@pytest.mark.parametrize(
    ("row", "said"),
    [(("prose-a", 3, "When?", "1999"), "no slice"), (("prose-a", 99, "When?", "-"), "line 99")],
)
def test_a_question_that_does_not_fit_the_prose_is_an_error(data, row, said):
    with pytest.raises(ValueError, match=said):
        list(written_questions(data, "taught", write(data, [row])))


def test_prose_that_is_not_there_is_passed_over(data):
    file = write(data, [("prose-b", 3, "When?", "1803")])
    assert list(written_questions(data, "taught", file)) == []


def test_the_file_that_ships_is_sorted_and_whole():
    with lzma.open(FILE, "rt", encoding="utf-8", newline="\n") as lines:
        rows = [line.split("\t") for line in lines]
    assert all(len(row) == 4 for row in rows)
    places = [(name, int(number)) for name, number, _, _ in rows]
    assert places == sorted(places)
    assert len({(*place, row[2]) for place, row in zip(places, rows, strict=True)}) == len(rows)
    nothing = sum(row[3].strip() == NOTHING for row in rows) / len(rows)
    assert 0.1 < nothing < 0.3

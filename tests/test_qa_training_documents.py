"""Questions on real documents: each is found again, with its answer inside a window."""

import io
import lzma
import random
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.schema import Passage, Span
from qa.training.questions.documents import (
    FILE,
    MOST,
    document_questions,
    escape,
    is_kept_back,
    unescape,
    widened,
)

PATH = next(f"minutes/{n}.md" for n in range(99) if not is_kept_back(f"minutes/{n}.md"))
TEXT = """# Council

## Roads

The bridge is closed **until 4 May**.

- Ann Lee chairs
- Bo pays
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "train").mkdir()
    with tarfile.open(tmp_path / "train" / "documents.tar.xz", "w:xz") as archive:
        info = tarfile.TarInfo(PATH)
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT.encode()))
    return tmp_path


def asked(folder: Path, *rows: tuple[str, str, str, str]) -> Path:
    file = folder / "questions.tsv.xz"
    with lzma.open(file, "wt", encoding="utf-8", newline="\n") as out:
        out.writelines("\t".join((PATH, *row)) + "\n" for row in rows)
    return file


def test_an_answer_stands_in_its_window_under_its_headings(data: Path) -> None:
    row = (
        "c",
        "Until when is the bridge closed?",
        "until 4 May",
        "The bridge is closed until 4 May.",
    )
    (found,) = document_questions(data, "taught", 1, asked(data, row))
    assert found.span is not None
    assert found.text[slice(*found.span)] == "until 4 May"
    assert "Roads" in found.headings + found.text


def test_an_answer_over_two_lines_is_found(data: Path) -> None:
    row = ("s", "Who does what?", "Ann Lee chairs\\n- Bo pays", "- Ann Lee chairs\\n- Bo pays")
    (found,) = document_questions(data, "taught", 1, asked(data, row))
    assert found.span is not None
    assert found.text[slice(*found.span)] == "Ann Lee chairs\n- Bo pays"


def test_a_question_without_an_answer_has_its_window(data: Path) -> None:
    row = ("n", "Who closed the tunnel?", "-", "The bridge is closed")
    (found,) = document_questions(data, "taught", 1, asked(data, row))
    assert found.span is None
    assert "The bridge is closed" in found.text


def test_what_the_document_does_not_say_is_left_out(data: Path) -> None:
    row = ("c", "Who?", "Nobody", "Nobody was there.")
    assert not list(document_questions(data, "taught", 1, asked(data, row)))


def test_no_document_is_in_both_parts(data: Path) -> None:
    row = ("c", "Who chairs?", "Ann Lee", "- Ann Lee chairs")
    assert not list(document_questions(data, "kept back", 1, asked(data, row)))
    kept = [is_kept_back(f"kind/{n}.md") for n in range(2000)]
    assert 0.07 < sum(kept) / len(kept) < 0.13


@given(st.text())
def test_a_field_comes_back_as_it_was(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not set("\t\n\r") & set(escape(text))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.data())
def test_a_window_grows_around_its_passages_and_not_too_far(sizes, draw) -> None:
    passages = [
        Passage("d", Span(n, n + 1), " ".join(["word"] * size)) for n, size in enumerate(sizes)
    ]
    at = draw.draw(st.integers(0, len(sizes) - 1))
    first, last = widened(passages, at, at, random.Random(0))
    assert 0 <= first <= at <= last < len(sizes)
    assert sum(sizes[first : last + 1]) <= max(MOST, sizes[at])


def test_every_line_of_our_own_file_is_whole() -> None:
    with lzma.open(FILE, "rt", encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            path, kind, question, answer, around = line.rstrip("\n").split("\t")
            assert len(kind) == 1, number
            assert kind in "cowktyhsmn", number
            assert path, number
            assert question == question.strip() != "", number
            assert around, number
            assert (answer == "-") == (kind == "n"), number

"""Test that Markdown has the blocks that CommonMark gives it, and every block its place."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import make_document, split_passages
from qa.errors import DocumentError
from qa.formats import Limits, extract
from qa.formats.layout import Extracted


def read(text: str) -> Extracted:
    return extract(text.encode("utf-8", "surrogatepass"), "a.md", Limits())


def blocks(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, one.span.of(text)) for one in read(text).blocks or ()]


def contexts(text: str) -> dict[str, str]:
    document = make_document(text, "a.md", blocks=read(text).blocks or ())
    return {one.text: one.context for one in split_passages(document)}


def test_front_matter_is_no_text() -> None:
    text = '---\ntitle: "The mill"\ndate: 2024-05-01\nauthor: Ann Lee\n---\n\nIt grinds.\n'
    found = read(text)
    assert found.title == "The mill"
    assert dict(found.metadata) == {"date": "2024-05-01", "author": "Ann Lee"}
    assert contexts(text) == {"It grinds.": ""}
    assert blocks("---\n\nNo front matter.\n\n---\n\nx y\n")[0][1] == "No front matter."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\na\n```js\n# b\n```\n\nEnd.", "a\n```js\n# b"),
        ("````\n```\n# b\n```\n````\n\nEnd.", "```\n# b\n```"),
        ("~~~\n```\n# b\n~~~\n\nEnd.", "```\n# b"),
        ("    # b\n    c\n\nEnd.", "# b\n    c"),
    ],
)
def test_a_fence_ends_where_it_ends(text: str, code: str) -> None:
    assert blocks(text) == [("code", code), ("paragraph", "End.")]


def test_comments_and_hidden_elements_are_not_read() -> None:
    text = (
        "<!-- no\n\n# no\n-->\n\nThe fee <!-- was 5 --> is 7.\n\n<div hidden>no</div>\n\n"
        '<p style="display: none">no</p>\n\n<script>\nno\n</script>\n'
    )
    assert [words for _, words in blocks(text)] == ["The fee", "is 7."]


def test_words_between_tags_are_read() -> None:
    text = (
        "<details>\n<summary>Where?</summary>\n\nIn the **cellar**.\n\n</details>\n\n<h2>X y</h2>\n"
    )
    assert blocks(text) == [
        ("heading", "Where?"), ("paragraph", "In the **cellar**."), ("heading", "X y"),
    ]  # fmt: skip
    assert contexts(text)["In the **cellar**."] == "Where?"


def test_lists_keep_depth_and_numbers() -> None:
    text = "- tea\n  and milk\n\n  hot\n- wine\n  1. red\n  2. white\n- [x] done\n"
    assert [
        (one.span.of(text), one.level, one.mark) for one in read(text).blocks or ()
    ] == [
        ("tea\n  and milk\n\n  hot", 1, "-"), ("wine", 1, "-"), ("red", 2, "1."),
        ("white", 2, "2."), ("done", 1, "-"),
    ]  # fmt: skip
    assert contexts(text)["white"] == "wine\n2."


def test_tables_know_their_cells() -> None:
    text = (
        "| A | B \\| C |\n|---|---|\n| 1 | `x \\| y` |\n\n> | k | v |\n> |---|---|\n> | 5 | 6 |\n"
    )
    rows = [one for one in read(text).blocks or () if one.cells]
    assert [[cell and cell.of(text) for cell in one.cells] for one in rows] == [
        ["A", "B \\| C"], ["1", "`x \\| y`"], ["k", "v"], ["5", "6"],
    ]  # fmt: skip
    assert contexts(text)["| 1 | `x \\| y` |"] == "A | B ¦ C"


def test_notes_and_definitions() -> None:
    text = "Tea[^1] and [milk][m].\n\n[^1]: From *Assam*.\n\n[m]: http://example.org\n"
    assert blocks(text) == [
        ("paragraph", "Tea[^1] and [milk][m]."), ("footnote", "From *Assam*."),
        ("metadata", "[m]: http://example.org"),
    ]  # fmt: skip
    assert len(contexts(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "# Who may enter?\n\nMembers only.\n",
        "Who may enter?\n===\nMembers only.\n",
        "**Who may enter?**\nMembers only.\n",
        "__Who may enter?__\n\nMembers only.\n",
    ],
)
def test_what_stands_above_an_answer_is_read_with_it(text: str) -> None:
    assert contexts(text) == {"Members only.": "Who may enter?"}


def test_a_label_in_bold_heads_nothing() -> None:
    assert contexts("**Fee:** 5 euros\n\n**It is closed.**\n") == {
        "**Fee:** 5 euros": "", "**It is closed.**": "",
    }  # fmt: skip


PIECES = st.sampled_from(
    ["# ", "> ", "- ", "1. ", "```", "~~~", "    ", "\t", "\n", "\n\n", "\r\n", "\r", "|", "---",
     "a", "b c", "**", "<!--", "-->", "<p>", "</p>", "[^1]: ", "[x]: y", "---\n", "=", "\x0b", "é"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_blocks_are_slices_in_order(text: str) -> None:
    try:
        found = read(text)
    except DocumentError:
        return
    assert found.text == text.removeprefix("\ufeff")
    for one, two in pairwise(found.blocks or ()):
        assert one.span.end <= two.span.start
    document = make_document(found.text, "a.md", blocks=found.blocks or ())
    for passage in split_passages(document):
        assert passage.span.of(found.text) == passage.text


def test_tags_that_never_close_take_no_time() -> None:
    found = extract(b"x y\n\n" + b"<div " * 20_000, "a.md", Limits(seconds=5))
    assert found.text.startswith("x y")

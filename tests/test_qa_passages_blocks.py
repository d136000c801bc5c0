"""Test how blocks that a reader hands over become passages, and how quotes of them are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Assistant, load_folder, make_document, sentences, split_passages
from qa.answering import cite
from qa.reading.spelling import redated
from qa.schema import Block, BlockKind, PassageKind, Span
from qa.text.above import spoken
from qa.text.displayed import display
from qa.text.tokens import terms


def blocks_of(text: str, *kinds: BlockKind) -> list[Block]:
    """Return one block for each line."""
    found, start = [], 0
    for line, kind in zip(text.split("\n"), kinds, strict=True):
        found.append(Block(kind, Span(start, start + len(line)), int(kind is BlockKind.HEADING)))
        start += len(line) + 1
    return found


def test_given_blocks_are_cut_as_they_are() -> None:
    """Nothing here looks like what it is."""
    text = "it has a head.\n# not one\n- prose\nkey: value"
    kinds = (BlockKind.HEADING, BlockKind.CODE, BlockKind.PARAGRAPH, BlockKind.METADATA)
    document = make_document(text, "a.txt", blocks=blocks_of(text, *kinds))
    assert [(one.text, one.heading) for one in split_passages(document)] == [
        ("# not one", "it has a head."), ("- prose", "it has a head."),
    ]  # fmt: skip


def test_questions_among_given_paragraphs_head_their_answers() -> None:
    text = "May I smoke?\nNo.\nMay I sing?\nYes, softly."
    document = make_document(text, "a.html", blocks=blocks_of(text, *[BlockKind.PARAGRAPH] * 4))
    assert [(one.heading, one.text) for one in split_passages(document)] == [
        ("May I smoke?", "No."), ("May I sing?", "Yes, softly."),
    ]  # fmt: skip


@given(st.lists(st.sampled_from([*BlockKind]), min_size=1, max_size=8))
def test_passages_of_any_blocks_are_slices_and_nothing_is_lost(kinds: list[BlockKind]) -> None:
    text = "\n".join(f"Words of number {at} stand here" for at in range(len(kinds)))
    blocks = blocks_of(text, *kinds)
    passages = split_passages(make_document(text, "a.txt", title="T", blocks=blocks))
    held = "\n".join(f"{one.context}\n{one.text}" for one in passages)
    assert all(one.span.of(text) == one.text for one in passages)
    for block in blocks:
        silent = block.kind in (BlockKind.METADATA, BlockKind.TABLE_SECTION)
        assert silent or block.span.of(text) in held


def test_a_question_that_is_a_heading_is_answered_from_below_it(tmp_path) -> None:
    (tmp_path / "a.md").write_text(
        "# Kettle\n\n## How do I clean the kettle?\n\nBoil water with vinegar in it.\n\n"
        "## Where is it made?\n\nThe kettle is made in Graz.\n",
        "utf-8",
    )
    hits = Assistant.from_folder(tmp_path, cache=False).ask("How do I clean the kettle?").hits
    assert hits[0].passage.text == "Boil water with vinegar in it."
    assert all(hit.passage.kind is not PassageKind.HEADING for hit in hits)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fatal_accidents_85_99", "fatal accidents 85 99, 1985 to 1999"),
        ("incidents_00_14", "incidents 00 14, 2000 to 2014"),
        ("unitPrice", "unit Price"),
        ("ISO-9001", "ISO-9001"),
        ("2019-20", "2019-20"),
    ],
)
def test_names_of_columns_are_written_as_they_are_spoken(name: str, said: str) -> None:
    assert spoken(name) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Bold** and _thin_", "Bold and thin"),
        ("`a*b*c` and 2*3*4", "a*b*c and 2*3*4"),
        ("[the site](http://a.org/x_(y)) and <http://b.org>", "the site and http://b.org"),
        ("## Title ##", "Title"),
        ("> said\n> again", "said\nagain"),
        ("snake_case_name and file_a_b", "snake_case_name and file_a_b"),
        ("`--port`", "--port"),
        ("5 < 6 and <b>7</b><!-- no -->", "5 < 6 and 7"),
        ("a note[^1] \\*here\\*", "a note *here*"),
        ("- tea\n- [x] milk", "- tea\n- milk"),
        ("**half", "half"),
    ],
)
def test_marks_are_not_shown(text: str, shown: str) -> None:
    assert display(text) == shown


def test_a_row_is_shown_under_its_columns() -> None:
    assert display("| Graz | `5` | |", header="City | Sum | Note") == "City: Graz; Sum: 5"
    assert display(" | 5", header=" | Sum") == "Sum: 5"
    assert display("Owner | Ada", header="") == "Owner: Ada"
    assert display("a | b | c", header="") == "a; b; c"
    assert display("**a**", marked=False) == "**a**"


@given(st.text(st.sampled_from("*_`[]()<>!#|\\ \n\0ab1"), max_size=40))
def test_anything_can_be_shown(text: str) -> None:
    assert {*display(text)} <= {*text}
    display(text, header=text)


def test_a_citation_says_headings_and_line_and_is_clean() -> None:
    text = "# Kettle\n\n## Care\n\nUse **vinegar** daily.\r\n\r\nThen rinse it.\n"
    document = make_document(text, "a.md", title="Kettle")
    passages = split_passages(document)
    start = text.index("**")
    cited = cite(document, Span(start, start + 11), passages[0].span, passages[0])
    assert (cited.quote, cited.display) == ("**vinegar**", "vinegar")
    assert cited.display_context == "Use vinegar daily."
    assert cited.place == "Care, line 5"
    assert cite(document, passages[1].span, passages[1].span, passages[1]).place == "Care, line 7"
    assert cited.to_dict()["display"] == "vinegar"


@pytest.mark.parametrize(
    "whole",
    [
        "It costs Rs. 500 a year.", "C.S. Lewis wrote it.", "See pp. 12 to 14 for more.",
        "It was built c. 1850 by Bo.", "Am 3. Oktober 2024 ist frei.", "Das ist z.B. Tee.",
        "Version 2.5 is at www.example.org today.", "Nr. 5 lebt.",
    ],
)  # fmt: skip
def test_a_sentence_does_not_end_at_an_abbreviation(whole: str) -> None:
    text = f"First one. {whole} Last one."
    assert [span.of(text) for span in sentences(text)] == ["First one.", whole, "Last one."]


def test_vowel_signs_tear_no_word() -> None:
    assert len(terms("हिन्दी में नमस्ते")) == 3
    assert terms("cafe\u0301") == terms("caf\u00e9") == ["cafe"]


def test_dates_are_asked_for_in_the_form_that_is_known() -> None:
    assert redated("What came on 2021-02-09?", ("02",)) == "What came on 9 February 2021?"
    assert redated("What came on 2021-02-09?", ()) == "What came on 2021-02-09?"
    assert redated("What came on February 9th, 2021?", ("february",)) == "What came on 2021-02-09?"
    assert redated("What is 2021-13-40?", ("13",)) == "What is 2021-13-40?"


def test_a_manifest_names_files_whatever_form_their_accents_have(tmp_path) -> None:
    (tmp_path / "cafe\u0301.txt").write_text("Tea is served.", "utf-8")
    (tmp_path / "manifest.json").write_text(
        '{"documents": [{"file": "caf\u00e9.txt", "title": "Menu"}]}', "utf-8"
    )
    loaded = load_folder(tmp_path)
    assert (loaded.documents[0].title, loaded.problems) == ("Menu", ())


def test_codes_make_shorter_passages_than_words() -> None:
    """A reader takes 400 tokens; eight hexadecimal figures make five."""
    text = f"Checksums: {'40df7c9a 9a2105c3 ' * 60}and the keeper is Bo Lind."
    passages = split_passages(make_document(text, "a.txt"))
    assert all(len(one.text) < 500 for one in passages)
    assert passages[-1].text.endswith("the keeper is Bo Lind.")

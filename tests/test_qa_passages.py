"""Test how documents are split: the seeds, and documents that are nothing like them."""

from pathlib import Path

import pytest

import seeds
from qa.documents.loading import load_folder, make_document
from qa.schema import Document, Passage, PassageKind
from qa.text.passages import LONGEST_PASSAGE, split_passages

SEEDS = Path(seeds.__file__).parent


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {document.source[:3]: document for document in load_folder(SEEDS).documents}


def of_kind(passages: tuple[Passage, ...], kind: PassageKind) -> list[Passage]:
    return [passage for passage in passages if passage.kind is kind]


def split(text: str) -> list[tuple[str, str]]:
    """Return kind and text of each passage."""
    return [(one.kind.value, one.text) for one in split_passages(make_document(text, "a.md"))]


def contexts(text: str) -> dict[str, str]:
    """Return the context of each passage by its text."""
    return {one.text: one.context for one in split_passages(make_document(text, "a.md"))}


def test_each_row_of_the_seeds_is_a_passage_with_heading_caption_and_header(
    documents: dict[str, Document],
) -> None:
    """Document 002 has three tables of three rows; the second names who answers which threat."""
    rows = of_kind(split_passages(documents["002"]), PassageKind.TABLE_ROW)
    assert len(rows) == 9
    row = rows[4]
    assert row.text == (
        "| Cybersecurity | Cyber Defense Collaboration | National Cybersecurity Agencies |"
    )
    assert row.header == "| Security Threat | Proposed Response | Responsible Entity |"
    title = documents["002"].title
    assert (
        row.heading == f"{title} › Strengthening Security Collaborations Against Regional Threats"
    )
    assert row.lead_in.startswith("Furthermore, a preliminary assessment")
    assert row.lead_in.endswith("elaborated in the following table:")


def test_each_bullet_of_the_seeds_keeps_lead_in_and_heading(documents: dict[str, Document]) -> None:
    """The three lists of document 002 have 3, 4 and 3 bullets."""
    items = of_kind(split_passages(documents["002"]), PassageKind.LIST_ITEM)
    assert len(items) == 10
    assert items[0].text.startswith("Energy cooperation: Enhancing partnerships")
    assert items[0].lead_in.endswith("promise mutual benefits, such as:")
    assert " › Exploring New Avenues for Trade Expansion" in items[0].heading


def test_captions_source_lines_and_chrome_of_the_seeds(documents: dict[str, Document]) -> None:
    passages = {number: split_passages(document) for number, document in documents.items()}
    captions = [
        one.text for three in "34" for one in of_kind(passages[f"00{three}"], PassageKind.CAPTION)
    ]
    assert [caption[:24] for caption in captions] == [
        "An aerial view of the co",
        "Chinese President Xi Jin",
    ]
    sources = [
        one.text for some in passages.values() for one in of_kind(some, PassageKind.SOURCE_LINE)
    ]
    assert sources == ["来源:博鳌亚洲论坛", "2024年07月25日 19:04 新浪新闻"]
    chrome = {
        n: [one.text for one in of_kind(p, PassageKind.BOILERPLATE)] for n, p in passages.items()
    }
    assert not any(chrome[number] for number in ("000", "001", "002", "004"))
    assert [text[:9] for text in chrome["003"]] == [
        "新浪新闻客户端",
        "Opinion a",
        "Follow Ch",
        "中国",
        "举报邮箱:juba",
        "Copyright",
        "All Right",
    ]


def test_headings_of_the_seeds_stand_side_by_side(documents: dict[str, Document]) -> None:
    """Each of the four heads what stands below it, and is no passage of its own."""
    passages = split_passages(documents["002"])
    assert not of_kind(passages, PassageKind.HEADING)
    above = {one.heading for one in passages} - {"", documents["002"].title}
    assert len(above) == 4
    assert {one.split(" › ")[0] for one in above} == {documents["002"].title}


def test_a_given_title_stands_above_every_passage_that_the_text_does_not_hold() -> None:
    text = "Mills\n\nOne was built in 1802, and it stands in the town to this day."
    for title, above in (("Report on Leith", "Report on Leith › Mills"), ("Mills", "Mills")):
        (passage,) = split_passages(make_document(text, "a.txt", title=title))
        assert passage.heading == above


def test_markdown_manual() -> None:
    """Front matter, badge, code, options and nested bullets each become what a reader sees."""
    text = (
        "---\ntitle: Frob\nauthor: Jane\n---\n# Frob\n\n[![Build](a.svg)](b)\n\n"
        "It frobs, on Linux and\nmacOS.\n\n## Usage\n\n1. Run `frob`.\n   The port is 8080.\n\n"
        "   Change it with `--port`.\n\n2. Open the page.\n\n```sh\npip install frob\n```\n"
        "Options:\n\n| Option | Default |\n|:--|--:|\n| `--port` | 8080 |\n\n"
        "Features:\n- Fast\n    * Written in Rust\n- Small\n\n***\n\n> Use it\n> daily.\n"
    )
    assert split(text) == [
        ("source_line", "title: Frob"),
        ("source_line", "author: Jane"),
        ("boilerplate", "[![Build](a.svg)](b)"),
        ("paragraph", "It frobs, on Linux and\nmacOS."),
        ("list", text[text.index("1. Run") : text.index("\n\n```sh")]),
        ("paragraph", "pip install frob"),
        ("paragraph", "Options:"),
        ("table_row", "| `--port` | 8080 |"),
        ("paragraph", "Features:"),
        ("list_item", "Fast"),
        ("list_item", "Written in Rust"),
        ("list_item", "Small"),
        ("paragraph", "Use it\n> daily."),
    ]
    above = contexts(text)
    assert above["| `--port` | 8080 |"] == "Frob › Usage\nOptions:\n| Option | Default |"
    assert above["Written in Rust"] == "Frob › Usage\nFeatures:\nFast"
    assert above["Small"] == "Frob › Usage\nFeatures:"
    assert make_document(text, "a.md").title == "Frob"


def test_hard_wrapped_memo() -> None:
    """Lines wrapped at 72 columns are joined; ``o`` marks a bullet, ``[Page 1]`` a page's foot."""
    text = (
        "The Example Protocol\n\n1.  Introduction\n\n"
        "   The Example Transfer Protocol moves examples between two hosts. A\n"
        "   Host MUST open a connection on port 7070 before it sends the first\n"
        "   Example. The maximum size of an example is 64 kilobytes, and that\n"
        "   Size is never negotiated.\n\n"
        "2.  Format\n\n   A message has these fields:\n\n   o  Version: always 1 in this version\n"
        "      of the protocol.\n\n   o  Length: the number of octets.\n\n"
        "Smith             Informational              [Page 1]\n"
    )
    kinds = split(text)
    assert [kind for kind, _ in kinds] == [
        "paragraph", "list", "boilerplate",
    ]  # fmt: skip
    assert contexts(text)[kinds[0][1]] == "The Example Protocol › 1.  Introduction"
    assert kinds[0][1].startswith("The Example")
    assert kinds[0][1].endswith("negotiated.")
    assert contexts(text)[kinds[1][1]] == "2.  Format"
    assert kinds[1][1].startswith("A message has these fields:")
    assert kinds[1][1].endswith("octets.")


SHORT = "- tea\n- green\n  coffee\n- milk"
LONG = "\n".join(f"- {'word ' * 15}{n}." for n in range(20))


def test_a_list_of_short_items_stays_whole_with_what_opens_it() -> None:
    assert split(f"We sell:\n\n{SHORT}\n\nEnd.") == [
        ("list", f"We sell:\n\n{SHORT}"), ("paragraph", "End."),
    ]  # fmt: skip
    assert split(f"We sell much.\n\n{SHORT}") == [("paragraph", "We sell much."), ("list", SHORT)]
    assert contexts(f"We sell much.\n\n{SHORT}")[SHORT] == "We sell much."
    assert [kind for kind, _ in split(f"We sell:\n\n{LONG}")] == ["paragraph", *["list_item"] * 20]
    long_opening = f"{'We sell a lot of it. ' * 48}We sell:"
    assert [kind for kind, _ in split(f"{long_opening}\n\n{SHORT}")][-1] == "list"
    nested = "- tea\n    - green\n    - black\n- milk"
    assert {kind for kind, _ in split(nested)} == {"list_item"}
    assert split("We sell:") == [("paragraph", "We sell:")]
    assert split("We sell:\n\n- tea") == [("paragraph", "We sell:"), ("list_item", "tea")]


def test_minutes() -> None:
    """Numbered headings are no list, although the second stands two lines below the first."""
    text = (
        "Minutes of the Council\nDate: 12 March 2024\nPresent: Anna Berg, Luis Ortega\n\n"
        "1. Approval of the minutes\nThe minutes were approved.\n2. Budget\n"
        "The budget is 1.2 million euros.\nAction: Tom gets three offers.\n"
    )
    assert split(text) == [
        ("source_line", "Date: 12 March 2024"),
        ("paragraph", "Present: Anna Berg, Luis Ortega"),
        ("paragraph", "The minutes were approved."),
        ("paragraph", "The budget is 1.2 million euros."),
        ("paragraph", "Action: Tom gets three offers."),
    ]


def test_contract() -> None:
    """Clauses keep their numbers; (i) stands under (b); an address is no stack of headings."""
    text = (
        "2. TERM\n2.1 It runs for 24 months.\n2.2 Either party may end it:\n"
        "(a) with notice; or\n(b) at once, if the other\n    (i) is insolvent; or\n"
        "    (ii) breaks clause 5.\n\n3. PAYMENT\nThe Client pays within 30 days.\n\n"
        "Alpha Ltd\n12 High Street\nLondon SW1A 1AA\n\nThis ends it.\n"
    )
    above = contexts(text)
    assert above["2.1 It runs for 24 months."] == "2. TERM"
    assert above["The Client pays within 30 days."] == "3. PAYMENT"
    assert above["breaks clause 5."] == (
        "2. TERM\n2.2 Either party may end it:\nat once, if the other"
    )


def test_law() -> None:
    """An article's title stands under its number; a) stands under 2., though not indented."""
    text = (
        "Article 5\nRight to privacy\n\n1. Everyone has this right.\n2. None may meddle except:\n"
        "a) by law; and\nb) in need.\n\nArticle 6\nEveryone is heard.\n"
    )
    above = contexts(text)
    assert above["in need."] == "Article 5 › Right to privacy\nNone may meddle except:"
    assert above["Everyone has this right."] == "Article 5 › Right to privacy"
    assert above["Everyone is heard."] == "Article 6"


def test_the_whole_caption_of_a_table_is_its_context() -> None:
    text = "Table 1. Opening hours\n\n| Day | Hours |\n|---|---|\n| Monday | closed |\n"
    assert contexts(text)["| Monday | closed |"] == "Table 1. Opening hours\n| Day | Hours |"


def test_numbered_things_that_are_no_list() -> None:
    for line in (
        "J. Brown is her deputy.",
        "12. März 2024 war ein Dienstag.",
        "3.5 million live here.",
    ):
        assert split(f"One sentence.\n\n{line}\n\nAnother one.")[1] == ("paragraph", line)


def test_stanza_is_joined_at_its_commas() -> None:
    text = "The Road\n\nI took the path where ivy grew,\nBecause it called my name,\nAnd left.\n"
    assert split(text) == [("paragraph", text[10:-1])]


def test_table_without_a_separator_is_rows() -> None:
    assert split("| a | b |\n| 1 | 2 |\nText after.") == [
        ("table_row", "| a | b |"),
        ("table_row", "| 1 | 2 |"),
        ("paragraph", "Text after."),
    ]


def test_a_table_ends_with_its_header() -> None:
    text = "| a |\n|---|\n| 1 |\n\nText between.\n\n| 9 |\n"
    assert contexts(text)["| 9 |"] == "Text between."


def test_pipes_in_prose_make_no_table() -> None:
    assert split("Use a | b to pipe.\nThen go.") == [
        ("paragraph", "Use a | b to pipe."),
        ("paragraph", "Then go."),
    ]


def test_the_rows_of_a_wide_table_are_cut_like_long_text() -> None:
    row = "| " + "word " * 400 + "|"
    passages = split_passages(make_document(row, "a.md"))
    assert len(passages) == 3
    assert all(len(one.text) <= LONGEST_PASSAGE for one in passages)


def test_line_ends_do_not_change_the_split() -> None:
    text = "# A\n\nOne two.\nThree\n\n- four\n- five\n\n| a |\n|---|\n| 1 |\n\nEnd\n"
    for ending in ("\r\n", "\r"):
        assert [(kind, body.split()) for kind, body in split(text.replace("\n", ending))] == [
            (kind, body.split()) for kind, body in split(text)
        ]


def test_long_paragraphs_become_even_windows_of_whole_sentences() -> None:
    """1,260 characters need two windows; the sentences of 42 characters fall 15 and 15."""
    text = " ".join(f"This is the sentence with the number {at:03}." for at in range(30))
    first, second = split_passages(make_document(text, "a.txt"))
    assert first.text.endswith("014.")
    assert second.text.startswith("This")

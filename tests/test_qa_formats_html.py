"""Test that HTML is read as a browser shows it: what is hidden, raised, numbered, and tables."""

import pytest

from qa import Passage, make_document, split_passages
from qa.formats import Limits, extract
from qa.formats.layout import Extracted


def read(html: str, name: str = "a.html") -> Extracted:
    return extract(html.encode(), name, Limits())


def passages(html: str) -> tuple[Passage, ...]:
    found = read(html)
    return split_passages(
        make_document(found.text, "a.html", places=found.places, blocks=found.blocks or ())
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>Secret.</p>",
        "<p hidden>Secret.<p>",
        '<div style="color: red; DISPLAY : none"><div>Secret.</div> Secret.</div>',
        '<span style="visibility:hidden">Secret.</span>',
        "<template><p>Secret.</p></template>",
        f"<!-- Secret. {'x' * 1_200_000} -->",
        "<ul><li hidden>Secret.<li></ul>",
        "<table><tr hidden><td>Secret.</td></tr></table>",
        "<div hidden><h1>Secret.</h1><table><tr><td>Secret.</table></div>",
    ],
)
def test_what_a_browser_hides_is_not_read(hidden: str) -> None:
    assert read(f"<p>Before.</p>{hidden}<p>After.</p>").text == "Before.\n\nAfter."


@pytest.mark.parametrize(
    "shown",
    [
        '<p style="display:nonexistent">Seen.</p>',
        "<input hidden><p>Seen.</p>",
        '<p data-hidden="1">Seen.</p>',
        "<details><p>Seen.</p></details>",
    ],
)
def test_what_a_browser_shows_is_read(shown: str) -> None:
    assert "Seen." in read(shown).text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("It costs 80<sup>2</sup> francs.", "It costs 80 francs."),
        ("The mill<sup>[3]</sup> and the dam<sup>a, b</sup>", "The mill and the dam"),
        ("A room of 30 m<sup>2</sup>", "A room of 30 m²"),
        ("10<sup>-6</sup> and 2<sup>16</sup>", "10⁻⁶ and 2¹⁶"),
        ("The 3<sup>rd</sup> of May", "The 3rd of May"),
        ("<p><sup>1</sup> Not on Sundays.", "Not on Sundays."),
    ],
)
def test_the_mark_of_a_note_is_no_part_of_a_number(html: str, text: str) -> None:
    assert read(html).text == text


def test_lists_keep_their_numbers() -> None:
    html = "<ol start=4><li>Mix.<li>Bake.<ul><li>Hot</ul><li value=9>Eat.</ol>"
    assert read(html).text == "4. Mix.\n5. Bake.\n  • Hot\n9. Eat."
    (whole,) = passages("<ol><li>Mix.<li>Bake.</ol>")
    assert whole.text == "1. Mix.\n2. Bake."


def test_a_row_over_the_whole_table_names_those_below_it() -> None:
    rows = passages(
        "<table><tr><th>Trip<th>Day<th>Price<tr><td colspan=3>Boats<tr><td>Lake<td>Monday<td>9"
        "<tr><td colspan=3>Trains<tr><td>Coast<td>Friday<td>12</table>"
    )
    assert [(one.text, one.lead_in) for one in rows] == [
        ("Lake | Monday | 9", "Boats"), ("Coast | Friday | 12", "Trains"),
    ]  # fmt: skip
    assert {one.header for one in rows} == {"Trip | Day | Price"}


def test_a_cell_over_rows_belongs_to_each_of_them() -> None:
    rows = passages(
        "<table><tr><th>City<th>Year<th>Visitors"
        "<tr><td rowspan=2>Graz<td>2020<td>5<tr><td>2021<td>7"
        "<tr><td>Linz<td rowspan=9>2020<td>4<tr><td>Wels<td>3</table>"
    )
    assert [one.text for one in rows] == [
        "Graz | 2020 | 5", "Graz | 2021 | 7", "Linz | 2020 | 4", "Wels | 2020 | 3",
    ]  # fmt: skip


def test_a_header_over_columns_stands_above_each_of_them() -> None:
    rows = passages(
        "<table><thead><tr><th rowspan=2>Shop<th colspan=2>Tea<tr><th>Sold<th>Left</thead>"
        "<tr><td>North<td>3<td>4</table>"
    )
    assert [one.header for one in rows] == ["Shop | Tea Sold | Tea Left"]


def test_lists_and_breaks_within_a_cell() -> None:
    html = "<table><tr><th>Who<th>What<tr><td>Ann<br>Lee<td><ul><li>tea<li>milk</ul></table>"
    assert read(html).text == "Who | What\nAnn Lee | tea; milk"


@pytest.mark.parametrize(
    "html",
    [
        "<h2>Who may enter?</h2><p>Members only.",
        "<p><b>Who may enter?</b><br>Members only.</p>",
        "<p><strong>Who may enter?</strong></p><p>Members only.</p>",
        "<dl><dt>Who may enter?<dd>Members only.</dl>",
        "<details><summary>Who may enter?</summary>Members only.</details>",
    ],
)
def test_what_stands_above_an_answer_is_read_with_it(html: str) -> None:
    (passage,) = passages(html)
    assert (passage.heading, passage.text) == ("Who may enter?", "Members only.")


def test_a_bold_word_within_a_sentence_heads_nothing() -> None:
    headings = [one.heading for one in passages("<p><b>Tea</b> is served.</p><p>Daily.</p>")]
    assert headings == ["", ""]


def test_an_empty_plain_part_does_not_hide_the_page_of_a_message() -> None:
    parts = (
        "Subject: Trip\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\n \n"
        "--b\nContent-Type: text/html\n\n<p>By bus.</p>\n--b--\n"
    )
    assert read(parts, "a.eml").text == "Subject: Trip\n\nBy bus."

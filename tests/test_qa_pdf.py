"""Test that PDF is read as a person reads it, and that a hostile file costs itself alone."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from fpdf import FPDF

from qa.errors import DocumentError
from qa.formats.gibberish import is_gibberish
from qa.formats.joining import joined, known_words
from qa.formats.layout import Extracted
from qa.formats.limits import Limits
from qa.formats.readers import extract
from qa.schema import BlockKind

BRIDGE = (
    "The committee met in May and approved the plan for the new bridge across the river at a "
    "cost of nine million euros."
)
SCHOOL = (
    "The school reopened after repairs to its roof, which had leaked since the storm of last "
    "winter and cost far too much."
)
TRAINS = (
    "Trains will run every ten minutes from September on, as the company has bought eleven new "
    "engines from Spain."
)
HARBOUR = "The harbour was dredged twice in the nineties, and its management lay with the board."


def new_pdf() -> FPDF:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=11)
    pdf.add_page()
    return pdf


def read(pdf: FPDF | bytes, **limits: float) -> Extracted:
    content = pdf if isinstance(pdf, bytes) else bytes(pdf.output())
    return extract(content, "a.pdf", replace(Limits(), **limits))


def blocks(found: Extracted, *kinds: BlockKind) -> list[str]:
    assert found.blocks is not None
    return [one.span.of(found.text) for one in found.blocks if not kinds or one.kind in kinds]


def paragraph(pdf: FPDF, words: str) -> None:
    pdf.multi_cell(0, 6, words, new_x="LMARGIN", new_y="NEXT", align="L")


def side_by_side(texts: Sequence[str], width: int, lefts: Sequence[float], *, across: bool) -> FPDF:
    """Return a page of columns, written line by line over all of them, or one after the other."""
    pdf = new_pdf()
    columns = [textwrap.wrap(text, width) for text in texts]
    placed = [
        (at, number, line) for number, lines in enumerate(columns) for at, line in enumerate(lines)
    ]
    for at, number, line in sorted(placed) if across else placed:
        pdf.text(lefts[number], 30 + 6 * at, line)
    return pdf


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize(
    ("texts", "width", "lefts"),
    [((BRIDGE, SCHOOL), 42, (15, 110)), ((BRIDGE, SCHOOL, TRAINS), 28, (15, 78, 141))],
)
def test_columns_are_read_one_after_the_other(
    texts: Sequence[str], width: int, lefts: Sequence[float], across: bool
) -> None:
    found = read(side_by_side(texts, width, lefts, across=across))
    assert blocks(found) == list(texts)


def test_lines_written_in_any_order_are_read_from_the_top() -> None:
    pdf = new_pdf()
    lines = textwrap.wrap(BRIDGE, 60)
    for at in reversed(range(len(lines))):
        pdf.text(15, 30 + 6 * at, lines[at])
    assert blocks(read(pdf)) == [BRIDGE]


def test_the_cells_of_a_table_stay_apart() -> None:
    pdf = new_pdf()
    paragraph(pdf, HARBOUR)
    for row in (("Year", "Ships", "Cargo"), ("1991", "312", "45,000"), ("1992", "", "51,200")):
        for cell in row:
            pdf.cell(50, 8, cell)
        pdf.ln()
    found = read(pdf)
    assert blocks(found, BlockKind.TABLE_HEADER) == ["Year | Ships | Cargo"]
    last = (found.blocks or ())[-1]
    assert [cell and cell.of(found.text) for cell in last.cells] == ["1992", None, "51,200"]


def test_words_broken_at_the_end_of_a_line_are_whole() -> None:
    pdf = new_pdf()
    for line in (
        "The mana-",
        "gement of the well-",
        "known harbour wrote an e-",
        "mail, the e-mail.",
    ):
        pdf.text(15, pdf.get_y() + 6, line)
        pdf.set_y(pdf.get_y() + 6)
    assert "The management of the well-known harbour wrote an e-mail" in read(pdf).text


@pytest.mark.parametrize(
    ("above", "below", "between"),
    [
        ("declara-", "tion", "declaration"),
        ("Franco-", "German", "Franco-German"),
        ("port-", "wine", "port-wine"),
        ("1990-", "1995", "1990-1995"),
        ("料金は", "三百円", "料金は三百円"),
        ("It is", "so", "It is so"),
    ],
)
def test_lines_are_joined_as_their_words_ask(above: str, below: str, between: str) -> None:
    known = known_words(["The port and its wine."])
    assert joined(above, below, known) + below == between


class Headed(FPDF):
    def header(self) -> None:
        self.set_font("Helvetica", size=9)
        self.cell(0, 8, "Report of the Harbour Board", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-20)
        self.set_font("Helvetica", size=9)
        self.cell(0, 5, "Payment is due within 14 days.", new_x="LMARGIN", new_y="NEXT")
        self.cell(0, 5, f"Page {self.page_no()} of 3")


def headed() -> FPDF:
    pdf = Headed()
    for number, text in enumerate((BRIDGE, SCHOOL, TRAINS)):
        pdf.add_page()
        pdf.set_font("Helvetica", size=11)
        paragraph(pdf, f"Invoice {701 + number}")
        paragraph(pdf, text)
    return pdf


def test_lines_of_every_page_are_kept_once() -> None:
    found = read(headed())
    for line in ("Report of the Harbour Board", "Payment is due within 14 days."):
        assert found.text.count(line) == 1
        assert line in blocks(found, BlockKind.PARAGRAPH)
    assert blocks(found, BlockKind.BOILERPLATE) == ["Page 1 of 3"]
    assert all(f"Invoice {number}" in found.text for number in (701, 702, 703))


def test_a_paragraph_goes_on_over_the_page_and_knows_both() -> None:
    pdf = Headed()
    at = BRIDGE.index(" across")
    halves = BRIDGE[:at], BRIDGE[at + 1 :]
    for half in halves:
        pdf.add_page()
        pdf.set_font("Helvetica", size=11)
        paragraph(pdf, half)
    pdf.add_page()
    found = read(pdf)
    assert BRIDGE in found.text
    labels = {place.start: place.label for place in found.places}
    assert labels[found.text.index(halves[1])] == "page 2"


def test_headings_are_known_by_their_letters() -> None:
    pdf = new_pdf()
    for size, style, words in (
        (20, "B", "The harbour"),
        (14, "B", "Its history"),
        (11, "B", "Dredging"),
    ):
        pdf.set_font("Helvetica", style, size)
        paragraph(pdf, words)
    pdf.set_font("Helvetica", "", 11)
    paragraph(pdf, f"{HARBOUR} {HARBOUR}")
    found = read(pdf)
    levels = [one.level for one in found.blocks or () if one.kind is BlockKind.HEADING]
    assert blocks(found, BlockKind.HEADING) == ["The harbour", "Its history", "Dredging"]
    assert levels == [1, 2, 3]


def test_footnotes_stand_apart() -> None:
    pdf = new_pdf()
    paragraph(pdf, f"{BRIDGE} {SCHOOL}")
    pdf.set_y(-40)
    pdf.set_font("Helvetica", size=8)
    paragraph(pdf, "1 The board was founded in 1923 by merchants of the town.")
    found = read(pdf)
    assert blocks(found, BlockKind.PARAGRAPH) == [f"{BRIDGE} {SCHOOL}"]
    assert blocks(found, BlockKind.FOOTNOTE)[0].startswith("1 The board")


def test_a_raised_number_is_no_part_of_the_word() -> None:
    pdf = new_pdf()
    pdf.write(6, "The board spent 40,000 euros")
    pdf.char_vpos = "SUP"
    pdf.write(6, "2")
    pdf.char_vpos = "LINE"
    pdf.write(6, " on the works.")
    assert "40,000 euros² on the works." in read(pdf).text


def test_the_scraps_of_a_figure_are_no_answers() -> None:
    pdf = new_pdf()
    paragraph(pdf, HARBOUR)
    pdf.set_font("Helvetica", size=7)
    for at, word in enumerate(("0", "10", "20", "1990", "1995", "wheat", "oats")):
        pdf.text(30 + 37 * at % 120, 70 + 7 * at, word)
    pdf.set_font("Helvetica", size=11)
    pdf.set_y(150)
    paragraph(pdf, "Figure 1: Yield in tonnes per hectare.")
    paragraph(pdf, TRAINS)
    found = read(pdf)
    assert blocks(found, BlockKind.BOILERPLATE) == ["0 10 20 1990 1995 wheat oats"]
    assert blocks(found, BlockKind.CAPTION) == ["Figure 1: Yield in tonnes per hectare."]


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Microsoft Word - template_v3.dotx", "The Harbour in the Nineties"),
        ("", "The Harbour in the Nineties"),
        ("Instructions for authors", "The Harbour in the Nineties"),
        ("Harbour, nineties", "Harbour, nineties"),
    ],
)
def test_a_title_that_the_pages_do_not_know_is_not_believed(given: str, title: str) -> None:
    pdf = new_pdf()
    pdf.set_title(given)
    pdf.set_font("Helvetica", "B", 20)
    paragraph(pdf, "The Harbour in the Nineties")
    pdf.set_font("Helvetica", "", 11)
    paragraph(pdf, HARBOUR)
    assert read(pdf).title == title


def shifted(words: str) -> str:
    """Return what a font without a map leaves: the numbers of its glyphs, taken for letters."""
    return "".join(chr(ord(letter) - 29) if ord(letter) > 61 else letter for letter in words)


def test_gibberish_is_left_out_and_named() -> None:
    pdf = new_pdf()
    paragraph(pdf, BRIDGE)
    pdf.add_page()
    paragraph(pdf, shifted(f"{SCHOOL} {TRAINS}"))
    found = read(pdf)
    assert found.text == BRIDGE
    assert found.doubts[0].startswith("page 2: its fonts do not tell their letters")


@pytest.mark.parametrize(
    ("text", "noise"),
    [
        (f"{BRIDGE} {SCHOOL}", False),
        (shifted(f"{BRIDGE} {SCHOOL}"), True),
        ("A1 B22 C3-4 12,000 3.5% x86 mp3 H2O KB/s 10:30 " * 4, False),
        ("料金は三百円です。" * 30, False),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy v zimě " * 4, False),
        ("https://example.org/a?b=1 ann@example.org C:\\\\x " * 8, False),
    ],
)
def test_gibberish_is_told_from_text(text: str, noise: bool) -> None:
    assert is_gibberish(text) is noise


# Forms and hostile files are written by hand: fpdf2 makes neither.
def raw_pdf(*objects: str) -> bytes:
    parts = [f"{number} 0 obj\n{body}\nendobj\n" for number, body in enumerate(objects, 1)]
    return ("%PDF-1.4\n" + "".join(parts) + "trailer <</Root 1 0 R>>\n%%EOF").encode("latin-1")


def stream(content: str, entries: str = "") -> str:
    return f"<<{entries} /Length {len(content)}>> stream\n{content}\nendstream"


def form(*fields: str) -> bytes:
    page = "BT /F1 12 Tf 50 700 Td (Name of the applicant:) Tj 0 -40 Td (Approved) Tj ET"
    references = " ".join(f"{6 + at} 0 R" for at in range(len(fields)))
    return raw_pdf(
        f"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [{references}]>>>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        f"/Resources <</Font <</F1 5 0 R>>>> /Annots [{references}]>>",
        stream(page),
        "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
        *fields,
    )


def test_the_values_of_a_form_are_read_where_they_stand() -> None:
    found = read(
        form(
            "<</Type /Annot /Subtype /Widget /FT /Tx /T (applicant) /V (Edna Vale) "
            "/Rect [200 695 400 715]>>",
            "<</Type /Annot /Subtype /Widget /FT /Tx /T (place) /TU (Place of birth) /V (Aktau) "
            "/Rect [200 500 400 520]>>",
            "<</Type /Annot /Subtype /Widget /FT /Tx /T (empty) /Rect [200 400 400 420]>>",
        )
    )
    assert blocks(found) == [
        "Name of the applicant: Edna Vale",
        "Approved",
        "Place of birth: Aktau",
    ]


def nested_forms(depth: int) -> bytes:
    """Return a page whose form draws ten of the next kind, and so on: 10^depth in a small file."""
    first = 4
    forms = [
        stream(
            f"/X{at + 1} Do " * 10,
            f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
            f"/Resources <</XObject <</X{at + 1} {first + 1 + at + 1} 0 R>>>>",
        )
        for at in range(depth)
    ]
    return raw_pdf(
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        f"/Resources <</XObject <</X0 {first + 1} 0 R>>>>>>",
        stream("/X0 Do"),
        *forms,
        stream("BT (x) Tj ET", "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"),
    )


def test_a_file_that_takes_for_ever_is_ended_and_the_next_is_read() -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf: makes the program that reads PDF fail"):
        read(nested_forms(30), seconds=1.0)
    pdf = new_pdf()
    paragraph(pdf, BRIDGE)
    assert read(pdf).text == BRIDGE


@pytest.mark.parametrize("fill", [lambda pdf: paragraph(pdf, BRIDGE * 50)])
def test_limits_hold_and_leave_the_reader_whole(fill: Callable[[FPDF], None]) -> None:
    pdf = new_pdf()
    fill(pdf)
    with pytest.raises(DocumentError, match="holds more text than 100 characters") as caught:
        read(pdf, characters=100)
    assert BRIDGE in read(pdf).text
    assert caught.tb is not None  # what was raised still holds the frames of its reader

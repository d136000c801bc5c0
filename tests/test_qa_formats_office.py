"""Test that DOCX and XLSX are read as Word and Excel show them."""

import io
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement

from qa.errors import DocumentError
from qa.formats import Limits, extract
from qa.formats.layout import Extracted
from qa.formats.numbers import shown_date, shown_number


def word(fill: Callable[[Any], None]) -> Extracted:
    document, file = docx.Document(), io.BytesIO()
    fill(document)
    document.save(file)
    return extract(file.getvalue(), "a.docx", Limits())


def workbook(fill: Callable[[Any], None]) -> Extracted:
    book, file = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(file)
    return extract(file.getvalue(), "a.xlsx", Limits())


def test_hidden_deleted_and_moved_text_is_left_aside() -> None:
    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("Seen.")
        paragraph.add_run(" Hidden.").font.hidden = True
        for name in ("w:moveFrom", "w:del"):
            gone = OxmlElement(name)
            gone.append(paragraph.add_run(" Gone.")._r)
            paragraph._p.append(gone)
        paragraph.add_run(" Shown.").font.hidden = False

    assert word(fill).text == "Seen. Shown."


def test_the_edges_of_pages_are_read_once() -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("Dear Bo,")
        for _ in range(2):
            section = document.add_section()
            section.header.is_linked_to_previous = False
            section.header.paragraphs[0].text = "Order 1234"
        document.sections[0].footer.paragraphs[0].text = "Bank 99"

    assert word(fill).text.split("\n\n") == ["Order 1234", "Dear Bo,", "Bank 99"]


def test_lists_keep_the_numbers_of_their_styles() -> None:
    def fill(document: Any) -> None:
        for words in ("Mix.", "Bake."):
            document.add_paragraph(words, style="List Number")
        document.add_paragraph("Tea", style="List Bullet")

    assert word(fill).text == "1. Mix.\n2. Bake.\n• Tea"


def test_merged_cells_belong_to_each_row() -> None:
    def fill(document: Any) -> None:
        table = document.add_table(3, 3)
        rows = (("City", "Year", "Sum"), ("Graz", "2020", "5"), ("", "2021", "7"))
        for row, words in zip(table.rows, rows, strict=True):
            for cell, one in zip(row.cells, words, strict=True):
                cell.text = one
        table.cell(1, 0).merge(table.cell(2, 0))

    assert word(fill).text == "City | Year | Sum\nGraz | 2020 | 5\nGraz | 2021 | 7"


def test_a_bold_line_heads_what_follows() -> None:
    def fill(document: Any) -> None:
        document.add_paragraph().add_run("Opening hours").bold = True
        document.add_paragraph("From nine to five.")

    first, second = word(fill).blocks or ()
    assert (first.kind.value, second.kind.value) == ("heading", "paragraph")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.05, "0.0%", "5.0%"),
        (0.125, "0%", "13%"),
        (1234567.891, '"$"#,##0.00', "$1,234,567.89"),
        (-1234.5, "#,##0.00;[Red](#,##0.00)", "(1,234.50)"),
        (-3, "0", "-3"),
        (0, '0;-0;"none"', "none"),
        (42, "00000", "00042"),
        (1500, "[$€-407] #,##0", "€ 1,500"),
        (12_000_000, '0.0,,"M"', "12.0M"),
        (3.5, "General", "3.5"),
        (7, "#", "7"),
        (2.5, '0.## "kg"', "2.5 kg"),
        (431234567, "000-000-000", "431234567"),
        (0.25, "# ?/?", "0.25"),
    ],
)
def test_numbers_as_the_sheet_shows_them(value: float, form: str, text: str) -> None:
    assert shown_number(value, form) == text


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (date(2024, 7, 2), "dd/mm/yyyy", "02/07/2024"),
        (datetime(2024, 7, 2, 9, 5), "d mmm yy, hh:mm", "2 Jul 24, 09:05"),
        (datetime(2024, 7, 2, 15, 5), "h:mm AM/PM", "3:05 PM"),
        (time(9, 5), "hh:mm", "09:05"),
        (datetime(2024, 7, 2), "mm-dd-yy", "2024-07-02"),
    ],
)
def test_dates_as_the_sheet_shows_them(value: date | time, form: str, text: str) -> None:
    assert shown_date(value, form) == text


def test_what_is_hidden_is_marked_or_not_read() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.title = "Fees"
        for row in (["Drink", "Cost", "Fee"], ["Tea", 1, 3], ["Milk", 2, 4]):
            sheet.append(row)
        sheet.column_dimensions["B"].hidden = True
        sheet.row_dimensions[3].hidden = True
        book.create_sheet("Old").append(["Wine", "was", "sold"])
        book["Old"].sheet_state = "hidden"
        book.create_sheet("Macro").append(["Secret", "word"])
        book["Macro"].sheet_state = "veryHidden"

    found = workbook(fill)
    labels = {place.label for place in found.places}
    assert {"Fees, A2", "Fees, B2 (hidden)", "Fees, C3 (hidden)", "Old (hidden), A1"} <= labels
    assert "Secret" not in found.text


def test_merged_cells_of_a_sheet() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        for row in (["Shop", "Tea", None], [None, "Sold", "Left"], ["North", 3, 4]):
            sheet.append(row)
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")

    assert workbook(fill).text == "Sheet\n\nShop | Tea\nShop | Sold | Left\nNorth | 3 | 4"


def test_a_formula_without_a_value_is_named() -> None:
    def fill(book: Any) -> None:
        book.active.append(["Drink", "Sum"])
        book.active.append(["Tea", "=1+2"])

    assert workbook(fill).doubts == (
        "Sheet: formulas were saved without their values (B2); open it in its program and save it "
        "anew",
    )

    def empty(book: Any) -> None:
        book.active.append(["=1+2"])

    with pytest.raises(DocumentError, match=r"without their values \(A1\)"):
        workbook(empty)

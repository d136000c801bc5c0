"""Test what the rows of a table are taken for: headers, data, sections, keys and values."""

import pytest

from qa import Passage, make_document, split_passages
from qa.blocks import BlockKind
from qa.formats import Limits, extract
from qa.formats.sheets import delimiter
from qa.formats.tables import Cell, Row, laid_out, spread
from qa.text.passages import LONGEST_PASSAGE


def passages(csv: str) -> tuple[Passage, ...]:
    found = extract(csv.encode(), "a.csv", Limits())
    return split_passages(
        make_document(found.text, "a.csv", places=found.places, blocks=found.blocks or ())
    )


def headers(csv: str) -> list[str]:
    return [one.header for one in passages(csv)]


@pytest.mark.parametrize(
    ("csv", "rows"),
    [
        ("Name,Ada\nTown,Graz\nE-mail,ada@example.org\n", 3),
        ("Opened:,May\nClosed:,never\n", 2),
        ("Tea,3 euros\nMilk,2 euros\n", 2),
        ("Ann Lee,+43 1 2345678\nBo Lind,+43 1 8765432\n", 2),
        ("red,A1\ngreen,A2\nred,A3\n", 3),
        ("1,2\n3,4\n", 2),
    ],
)
def test_a_first_row_of_data_is_a_row(csv: str, rows: int) -> None:
    assert headers(csv) == [""] * rows


@pytest.mark.parametrize(
    ("csv", "header"),
    [
        ("Drink,Price\nTea,3 euros\n", "Drink | Price"),
        ("Land,2019,2020\nPeru,14,15\n", "Land | 2019 | 2020"),
        ("City,Mayor\nGraz,Ada\nLinz,Bo\n", "City | Mayor"),
        ("airline,incidents_85_99,seats_00_14\nAer,2,3\n",
         "airline | incidents 85 99, 1985 to 1999 | seats 00 14, 2000 to 2014"),
        ("Sales of 2020\nDrink,Sold\nTea,5\n", "Drink | Sold"),
    ],
)  # fmt: skip
def test_a_first_row_of_names_is_a_header(csv: str, header: str) -> None:
    assert headers(csv)[-1] == header


def test_a_key_is_the_name_of_its_value() -> None:
    from qa.reading.linearise import view

    assert view(passages("Owner,Ada Pol\nTown,Graz\nPhone,+43 1 234567\n")[0]).text == (
        "Owner. Owner: Ada Pol."
    )


def test_two_rows_of_names_are_read_as_one() -> None:
    csv = ",Rain,,Sun,\nTown,May,June,May,June\nGraz,1,2,3,4\n"
    assert headers(csv) == ["Town | Rain May | Rain June | Sun May | Sun June"]


def test_a_table_goes_on_below_a_blank_line() -> None:
    assert headers("Drink,Sold\nTea,5\nMilk,6\n\nWine,7\n") == ["Drink | Sold"] * 3
    assert headers("Drink,Sold\nTea,5\nMilk,6\n\nTown,Rain\nGraz,7\n")[-1] == "Town | Rain"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('Name;Note;Price\nTea;"one, two,\n\nthree, four";5\nMilk;x, y;3\n', ";"),
        ("Name\tNote\nTea\ta, b, c\nMilk\td, e\n", "\t"),
        ("Land;Anteil\nPeru;1,5\nChile;2,25\n", ";"),
        ("a,b\n1,x;y\n2,z;w\n", ","),
        ("Report, made in May, by Bo\nDrink;Sold\nTea;5\nMilk;6\n", ";"),
        ("only words\nand more\n", "\t"),
    ],
)
def test_the_delimiter_is_the_one_that_agrees(text: str, mark: str) -> None:
    assert delimiter(text) == mark


def test_a_cell_of_a_megabyte_is_read() -> None:
    rows = passages(f'Name,Text\nTea,"{"word " * 200_000}"\nMilk,short\n')
    assert rows[-1].text == "Milk | short"
    assert all(len(one.text) <= LONGEST_PASSAGE for one in rows)


def test_a_wide_row_is_cut_into_parts_that_know_their_columns() -> None:
    names = ["Town", *(f"figure {n}" for n in range(200))]
    rows = passages(f"{','.join(names)}\nGraz,{','.join(str(1000 + n) for n in range(200))}\n")
    assert len(rows) > 3
    assert [one.lead_in for one in rows] == ["", *["Town: Graz"] * (len(rows) - 1)]
    for one in rows:
        pairs = zip(one.header.split(" | "), one.text.split(" | "), strict=True)
        assert all(name == "Town" or cell == str(1000 + int(name[7:])) for name, cell in pairs)


def test_cells_that_span_are_spread() -> None:
    wide, tall = Cell("wide", columns=2), Cell("tall", rows=2)
    first, second = spread([Row((wide, tall)), Row((Cell("a"), Cell("b"), Cell("c")))])
    assert first.cells == (wide, wide, tall)
    assert [cell and cell.words for cell in second.cells] == ["a", "b", "tall", "c"]


def test_rows_of_one_cell_around_a_table_are_paragraphs() -> None:
    rows = [Row((Cell("Title"),)), Row((Cell("A"), Cell("B"))), Row((Cell("1"), Cell("2"))),
            Row((Cell("Source: us"),))]  # fmt: skip
    assert [kind for _, kind in laid_out(rows)] == [
        BlockKind.PARAGRAPH, BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW, BlockKind.PARAGRAPH,
    ]  # fmt: skip


def test_names_of_columns_above_nothing_are_a_row() -> None:
    (row,) = passages("Drink,Sold\n")
    assert row.text == "Drink | Sold"

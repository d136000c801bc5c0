"""Read XLSX: every sheet that its program shows, cell by cell as the sheet shows them.

Formulas are not computed: what counts is the value that the sheet was saved with. What is hidden
is marked in its place; a sheet that only a macro can show is not read.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from qa.formats.archive import open_archive
from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch
from qa.formats.numbers import shown_date, shown_number
from qa.formats.parts import Attributes, Handler, parse_part
from qa.formats.sheets import letters, write_rows
from qa.formats.tables import Cell, Row

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
_TRUE = ("1", "true")
_MOST_ROWS, _MOST_COLUMNS = 1000, 50  # that a cell may cover
_NAMED = 3  # cells whose formula has no value


@dataclass(slots=True)
class _Layout(Handler):
    """What a sheet says of its cells besides their values; rows and columns count from 1."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    valueless: list[str] = field(default_factory=list)
    _cell: str = ""
    _formula: bool = False
    _value: bool = False

    def opened(self, name: str, attributes: Attributes) -> None:
        """Note what is hidden or merged, and which cells have formulas."""
        if name == "c":
            self._cell, self._formula, self._value = attributes.get("r", ""), False, False
        elif name == "f":
            self._formula = True
        elif name == "row" and attributes.get("hidden") in _TRUE:
            self.hidden_rows.add(int(attributes.get("r", "0")))
        elif name == "col" and attributes.get("hidden") in _TRUE:
            first, last = int(attributes["min"]), min(int(attributes["max"]), 20_000)
            self.hidden_columns.update(range(first, last + 1))
        elif name == "mergeCell" and (match := _REFERENCE.fullmatch(attributes.get("ref", ""))):
            left, top, right, bottom = match.groups()
            if right:
                corner = int(top), _column(left)
                self.merged[corner] = (int(bottom) - corner[0] + 1, _column(right) - corner[1] + 1)

    def data(self, text: str) -> None:
        """Note that the cell holds something."""
        self._value = self._value or bool(text.strip())

    def closed(self, name: str) -> None:
        """Take down a formula without a value."""
        if name == "f":
            self._value = False  # what was read so far is the formula
        elif name == "c" and self._formula and not self._value:
            self.valueless.append(self._cell)


def read_xlsx(content: bytes, watch: Watch) -> Extracted:
    """Return the rows of every sheet; ``Sheet1, C4`` is the place of a cell."""
    archive = open_archive(content, watch)
    from openpyxl import load_workbook

    writer, filled, doubts = Writer(watch), False, list[str]()
    with warnings.catch_warnings():  # of features that do not matter here
        warnings.simplefilter("ignore")
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state == "veryHidden":
                continue
            layout = _layout(archive, sheet, watch)
            writer.heading(sheet.title, 1)
            sheet.reset_dimensions()  # as the file gives them, they may be wrong
            filled = write_rows(_rows(sheet, layout), writer) or filled
            doubts += _doubts(sheet.title, layout)
        title = book.properties.title or ""
        book.close()
    archive.close()
    if not filled:
        raise watch.refusal(f"{doubts[0]}" if doubts else "is empty; fill it or remove it")
    return writer.extracted(str(title), doubts=doubts)


def _layout(archive: ZipFile, sheet: Any, watch: Watch) -> _Layout:
    layout = _Layout()
    parse_part(archive, str(sheet._worksheet_path).lstrip("/"), layout, watch)
    return layout


def _rows(sheet: Any, layout: _Layout) -> Iterator[Row]:
    name = f"{sheet.title} (hidden)" if sheet.sheet_state == "hidden" else sheet.title
    covered: set[tuple[int, int]] = set()
    for number, row in enumerate(sheet.iter_rows(), 1):
        hidden = number in layout.hidden_rows
        cells: list[Cell | None] = []
        for column, cell in enumerate(row, 1):
            if (number, column) in covered:
                continue
            rows, columns = layout.merged.get((number, column), (1, 1))
            if (rows, columns) != (1, 1):
                rows, columns = min(rows, _MOST_ROWS), min(columns, _MOST_COLUMNS)
                covered |= {
                    (number + down, column + right)
                    for down in range(rows)
                    for right in range(columns)
                }
            unseen = " (hidden)" if hidden or column in layout.hidden_columns else ""
            label = f"{name}, {letters(column - 1)}{number}{unseen}"
            cells.append(Cell(_shown(cell), label, columns, rows))
        yield Row(tuple(cells), f"{name}, row {number}{' (hidden)' if hidden else ''}")


def _doubts(title: str, layout: _Layout) -> list[str]:
    if not layout.valueless:
        return []
    named = ", ".join(layout.valueless[:_NAMED])
    more = ", ..." if len(layout.valueless) > _NAMED else ""
    return [
        f"{title}: formulas were saved without their values ({named}{more}); open it in its "
        "program and save it anew"
    ]


def _column(name: str) -> int:
    number = 0
    for letter in name:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _shown(cell: Any) -> str:
    """Return the value of a cell as the sheet shows it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    number_format = str(cell.number_format)
    if isinstance(value, datetime | date | time):
        return shown_date(value, number_format)
    if isinstance(value, int | float):
        return shown_number(value, number_format)
    return str(value).strip()

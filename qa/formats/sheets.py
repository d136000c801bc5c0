"""Read XLSX and CSV: a row of the sheet is a row of a table, its first row of words the header.

Formulas are not computed: what counts is the value that the sheet was saved with.
"""

import csv
import re
import warnings
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any

from qa.formats.archive import open_archive
from qa.formats.encodings import decode
from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch

_DELIMITERS = ",;\t|"
_SAMPLE = 20  # lines that tell the delimiter
_NUMBER = re.compile(r"[\s$€£¥%+(-]*\d[\d\s.,:/%)-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PERCENT = re.compile(r"0(?:\.(0+))?%")


def read_csv(content: bytes, watch: Watch) -> Extracted:
    """Return the rows of a CSV file; ``C4`` is the place of the third cell of the fourth row."""
    found = decode(content, watch)
    writer = Writer(watch)
    rows = csv.reader(StringIO(found.text, newline=""), delimiter=_delimiter(found.text))
    _write_rows(rows, writer, watch)
    return writer.extracted(doubts=found.doubts)


def _delimiter(text: str) -> str:
    """Return the delimiter that stands most often in each of the first lines.

    >>> _delimiter("a;b,c\\n1;2\\n")
    ';'
    """
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:_SAMPLE]
    return max(_DELIMITERS, key=lambda mark: min((one.count(mark) for one in lines), default=0))


def read_xlsx(content: bytes, watch: Watch) -> Extracted:
    """Return the rows of every sheet; ``Sheet1, C4`` is the place of a cell."""
    open_archive(content, watch).close()
    from openpyxl import load_workbook

    writer, filled = Writer(watch), False
    with warnings.catch_warnings():  # of features that do not matter here
        warnings.simplefilter("ignore")
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            writer.heading(sheet.title, 1)
            sheet.reset_dimensions()  # as the file gives them, they may be wrong
            rows = ([_shown(cell) for cell in row] for row in sheet.iter_rows())
            filled = _write_rows(rows, writer, watch, f"{sheet.title}, ") or filled
        title = book.properties.title or ""
        book.close()
    if not filled:
        raise watch.refusal("is empty; fill it or remove it")
    return writer.extracted(str(title))


def _write_rows(
    rows: Iterable[Sequence[str]], writer: Writer, watch: Watch, sheet: str = ""
) -> bool:
    """Write rows; an empty one parts two tables, a lone cell above a table is a paragraph.

    Tell whether there was anything to write.
    """
    opened = written = False
    for number, row in enumerate(rows, 1):
        watch.check()
        cells = [cell.strip() for cell in row]
        filled = [column for column, cell in enumerate(cells) if cell]
        if not filled:
            opened = False
            writer.part()
            continue
        written = True
        if len(filled) == 1 and not opened:
            writer.paragraph(cells[filled[0]], f"{sheet}{_letters(filled[0])}{number}")
        else:
            kept = cells[: filled[-1] + 1]
            header = not opened and _is_header(kept)
            labels = [f"{sheet}{_letters(column)}{number}" for column in range(len(kept))]
            writer.row(kept, header=header, labels=[f"{sheet}row {number}", *labels])
            opened = True
    return written


def _is_header(cells: Sequence[str]) -> bool:
    """Tell whether a first row names columns: by words, or by years.

    >>> _is_header(["Land", "2019", "2020"]), _is_header(["Japan", "2019", "14"])
    (True, False)
    """
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    return not numbers or (len(numbers) > 1 and all(map(_YEAR.fullmatch, numbers)))


def _letters(column: int) -> str:
    """Return the name of a column, counted from 0.

    >>> _letters(0), _letters(25), _letters(26), _letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    name, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _shown(cell: Any) -> str:
    """Return the value of a cell about as the sheet shows it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        day = value.isoformat(" ", timespec="seconds")
        return day.removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        percent = _PERCENT.fullmatch(str(cell.number_format))
        if percent:
            return f"{100 * value:.{len(percent.group(1) or '')}f}%"
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    return str(value)

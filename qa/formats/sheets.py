"""Read CSV: a record is a row of a table, blank rows part tables, lone cells above are paragraphs.

Workbooks are left to `qa.formats.workbooks`, what names columns to `qa.formats.tables`.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from io import StringIO

from qa.formats.encodings import decode
from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch
from qa.formats.tables import Cell, Row, look

_DELIMITERS = "\t;|,"  # the last one stands in decimals and prose, too
_SAMPLE, _SAMPLED = 40, 200_000  # records and characters that tell the delimiter
_FIELD_LIMIT = 1 << 30  # characters; the limits of a file are tighter
_DECIMAL = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{3})*,\d+(?![\d,])")


def read_csv(content: bytes, watch: Watch) -> Extracted:
    """Return the rows of a CSV file; ``C4`` is the place of the third cell of the fourth row."""
    found = decode(content, watch)
    csv.field_size_limit(_FIELD_LIMIT)
    writer = Writer(watch)
    records = csv.reader(StringIO(found.text, newline=""), delimiter=delimiter(found.text))
    rows = (
        Row(tuple(Cell(words.strip(), f"{letters(at)}{n}") for at, words in enumerate(cells)),
            f"row {n}")
        for n, cells in enumerate(records, 1)
    )  # fmt: skip
    write_rows(rows, writer)
    return writer.extracted(doubts=found.doubts)


def delimiter(text: str) -> str:
    """Return the delimiter that gives most of the first records the same number of cells.

    >>> delimiter("a;b,c\\n1;2\\n"), delimiter('n;t\\n1;"a, b,\\nc, d"\\n')
    (';', ';')
    """
    sample = text[:_SAMPLED]
    return max(_DELIMITERS, key=lambda mark: _agreement(sample, mark))


def _agreement(sample: str, mark: str) -> tuple[int, int, int]:
    """Return how many records have the usual number of cells, more than one; whether the first
    one has; and that number.
    """
    if mark == ",":
        sample = _DECIMAL.sub("0", sample) if ";" in sample or "\t" in sample else sample
    records = csv.reader(StringIO(sample, newline=""), delimiter=mark)
    lengths = [len(cells) for _, cells in zip(range(_SAMPLE), records, strict=False)]
    found = [
        (count, int(width == lengths[0]), width)
        for width, count in Counter(lengths).items()
        if width > 1
    ]
    return max(found, default=(0, 0, 0))


def write_rows(rows: Iterable[Row], writer: Writer) -> bool:
    """Write the rows of a sheet; tell whether there was anything to write."""
    written = False
    above: list[Row] = []  # the table before the last blank row
    table: list[Row] = []
    for row in rows:
        writer.watch.check()
        if row.filled:
            table.append(row)
            continue
        above, table = _written(table, above, writer), []
        written = written or bool(above)
    return bool(_written(table, above, writer)) or written


def _written(table: list[Row], above: list[Row], writer: Writer) -> list[Row]:
    """Write a table; one that goes on below a blank row stands under the header above it."""
    if not table:
        return above
    if above and _continues(above, table):
        writer.table(table, 0)
        return above
    writer.table(table)
    return table


def _continues(above: Sequence[Row], table: Sequence[Row]) -> bool:
    """Tell whether the first row below a blank one holds what the rows above it hold."""
    width = len(above[-1].filled)
    if width < 2 or len(above) < 2 or len(table[0].filled) != width:
        return False
    pairs = [[look(cell.words) for cell in row.filled] for row in (above[-1], table[0])]
    return pairs[0] == pairs[1] and {*pairs[0]} != {"words"}


def letters(column: int) -> str:
    """Return the name of a column, counted from 0.

    >>> letters(0), letters(25), letters(26), letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    name, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(ord("A") + letter) + name
    return name

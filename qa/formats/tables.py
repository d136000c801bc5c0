"""Tell what the rows of a table are: headers, sections, data; and what cells that span belong to.

By general rules on the cells; writing the rows is left to `qa.formats.layout`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from qa.blocks import BlockKind

_MOST_HEADERS = 3  # rows
_WIDEST_SPAN = 50  # columns
_SAMPLE = 30  # rows that tell what a column holds
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[-–/]\s?\d{2,4})?")
_LOOKS = (
    ("date", re.compile(rf"\d{{4}}-\d\d?(?:-\d\d?.*)?|\d\d?[./-]\d\d?[./-]\d{{2,4}}.*"
                        rf"|(?:\d\d?\.?\s)?{_MONTH}(?:\s\d\d?,?)?\s\d{{4}}", re.I)),
    ("address", re.compile(r"\S+@\S+\.\w+|(?:https?://|www\.)\S+")),
    ("phone", re.compile(r"\+\d[\d\s()/-]{6,}")),
    ("figure", re.compile(r"[^\w]*\d[\d\s.,:/’']*\W*(?:[^\W\d_]{1,12}\W*){0,2}"
                          r"|\W*[^\W\d_]{1,4}\W*\d[\d\s.,’']*\W*")),
    ("code", re.compile(r"(?=\S*\d)\S+")),
)  # fmt: skip
# What a list of keys and values asks for, in its first column.
_KEYS = frozenset(
    "name title company organisation organization country city town street address phone telephone "
    "mobile fax email e-mail website web url manager owner contact author editor publisher date "
    "version status type category currency industry founded established employees language "
    "licence license location department director president ceo id number reference isbn vat iban "
    "bic start end duration price cost total amount colour color size weight height width length "
    "born birthday occupation nationality description notes remarks subject".split()
)


@dataclass(slots=True, eq=False)
class Cell:
    """A cell: its words, its place in the file, the columns and rows that it covers.

    A cell over several columns and rows is one and the same in each of them.
    """

    words: str
    label: str = ""
    columns: int = 1
    rows: int = 1
    is_header: bool = False


@dataclass(eq=False)
class Row:
    """The cells of a row and its place; ``is_header`` where the file says so."""

    cells: tuple[Cell | None, ...]
    label: str = ""
    is_header: bool = False

    @cached_property
    def filled(self) -> list[Cell]:
        """The cells that hold words, each once."""
        return list({id(one): one for one in self.cells if one and one.words.strip()}.values())


def spread(rows: Sequence[Row]) -> list[Row]:
    """Return rows with a cell in every column and row that it covers.

    >>> rows = [Row((Cell("Austria", rows=2), Cell("Tea"))), Row((Cell("Coffee"),))]
    >>> [[cell.words for cell in row.cells] for row in spread(rows)]
    [['Austria', 'Tea'], ['Austria', 'Coffee']]
    """
    found: list[Row] = []
    held: dict[int, tuple[Cell, int]] = {}  # by column: a cell from above, rows that it goes on
    for row in rows:
        if not held and all(one is None or one.columns == one.rows == 1 for one in row.cells):
            found.append(row)
            continue
        cells: list[Cell | None] = []
        below: dict[int, tuple[Cell, int]] = {}
        waiting = [*reversed(row.cells)]
        while waiting or held:
            run: list[tuple[Cell | None, int]] = [(None, 1)]
            if len(cells) in held:
                run = [held[len(cells)]]
            elif waiting:
                one = waiting.pop()
                run = [(one, one.rows if one else 1)] * max(one.columns if one else 1, 1)
            for cell, left in run[:_WIDEST_SPAN]:
                held.pop(len(cells), None)
                if cell is not None and left > 1:
                    below[len(cells)] = cell, left - 1
                cells.append(cell)
        found.append(replace(row, cells=tuple(cells)))
        held = below
    return found


def laid_out(rows: Sequence[Row], headers: int | None = None) -> Iterator[tuple[Row, BlockKind]]:
    """Yield the rows that hold words, each with what it is; a lone cell may be a paragraph."""
    kept = [row for row in spread(rows) if row.filled]
    width = max((len(row.filled) for row in kept), default=0)
    first, last = 0, len(kept)
    while first < last and len(kept[first].filled) < min(width, 2):
        first += 1
    while last > first and len(kept[last - 1].filled) < 2:
        last -= 1
    if width < 2:
        first = last = len(kept)
    body = kept[first:last]
    count = _marked(body) if headers is None else headers
    count = _headers(body) if count is None else count
    if count > 1:
        body[:count] = _filled_across(body[:count])
    yield from ((row, BlockKind.PARAGRAPH) for row in kept[:first])
    for number, row in enumerate(body):
        if number < count:
            yield row, BlockKind.TABLE_HEADER
        else:
            is_section = len(row.filled) == 1 and row.cells[0] is row.filled[0]
            yield row, BlockKind.TABLE_SECTION if is_section else BlockKind.TABLE_ROW
    yield from ((row, BlockKind.PARAGRAPH) for row in kept[last:])


def _marked(rows: Sequence[Row]) -> int | None:
    """Return how many header rows the file itself names, None where it names none."""
    count = 0
    while count < len(rows) and _is_marked(rows[count]):
        count += 1
    if count == len(rows):
        return min(count, 1) or None
    if count:
        return count
    named = any(cell.is_header for row in rows for cell in row.filled)
    return 0 if named else None  # headers in the first column alone


def _is_marked(row: Row) -> bool:
    """Tell whether all cells of a row are headers, or all but an empty or a first one."""
    if row.is_header:
        return True
    marks = [cell.is_header for cell in row.filled]
    return len(marks) > 1 and all(marks)


def _headers(rows: Sequence[Row]) -> int:
    """Return how many first rows name columns rather than hold data, by what columns hold."""
    if len(rows) < 2:
        return 0
    count = 0
    while count < min(_MOST_HEADERS, len(rows) - 1) and _names_columns(rows, count):
        count += 1
        if not _goes_on(rows, count):
            break
    return count


def _goes_on(rows: Sequence[Row], count: int) -> bool:
    """Tell whether the row above is a header over several columns or rows of header."""
    above, below = rows[count - 1].cells, rows[count].cells
    over = any(one is two for one, two in pairwise(above) if one)
    down = any(one is two for one, two in zip(above, below, strict=False) if one)
    gaps = any(_words(below, at) for at in range(1, len(below)) if not _words(above, at))
    return over or down or (gaps and not (_words(above, 0) and _words(below, 0)))


def _names_columns(rows: Sequence[Row], at: int) -> bool:
    """Tell whether a row differs from those below as names of columns do."""
    names = [_words(rows[at].cells, column) for column in range(len(rows[at].cells))]
    looks = [look(name) for name in names]
    if _is_keyed(rows[at:]):
        return False
    named = [look for look, name in zip(looks, names, strict=True) if name]
    years = [name for name in names if _YEAR.fullmatch(name)]
    if len(years) > 1 and named.count("words") + len(years) == len(named):
        return True
    below = rows[at + 1 : at + 1 + _SAMPLE]
    for column, name in enumerate(names):
        held = [words for row in below if (words := _words(row.cells, column))]
        usual = Counter(map(look, held)).most_common(1)
        if name and (
            name in held or (looks[column] != "words" and usual and usual[0][0] == looks[column])
        ):
            return False
    return "words" in named


def _is_keyed(rows: Sequence[Row]) -> bool:
    """Tell whether rows of two cells are keys and their values: Company, Acme Ltd; Phone, ..."""
    pairs = [row.filled for row in rows if len(row.filled) > 1]
    if not pairs or any(len(pair) > 2 for pair in pairs):
        return False
    keys = [pair[0].words.strip().rstrip(":").casefold() for pair in pairs]
    if len(set(keys)) < len(keys):
        return False
    known = sum(bool(_KEYS & {*key.replace("_", " ").split()}) for key in keys[1:])
    colons = sum(pair[0].words.strip().endswith(":") for pair in pairs)
    kinds = {look(pair[1].words) for pair in pairs[1:]}
    return 2 * known > len(keys) - 1 or 2 * colons > len(pairs) or len(kinds) > 2


def _filled_across(rows: Sequence[Row]) -> list[Row]:
    """Let a header above empty cells cover them, where a header stands below them."""
    found = list(rows)
    for number, row in enumerate(rows[:-1]):
        below = rows[number + 1].cells
        first = 1 if _words(below, 0) else 2  # nothing runs out of the corner above row names
        cells = [*row.cells, *[None] * (len(below) - len(row.cells))]
        for at in range(first, len(cells)):
            if not _words(cells, at) and _words(below, at):
                cells[at] = cells[at - 1]
        found[number] = replace(row, cells=tuple(cells))
    return found


def _words(cells: Sequence[Cell | None], column: int) -> str:
    """Return the words of a cell, none where there is no cell."""
    cell = cells[column] if column < len(cells) else None
    return cell.words.strip() if cell else ""


def look(words: str) -> str:
    """Return what a cell looks like: figure, date, address, phone, code, words.

    >>> [look(one) for one in ("3 euros", "2024-05-01", "Acme Ltd", "$1,200", "de93fe")]
    ['figure', 'date', 'words', 'figure', 'code']
    """
    stripped = words.strip()
    return next((name for name, form in _LOOKS if form.fullmatch(stripped)), "words")

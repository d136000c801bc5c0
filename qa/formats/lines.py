"""Put the runs of characters on a page in the order in which a person reads them.

Runs that stand side by side are columns, which are read one after the other, or cells of a row.
What the lines make, paragraphs or headings, is left to `qa.formats.pages`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from qa.formats.layout import tidy

_MARK = re.compile(r"[•·▪◦‣●○■□–*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,5})[.)]")
_FULL = 0.65  # of the width of its column, that a line of prose usually fills
_PROSE = 20  # characters that it usually has
_FEWEST_ROWS = 3  # of two columns of prose
_REACH = 3.0  # line heights down to the next row of the same columns
_FIELD = 10.0  # points
_GARBLED = 0.3  # of the characters of a line, that may be without a letter

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its words, its edges and height in points, what cells it has as a row."""

    words: str
    left: float
    bottom: float
    right: float
    top: float
    is_bold: bool = False
    cells: tuple[str, ...] = ()
    field: str = ""
    garbled: int = 0

    @property
    def height(self) -> float:
        """How tall its letters are, from the lowest to the highest."""
        return max(self.top - self.bottom, 1.0)


_Row = list[Line]


def read_page(runs: Sequence[Any]) -> list[Line]:
    """Return the lines of a page, column after column; a row of a table is one line."""
    turned = Counter[int]()
    for run in runs:
        turned[run[5]] += len(run[0])
    found: list[Line] = []
    for turns, _ in turned.most_common():
        pieces = [_line(run) for run in runs if run[5] == turns and run[0].strip()]
        found += _ordered(_placed(pieces))
    return found


def _line(run: Any) -> Line:
    words, (left, bottom, right, top), is_bold, garbled, field, _ = run
    if field:  # as tall as its frame, which is no heading
        top = min(top, bottom + _FIELD)
    return Line(tidy(words), left, bottom, right, top, is_bold, (), field, garbled)


def _placed(pieces: Sequence[Line]) -> list[_Row]:
    """Return rows in the order of the file, or by height where that jumps up within a column."""
    rows = _rows([piece for piece in pieces if not piece.field])
    above = pairwise(rows)
    ups = [(one, two) for one, two in above if two[0].bottom > one[0].top]
    disordered = [two for one, two in ups if two[0].left < one[-1].right]
    values = [piece for piece in pieces if piece.field]
    if values or (disordered and len(disordered) == len(ups)):
        flat = sorted((piece for row in rows for piece in row), key=lambda one: -one.top)
        rows = _rows(flat)
    for value in values:
        _place_value(rows, value)
    return rows


def _rows(pieces: Sequence[Line]) -> list[_Row]:
    rows: list[_Row] = []
    for piece in pieces:
        if rows and any(_level(piece, other) for other in rows[-1]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda one: one.left)
    return rows


def _level(one: Line, other: Line) -> bool:
    """Tell whether two runs stand in one line, side by side."""
    both = min(one.top, other.top) - max(one.bottom, other.bottom)
    beside = min(one.right, other.right) - max(one.left, other.left) < one.height / 2
    return beside and both > 0.5 * min(one.height, other.height)


def _place_value(rows: list[_Row], value: Line) -> None:
    """Put the value of a field into its row, or below what stands above it, with its name."""
    for row in rows:
        if any(_level(value, other) for other in row):
            row.append(value)
            row.sort(key=lambda one: one.left)
            return
    at = next((at for at, row in enumerate(rows) if row[0].top < value.top), len(rows))
    if at and rows[at - 1][-1].words.endswith(":") and _is_near(rows[at - 1][-1], value):
        rows[at - 1].append(value)
    else:
        rows.insert(at, [value])


def _is_near(above: Line, below: Line) -> bool:
    return above.bottom - below.top < 3 * above.height


def _ordered(rows: Sequence[_Row]) -> list[Line]:
    found: list[Line] = []
    place = 0
    while place < len(rows):
        stop = _zone(rows, place)
        zone = [_marked(row) for row in rows[place:stop]]
        found += _columns(zone) if stop - place > 1 else [_joined(zone[0])]
        place = stop
    return found


def _zone(rows: Sequence[_Row], place: int) -> int:
    """Return where rows end that have columns: a lone run among them keeps to one of those."""
    last = place
    if len(_marked(rows[place])) > 1:
        for at in range(place + 1, len(rows)):
            above, row = rows[at - 1], rows[at]
            if not 0 <= above[0].bottom - row[0].bottom <= _REACH * row[0].height:
                break
            if len(_marked(row)) > 1:
                last = at
            elif at - last > 2 or not _keeps(row[0], rows[place : last + 1]):
                break
    return last + 1


def _keeps(lone: Line, rows: Sequence[_Row]) -> bool:
    intervals = _intervals(rows)
    return sum(lone.left < right and lone.right > left for left, right in intervals) == 1


def _marked(row: _Row) -> _Row:
    """Return a row whose first run, a mark of a list, is one with the next."""
    if len(row) > 1 and _MARK.fullmatch(row[0].words):
        return [_joined(row[:2]), *row[2:]]
    return row


def _intervals(rows: Sequence[_Row]) -> list[Interval]:
    """Return the columns that runs of rows with several of them fill, from the left."""
    found: list[Interval] = []
    for left, right in sorted((one.left, one.right) for row in rows if len(row) > 1 for one in row):
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _columns(rows: Sequence[_Row]) -> list[Line]:
    intervals = _intervals(rows)
    if len(intervals) < 2:
        return [_joined(row) for row in rows]
    columns = [
        [one for row in rows for one in row if one.left < right and one.right > left]
        for left, right in intervals
    ]
    if len(rows) >= _FEWEST_ROWS and all(map(_is_prose, columns, intervals)):
        return [line for column in columns for line in column]
    return [_with_cells(row, intervals) for row in rows]


def _is_prose(column: Sequence[Line], interval: Interval) -> bool:
    width = interval[1] - interval[0]
    filled = median((line.right - line.left) / width for line in column)
    return filled >= _FULL and median(len(line.words) for line in column) >= _PROSE


def _with_cells(row: _Row, intervals: Sequence[Interval]) -> Line:
    cells = (
        " ".join(one.words for one in row if left <= (one.left + one.right) / 2 <= right)
        for left, right in intervals
    )
    return _joined(row, tuple(cells))


def _joined(row: _Row, cells: tuple[str, ...] = ()) -> Line:
    if len(row) == 1 and row[0].field.strip() and not cells:
        row = [_named(row[0])]
    return Line(
        " ".join(one.words for one in row),
        row[0].left,
        min(one.bottom for one in row),
        max(one.right for one in row),
        max(one.top for one in row),
        all(one.is_bold for one in row),
        cells,
        garbled=sum(one.garbled for one in row),
    )


def _named(value: Line) -> Line:
    """Return a value that stands alone, with the name of its field."""
    return Line(
        f"{tidy(value.field)}: {value.words}", value.left, value.bottom, value.right, value.top
    )


def is_garbled(line: Line) -> bool:
    """Tell whether too many characters of a line stand for no letter that is known."""
    private = sum(0xE000 <= ord(letter) < 0xF900 for letter in line.words)
    return max(line.garbled, private) > _GARBLED * len(line.words)

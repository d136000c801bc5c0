"""Read JSON and notebooks: a record is a row or a paragraph of its fields, a cell prose or code."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qa.formats.encodings import decode
from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch
from qa.formats.tables import Cell, Row

_WIDEST = 200  # characters of a value that still fits a cell
_MOST_COLUMNS = 50
_DEEPEST = 20  # levels of values within values
_SAMPLE = 100  # records that tell whether all have the same fields

_Fields = list[tuple[str, str]]


def read_json(content: bytes, watch: Watch) -> Extracted:
    """Return the records of a JSON file, one document or one a line."""
    found = decode(content, watch)
    writer = Writer(watch)
    try:
        values = [_parsed(found.text)]
    except ValueError:
        values = list(_lines(found.text, watch))
    records = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    if len(records) == 1 and isinstance(records[0], dict):
        for name, value in records[0].items():
            watch.check()
            _write(_listed(value), writer, watch, str(name))
    else:
        _write(records, writer, watch, "")
    return writer.extracted(doubts=found.doubts)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _lines(text: str, watch: Watch) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        watch.check()
        if line.strip():
            try:
                yield _parsed(line)
            except ValueError as error:
                raise watch.refusal(
                    f"is no JSON (line {number}: {error}); mend it, or save it as text"
                ) from error


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _write(records: Sequence[Any], writer: Writer, watch: Watch, name: str) -> None:
    """Write records of the same short fields as a table, others as paragraphs."""
    if name and any(isinstance(one, dict | list) for one in records):
        writer.heading(name, 1)
        name = ""
    flat = [_fields(one, watch) for one in records]
    columns = list(dict.fromkeys(key for fields in flat[:_SAMPLE] for key, _ in fields))
    alike = len(flat) > 1 and len(columns) in range(2, _MOST_COLUMNS)
    if alike and all(_fits(fields, columns) for fields in flat):
        rows = [Row(tuple(Cell(key) for key in columns), is_header=True)]
        for number, fields in enumerate(flat, 1):
            held = dict(fields)
            cells = tuple(Cell(held[key]) if held.get(key) else None for key in columns)
            rows.append(Row(cells, f"record {number}"))
        writer.table(rows)
        return
    for number, fields in enumerate(flat, 1):
        label = f"record {number}" if len(flat) > 1 else None
        lines = [f"{key or name}: {words}" if key or name else words for key, words in fields]
        writer.paragraph("\n".join(lines), label)


def _fits(fields: _Fields, columns: Sequence[str]) -> bool:
    return all(key in columns and len(words) <= _WIDEST for key, words in fields)


def _fields(value: Any, watch: Watch) -> _Fields:
    """Return the values within a value, each under the names that lead to it."""
    found: _Fields = []
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        watch.check()
        name, one, depth = waiting.pop()
        if isinstance(one, dict) and depth < _DEEPEST:
            inner = [(f"{name}.{key}" if name else str(key), part) for key, part in one.items()]
            waiting += [(key, part, depth + 1) for key, part in reversed(inner)]
        elif isinstance(one, list) and depth < _DEEPEST:
            if all(not isinstance(part, dict | list) for part in one):
                found.append((name, "; ".join(_shown(part) for part in one)))
            else:
                waiting += [(name, part, depth + 1) for part in reversed(one)]
        elif _shown(one).strip():
            found.append((name, _shown(one)))
    return found


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def read_notebook(content: bytes, watch: Watch) -> Extracted:
    """Return the cells of a Jupyter notebook: prose, code, and the text that it put out."""
    found = decode(content, watch)
    try:
        cells = _parsed(found.text)["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise watch.refusal("is no Jupyter notebook; remove or rename it") from error
    writer = Writer(watch)
    for cell in cells if isinstance(cells, list) else ():
        watch.check()
        if not isinstance(cell, Mapping):
            continue
        source = _joined(cell.get("source"))
        if cell.get("cell_type") == "code":
            writer.code(source)
            for output in _listed(cell.get("outputs") or []):
                writer.code(_printed(output))
        else:
            writer.plain(source)
    return writer.extracted(doubts=found.doubts)


def _printed(output: Any) -> str:
    if not isinstance(output, Mapping):
        return ""
    data = output.get("data")
    plain = data.get("text/plain") if isinstance(data, Mapping) else None
    return _joined(output.get("text") or plain)


def _joined(lines: Any) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")

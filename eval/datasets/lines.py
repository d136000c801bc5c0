"""Read text files line by line, plain or ``.xz``, and keep track of line numbers.

A byte order mark, Windows line ends and blank lines are accepted. What a line must hold is left to
the readers of gold, SQuAD and BEIR files.
"""

import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.schema import EvalError

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line; ``line`` counts from 1."""

    line: int
    message: str


class LineError(EvalError):
    """Name every line of a file that cannot be used, by its number."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        head = f"{path}: {len(self.problems)} line(s) cannot be used; nothing was scored"
        shown = [f"  line {p.line}: {p.message}" for p in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            shown.append(f"  ... and {len(self.problems) - _SHOWN} more")
        super().__init__("\n".join([head, *shown]))


def read_bytes(path: Path) -> bytes:
    """Return the content of a file, decompressed if its name ends in ``.xz``."""
    try:
        content = path.read_bytes()
        return lzma.decompress(content) if path.suffix == ".xz" else content
    except lzma.LZMAError as error:
        raise EvalError(f"{path}: no valid .xz file ({error}); pack it again") from error
    except OSError as error:
        raise EvalError(f"{path}: cannot be read ({error.strerror or error})") from error


def decode(content: bytes, path: Path) -> str:
    """Return ``content`` as text; raise `LineError` at the first byte that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8 (byte 0x{content[error.start]:02x}); convert the file to UTF-8"
        raise LineError(path, [Problem(line, message)]) from error


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, each with its number from 1.

    >>> list(numbered_lines("a\\r\\n\\nb"))
    [(1, 'a'), (3, 'b')]
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def paragraphs(path: Path) -> Iterator[str]:
    """Yield the lines that are not blank of a file too large to hold, plain or ``.xz``."""
    try:
        opened = lzma.open if path.suffix == ".xz" else open
        with opened(path, "rt", encoding="utf-8", newline="\n") as lines:
            yield from (line.rstrip("\r\n") for line in lines if line.strip())
    except (OSError, ValueError, lzma.LZMAError) as error:
        raise EvalError(f"{path}: cannot be read ({error})") from error


def parse_object(line: str) -> dict[str, Any]:
    """Return the JSON object on a line; raise `ValueError` with the reason if there is none."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"no valid JSON ({error.msg} at column {error.colno})") from error
    if not isinstance(row, dict):
        raise ValueError(f"a JSON object is needed, not {type(row).__name__}")
    return row


def text_field(row: dict[str, Any], name: str) -> str:
    """Return a field that must hold text that is not blank; raise `ValueError` with the reason."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        found = f"it is {value!r}" if name in row else f"the line has {', '.join(row) or 'nothing'}"
        raise ValueError(f'"{name}" must be a text that is not empty; {found}')
    return value


def identifier(row: dict[str, Any], name: str, seen: dict[str, int], line: int) -> str:
    """Return the id of a row, a text or a whole number, and record its line in ``seen``.

    Raise `ValueError` if it is missing or was used on an earlier line.
    """
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError(f'"{name}" must be a text or a number that names the line')
    key = str(value)
    if key in seen:
        raise ValueError(f"the id {key!r} stands on line {seen[key]} already")
    seen[key] = line
    return key

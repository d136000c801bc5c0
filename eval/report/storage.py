"""Keep a report as JSON: turn its frozen dataclasses into plain values and back.

This is the one place where dicts are made of them. Their field names are the names in the file.
What the fields mean is left to `eval.report.build`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from eval.console import write_text
from eval.report.build import FORMAT, Report
from eval.schema import EvalError

_T = TypeVar("_T")
_DIGITS = 4
_MENDING = "make it anew with --update-baseline"


def save_report(report: Report, path: Path) -> None:
    """Write a report as JSON with one question per line, so that a diff is easy to read."""
    fields = to_plain(report)
    lines = ",\n".join(f"{_json(name)}: {_lines(value)}" for name, value in fields.items())
    write_text(path, f"{{\n{lines}\n}}\n")


def _lines(value: object) -> str:
    """Return JSON with each object of a list on its own line."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(_json(each) for each in value) + "\n]"
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def load_report(path: Path) -> Report:
    """Return a report that `save_report` wrote; raise `EvalError` if the file holds none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        found = value.get("format") if isinstance(value, dict) else None
        if found != FORMAT:
            raise ValueError(f"its format is {found!r}, this version reads {FORMAT}")
        return from_plain(Report, value)
    except FileNotFoundError as error:
        raise EvalError(f"{path}: there is no such report; {_MENDING}") from error
    except (OSError, ValueError) as error:
        raise EvalError(f"{path}: no report that can be used ({error}); {_MENDING}") from error


def to_plain(value: Any) -> Any:
    """Return a dataclass as dicts, lists, texts and numbers; fractions keep four digits."""
    return _plain(asdict(value))


def from_plain(kind: type[_T], value: object, where: str = "report") -> _T:
    """Return an instance of the dataclass ``kind``; raise `ValueError` naming a wrong field.

    Unknown and missing fields are refused, so that an old or edited file is never half read.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{where} must be an object, not {type(value).__name__}")
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    odd = sorted(set(names) ^ set(value))
    if odd:
        raise ValueError(f"{where} lacks or does not know {', '.join(odd)}")
    return kind(**{name: _typed(hints[name], value[name], f"{where}.{name}") for name in names})


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return round(value, _DIGITS) if isinstance(value, float) else value


def _typed(kind: Any, value: object, where: str) -> Any:
    options = get_args(kind)
    if NoneType in options:
        if value is None:
            return None
        kind = next(option for option in options if option is not NoneType)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), value, where)
    if is_dataclass(kind) and isinstance(kind, type):
        return from_plain(kind, value, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise ValueError(f"{where} must be {kind.__name__}, not {value!r}")
    return value


def _tuple(kinds: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{where} must be a list, not {type(value).__name__}")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise ValueError(f"{where} must hold {len(kinds)} values, not {len(value)}")
    pairs = enumerate(zip(kinds, value, strict=True))
    return tuple(_typed(kind, item, f"{where}[{number}]") for number, (kind, item) in pairs)

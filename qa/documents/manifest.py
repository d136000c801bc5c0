"""Read what a ``manifest.json`` says of the files beside it: titles, publishers, dates.

The manifest is an object whose ``documents`` is a list of objects of strings (or nulls), each with
a ``file``: ``{"documents": [{"file": "a.txt", "title": "...", "date": "2024-07"}]}``. Whether a
file is as it was when the manifest was written is left to `qa.documents.loading`.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

MANIFEST = "manifest.json"


def read_manifest(folder: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return each file's fields by its source, and what is wrong with the manifest."""
    try:
        file = folder / MANIFEST
        if file.exists() and not file.is_file():  # a pipe would be waited for
            return {}, [f"{MANIFEST}: is no regular file; the files were read without it"]
        content = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{MANIFEST}: cannot be read ({error}); the files were read without it"]
    try:
        rows = json.loads(content)["documents"]
        fields = {
            same_name(str(row["file"])): {
                str(key): str(value)
                for key, value in row.items()
                if key != "file" and value is not None
            }
            for row in rows
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}, [
            f"{MANIFEST}: is not the JSON that was expected, "
            '{"documents": [{"file": "a.txt", "title": "..."}]}; the files were read without it'
        ]
    return fields, []


def same_name(source: str) -> str:
    """Return a file's name in the form in which names are compared: some disks part accents.

    >>> same_name("cafe\u0301.txt") == same_name("caf\u00e9.txt")
    True
    """
    return unicodedata.normalize("NFC", source)


def unmatched(described: Mapping[str, object], read: Iterable[str], folder: Path) -> list[str]:
    """Return a line for each file that the manifest names and the folder does not hold."""
    return [
        f"{MANIFEST}: names {name}, which is not in the folder; remove the entry"
        for name in sorted(set(described) - set(map(same_name, read)))
        if not (folder / name).exists()
    ]

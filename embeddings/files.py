"""Read the files of a model's folder and check them against its ``checksums.json``, if any.

What the files mean is left to the encoders.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from embeddings.errors import ModelLoadError

CHECKSUMS = "checksums.json"
FORMAT = 1


def read_json(path: Path) -> object:
    """Return the content of a JSON file, or raise `ModelLoadError` if it is not JSON."""
    try:
        content: object = json.loads(read_bytes(path))
    except ValueError as error:
        raise ModelLoadError(
            f"Damaged model: {path} is not JSON ({error}). {remedy(path)}"
        ) from error
    return content


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, or raise `ModelLoadError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise ModelLoadError(f"Model file missing: {path} ({reason}). {remedy(path)}") from error


def remedy(path: Path) -> str:
    """Return what to do about a model whose file at this path is missing or damaged."""
    return f"Copy {path.parent} again from its source; if it is the bundled model, reinstall."


def write_checksums(folder: Path) -> None:
    """Write ``checksums.json``: the sha256 of every other file of a model."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != CHECKSUMS
    )
    files = {name: sha256((folder / name).read_bytes()) for name in names}
    text = json.dumps({"format": FORMAT, "files": files}, indent=2) + "\n"
    (folder / CHECKSUMS).write_text(text, encoding="utf-8", newline="\n")


def check(folder: Path, sums: Mapping[str, str]) -> None:
    """Compare files, given as name to sha256, with the folder's checksums, if it has them.

    Raises:
        ModelLoadError: a file does not match, or the checksums have an unknown format.
    """
    path = folder / CHECKSUMS
    if not path.exists():
        return
    manifest = read_json(path)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelLoadError(
            f"Unknown format of {path}: this version reads format {FORMAT}. "
            "Upgrade this package, or use a model made for it."
        )
    expected = manifest.get("files")
    for name, found in sums.items():
        if not isinstance(expected, dict) or expected.get(name) != found:
            raise ModelLoadError(
                f"Damaged model: {folder / name} has sha256 {found}, which is not the one in "
                f"{CHECKSUMS}. {remedy(folder / name)}"
            )


def sha256(content: bytes) -> str:
    """Return the sha256 of some bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()

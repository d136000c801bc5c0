"""Swap the files of an index so that a kill at any moment leaves the old ones or the new ones.

    DIR/manifest.json       names the generation that counts, and the checksums of its parts
    DIR/generation-.../     the parts, and a copy of the manifest

A change is written whole as a new generation and flushed to the disk; then the manifest is replaced
in one step, and older generations are removed. Readers lock nothing: they open every file of an
index, which is theirs until they close it, and open anew where a writer removed one meanwhile. On
Windows, where an open file cannot be replaced or removed, a writer that meets a reader is refused
and the old index stays, or leaves an old generation to the next writer. What the parts hold is left
to `qa.index.store`.
"""

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from qa.errors import StoreError

FORMAT = 6
CHECKED = 64_000_000  # bytes; of an index that is larger, opening checks only the sizes
MANIFEST = "manifest.json"
PATIENCE = 10.0  # seconds that a writer waits for another one
_LOCK, _NEXT = ".lock", "next.json"
_BLOCK = 1 << 20  # bytes
_NAME = re.compile(r"generation-[0-9a-f]{32}")

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of an index: the folder of its parts, and what its manifest says."""

    home: Path
    manifest: Mapping[str, Any]

    def check(self, names: Collection[str], *, every_byte: bool = False) -> None:
        """Raise `ValueError` or `OSError` for a part that is missing or not as it was written.

        Of an index above `CHECKED`, sizes are compared, and checksums only if ``every_byte`` is to
        be: reading it all would take longer than answering.
        """
        root = self.home.resolve()
        sizes = {name: (self.home / name).stat().st_size for name in names}
        every_byte = every_byte or sum(map(int, self.manifest["sizes"].values())) <= CHECKED
        for name in names:
            file = (self.home / name).resolve()
            if not file.is_relative_to(root):
                raise ValueError(f"{name} leads out of the index")
            if name not in self.manifest["checksums"]:
                raise ValueError(f"{name} is not listed")
            if sizes[name] != self.manifest["sizes"].get(name):
                raise ValueError(f"{name} does not have its size")
            if every_byte and _digest(file) != self.manifest["checksums"][name]:
                raise ValueError(f"{name} does not match its checksum")

    def parts(self) -> set[str]:
        """Return the names of all parts, those that are listed and those that are there."""
        return {*self.manifest["checksums"], *_files(self.home)} - {MANIFEST}


def current(folder: Path) -> Generation:
    """Return the generation that counts; raise `StoreError`, with the remedy, for none."""
    content = _content(folder / MANIFEST)
    manifest = _parsed(content)
    homes = _homes(folder)
    home = next((one for one in homes if content and _content(one / MANIFEST) == content), None)
    if homes and home is None:
        raise StoreError(f"{folder}: {MANIFEST} is damaged; mend it: {mend(folder)}")
    if "format" not in manifest:
        raise StoreError(
            f"{folder}: is no index (no readable {MANIFEST}); make one: {anew(folder)}"
        )
    if manifest["format"] != FORMAT or home is None:
        raise StoreError(
            f"{folder}: has format {manifest['format']!r}, this version reads {FORMAT}; "
            f"make it again: {anew(folder)}"
        )
    return Generation(home, manifest)


def survivors(folder: Path) -> Iterator[Generation]:
    """Yield what may be left of a damaged index: what the manifest names, then the newest."""
    homes = sorted(_homes(folder), key=lambda home: home.stat().st_mtime, reverse=True)
    for content in map(_content, [folder / MANIFEST, *(home / MANIFEST for home in homes)]):
        manifest = _parsed(content)
        home = folder / str(manifest.get("generation"))
        if home in homes and manifest.get("format") == FORMAT:
            yield Generation(home, manifest)


def settled(folder: Path, read: Callable[[], Read]) -> Read:
    """Return what ``read`` returns; where a writer replaced the index meanwhile, read again."""
    while True:
        before = _content(folder / MANIFEST)
        try:
            return read()
        except StoreError:
            if _content(folder / MANIFEST) == before:
                raise


@contextmanager
def writing(folder: Path, wait: float = PATIENCE) -> Iterator[None]:
    """Keep other writers out, and remove what killed ones left.

    Raise `StoreError` where another stays in for ``wait`` seconds.
    """
    from filelock import FileLock, Timeout

    if not folder.is_dir():
        raise StoreError(f"{folder}: is no index; make one: {anew(folder)}")
    try:
        with FileLock(folder / _LOCK, timeout=wait):
            _clean(folder)
            yield
    except Timeout as error:
        raise StoreError(
            f"{folder}: another command is changing this index; try again when it is done, or "
            "wait for it longer: --wait SECONDS"
        ) from error
    except OSError as error:
        raise unwritable(folder, error) from error


def write_generation(folder: Path, fill: Callable[[Path], None], facts: Mapping[str, Any]) -> None:
    """Let ``fill`` write the parts into a folder, and make it the generation that counts.

    The caller keeps other writers out. ``facts`` go into the manifest.
    """
    home = folder / f"generation-{uuid.uuid4().hex}"
    try:
        home.mkdir()
        fill(home)
        checksums = {name: _digest(home / name) for name in _files(home)}
        sizes = {name: (home / name).stat().st_size for name in checksums}
        made = {"format": FORMAT, "generation": home.name}
        manifest = {**made, **facts, "sizes": sizes, "checksums": checksums}
        content = json.dumps(manifest, indent=1).encode() + b"\n"
        for name in (MANIFEST, _NEXT):
            (home / name).write_bytes(content)
        for path in (*home.rglob("*"), home):
            _flush(path)
        (home / _NEXT).replace(folder / MANIFEST)
        _flush(folder)
    finally:
        _clean(folder, home)


def is_free(folder: Path) -> bool:
    """Tell whether a folder is empty, or an index, whole or not, and nothing besides."""
    if not folder.is_dir():
        return False
    names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
    homes = {home.name for home in _homes(folder)}
    return names <= {MANIFEST, *homes} and (bool(homes) or MANIFEST not in names)


def mend(folder: Path) -> str:
    """Return the command that makes the derived parts of an index again."""
    return f"qa repair --index {folder}"


def anew(folder: Path) -> str:
    """Return the command that makes an index from its documents."""
    return f"qa index FOLDER --out {folder}"


def unwritable(folder: Path, error: OSError) -> StoreError:
    """Return the error for a folder that cannot be written."""
    reason = error.strerror or str(error)
    return StoreError(
        f"{folder}: the index cannot be written ({reason}); free the place or choose another"
    )


def _clean(folder: Path, written: Path | None = None) -> None:
    """Remove every generation but the one that counts; where none does, only ``written``."""
    try:
        kept = current(folder).home
    except StoreError:
        kept = None
    for home in _homes(folder):
        if home != kept and (kept is not None or home == written):
            shutil.rmtree(home, ignore_errors=True)


def _homes(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if _NAME.fullmatch(entry.name))
    except OSError:
        return []


def _files(home: Path) -> list[str]:
    """Return the names of the files below a folder, hidden ones aside."""
    found = (file for file in home.rglob("*") if not file.is_dir())
    return sorted(
        file.relative_to(home).as_posix() for file in found if not file.name.startswith(".")
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    listed = isinstance(manifest, dict) and (manifest.get("sizes"), manifest.get("checksums"))
    return manifest if listed and all(isinstance(part, dict) for part in listed) else {}


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    """Have a file or folder written to the disk; Windows flushes no folders."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

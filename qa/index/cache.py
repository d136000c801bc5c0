"""Keep indexes that can be made again where the operating system keeps caches.

A cache that cannot be read or written is ignored: that costs time and nothing else. What an index
holds is left to `qa.index.store`.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from embeddings import Encoder
from qa.documents import Snapshot
from qa.errors import StoreError
from qa.index.build import Index, settings_digest
from qa.index.generations import FORMAT
from qa.index.store import open_index, save_index

_KEPT = 32  # indexes; the least recently used are removed
_INDEX, _PROBLEMS = "index", "problems.json"
_ROOMS = ("schema", "text", "formats", "documents")  # of `qa`, that decide what an index holds
# Libraries that find text in files.
_PARSERS = ("charset-normalizer", "openpyxl", "pypdfium2", "striprtf")


def cache_folder() -> Path:
    """Return where cached indexes lie; the variable QA_CACHE_DIR names another place."""
    chosen = os.environ.get("QA_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser() / "indexes"
    from platformdirs import user_cache_path

    return user_cache_path("extractive-qa", appauthor=False) / "indexes"


def cache_key(snapshot: Snapshot, encoder: Encoder) -> str:
    """Return a digest of everything that a cached index depends on."""
    parts = [settings_digest(encoder, FORMAT), _code(), snapshot.digest]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a digest of what finds text in files and cuts it: our code, the parsers' versions."""
    digest = hashlib.sha256()
    home = Path(str(files("qa")))
    for file in sorted(file for room in _ROOMS for file in (home / room).rglob("*.py")):
        digest.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes())
    for name in _PARSERS:
        with contextlib.suppress(PackageNotFoundError):
            digest.update(f"{name} {version(name)}".encode())
    return digest.hexdigest()


def cached_index(key: str, encoder: Encoder) -> tuple[Index, tuple[str, ...]] | None:
    """Return the cached index and the problems of its files, or None where none is whole."""
    entry = cache_folder() / key
    try:
        problems = json.loads((entry / _PROBLEMS).read_bytes())
        if not isinstance(problems, list):
            return None
        index = open_index(entry / _INDEX, encoder)
    except (StoreError, OSError, ValueError):
        return None
    with contextlib.suppress(OSError):
        os.utime(entry)
    return index, tuple(map(str, problems))


def keep_index(key: str, index: Index, problems: Sequence[str], encoder: Encoder) -> None:
    """Cache an index, and drop those unused for longest; do nothing where that is impossible."""
    entry = cache_folder() / key
    with contextlib.suppress(StoreError, OSError):
        save_index(index, entry / _INDEX, encoder, wait=0)
        (entry / _PROBLEMS).write_text(json.dumps(list(problems)), encoding="utf-8")
        entries = [one for one in entry.parent.iterdir() if not one.name.startswith(".")]
        for old in sorted(entries, key=lambda one: one.stat().st_mtime)[:-_KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def clear_cache() -> int:
    """Remove every cached index and return how many there were.

    Raise `StoreError` where one cannot be removed.
    """
    folder = cache_folder()
    if not folder.is_dir():
        return 0
    entries = list(folder.iterdir())
    for entry in entries:
        try:
            shutil.rmtree(entry)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreError(f"{entry}: cannot be removed ({error.strerror})") from error
    return sum(not entry.name.startswith(".") for entry in entries)

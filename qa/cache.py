"""Keep indexes that can be made again where the operating system keeps caches.

A cache that cannot be read or written is passed over: it may only cost time. What an index
holds is left to `qa.store`.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from embeddings import Encoder
from qa.errors import StoreError
from qa.index import Index
from qa.schema import Document
from qa.store import open_index, save_index, settings_fingerprint

_KEPT = 32  # indexes; the least recently used are removed


def cache_folder() -> Path:
    """Return where cached indexes lie; the variable QA_CACHE_DIR names another place."""
    chosen = os.environ.get("QA_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser() / "indexes"
    from platformdirs import user_cache_path

    return user_cache_path("extractive-qa", appauthor=False) / "indexes"


def cache_key(documents: Sequence[Document], encoder: Encoder) -> str:
    """Return a digest of everything that a cached index depends on."""
    digest = hashlib.sha256(f"{settings_fingerprint(encoder)} {_code()}".encode())
    for one in documents:
        fields = (one.id, one.title, one.source, one.sha256, one.location, one.text)
        for field in (*fields, *map(str, one.metadata), *map(str, one.places)):
            digest.update(field.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:32]


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a digest of this package's code: another version may split documents otherwise."""
    digest = hashlib.sha256()
    for file in sorted(files("qa").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def cached_index(documents: Sequence[Document], encoder: Encoder) -> Index | None:
    """Return the cached index of these documents, or None where there is none that is whole."""
    folder = cache_folder() / cache_key(documents, encoder)
    try:
        index = open_index(folder, encoder)
    except (StoreError, OSError):
        return None
    with contextlib.suppress(OSError):
        os.utime(folder)
    return index


def keep_index(index: Index, encoder: Encoder) -> None:
    """Cache an index, and drop those unused for longest; do nothing where that is impossible."""
    folder = cache_folder() / cache_key(index.documents, encoder)
    with contextlib.suppress(StoreError, OSError):
        save_index(index, folder, encoder, wait=0)
        entries = [entry for entry in folder.parent.iterdir() if not entry.name.startswith(".")]
        for old in sorted(entries, key=lambda entry: entry.stat().st_mtime)[:-_KEPT]:
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

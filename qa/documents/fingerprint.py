"""Tell by the bytes of its files whether a folder is as it was when its documents were read.

That costs reading them, but not finding text in them, which takes PDF seconds. What follows for
cached indexes is left to `qa.index.cache`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from qa.documents.loading import list_files
from qa.documents.manifest import MANIFEST
from qa.formats import Limits
from qa.schema import Document


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a folder: under each name, where it leads and what it holds, as one digest.

    ``unread`` are messages of what cannot be listed, or is of no known format.
    """

    files: tuple[tuple[str, str, str], ...]
    unread: tuple[str, ...]
    limits: Limits

    @classmethod
    def of(cls, path: str | Path, limits: Limits) -> "Snapshot | None":
        """Take the files below a folder, or one file; None where one of them cannot be read."""
        root, unread = Path(path), list[str]()
        folder = root if root.is_dir() else root.parent
        try:
            listed = list_files(root, unread) if root.is_dir() else [root]
            described = [folder / MANIFEST] if (folder / MANIFEST).exists() else []
            found = [
                (file.relative_to(folder).as_posix(), str(file.resolve()), _digest(file, limits))
                for file in (*described, *listed)
            ]
        except (OSError, RuntimeError):
            return None
        return cls(tuple(found), tuple(unread), limits)

    @property
    def digest(self) -> str:
        """A digest of all of it."""
        content = repr((self.files, self.unread, self.limits))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()

    def holds(self, documents: Iterable[Document]) -> bool:
        """Tell whether documents were made of these very files."""
        held = {(name, digest) for name, _, digest in self.files}
        return all((one.source, one.sha256) in held for one in documents)


def _digest(file: Path, limits: Limits) -> str:
    """Return the SHA-256 of a file's bytes, its size instead where it is too large to be read.

    Raise `OSError` where it is no regular file: reading a pipe would wait for it.
    """
    if not file.is_file():
        raise OSError(f"{file} is no regular file")
    size = file.stat().st_size
    if size > limits.file_bytes:
        return str(size)
    return hashlib.sha256(file.read_bytes()).hexdigest()

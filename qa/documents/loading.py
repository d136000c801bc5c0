"""Read a folder of files into documents, and say which files could not be read and why.

Reading a format is left to `qa.formats`, the manifest beside the files to `qa.documents.manifest`,
cutting a document into passages to `qa.text.passages`.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from qa.documents.manifest import MANIFEST, read_manifest, same_name, unmatched
from qa.errors import DocumentError
from qa.formats import (
    READERS,
    REMEDIES,
    UNREAD,
    Limits,
    check_size,
    extract,
    is_read,
    suffix_of,
)
from qa.schema import Block, Document, Place
from qa.text import is_boilerplate

SUFFIXES = tuple(READERS)
_LONGEST_TITLE = 120
_TITLE_LINES = 12
_NAMED_KINDS = 10


@dataclass(frozen=True, slots=True)
class Loaded:
    """The documents of a folder by source, and one message for each file left out or doubted."""

    documents: tuple[Document, ...]
    problems: tuple[str, ...]


def make_document(
    text: str,
    source: str,
    *,
    title: str = "",
    metadata: Iterable[tuple[str, str]] = (),
    location: str = "",
    sha256: str | None = None,
    places: Sequence[Place] = (),
    blocks: Sequence[Block] = (),
) -> Document:
    """Return a document; without ``sha256`` that of the text's UTF-8 bytes is taken."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    digest = digest if sha256 is None else sha256
    identity = hashlib.sha256(f"{source}\0{digest}".encode("utf-8", "surrogatepass")).hexdigest()
    return Document(
        id=identity[:16],
        text=text,
        title=title or _title(text, source),
        source=source,
        sha256=digest,
        location=location,
        metadata=tuple(sorted(metadata)),
        places=tuple(places),
        blocks=tuple(blocks),
    )


def load_folder(path: str | Path, limits: Limits | None = None) -> Loaded:
    """Read every file of a known format below a folder, or the one file that ``path`` names.

    Hidden files and folders, and links that lead out of the folder, are left out; so are files
    beyond the ``limits`` of a file. Raise `DocumentError` where there is no such folder, or
    nothing in it can be read.
    """
    root = Path(path)
    if not root.exists():
        raise DocumentError(f"{path}: there is no such folder; check the path")
    folder = root if root.is_dir() else root.parent
    described, problems = read_manifest(folder)
    documents: list[Document] = []
    for file in list_files(root, problems) if root.is_dir() else [root]:
        fields = described.get(same_name(file.relative_to(folder).as_posix()), {})
        try:
            document, doubts = _load_file(file, folder, fields, limits or Limits())
        except DocumentError as error:
            problems.append(str(error))
            continue
        documents.append(document)
        problems += doubts
    if not documents:
        raise DocumentError(_nothing_to_read(root, problems))
    problems += unmatched(described, (document.source for document in documents), folder)
    return Loaded(tuple(documents), tuple(problems))


def list_files(root: Path, problems: list[str]) -> list[Path]:
    """Return the files below ``root`` of a format that we know, or know of, sorted by their path.

    Hidden ones are left out. Folders that cannot be listed are added to the ``problems``, and one
    line for all files that may hold text in a form that is not read.
    """
    found: list[Path] = []

    def note(error: OSError) -> None:
        place = Path(str(error.filename)).relative_to(root).as_posix()
        problems.append(f"{place}: cannot be listed ({error.strerror}); check the folder")

    for folder, names, files in os.walk(root, onerror=note):
        names[:] = [name for name in names if not name.startswith(".")]
        found.extend(Path(folder, name) for name in files if not name.startswith("."))
    unread = [suffix_of(file.name) for file in found if suffix_of(file.name) in UNREAD]
    if unread:
        count = f"{len(unread)} file{'' if len(unread) == 1 else 's'}"
        problems.append(
            f"{count} ({', '.join(sorted(set(unread)))}) may hold text; save pictures as PDF with "
            "text, unpack archives"
        )
    kept = [
        file
        for file in found
        if (is_read(file.name) or suffix_of(file.name) in REMEDIES) and file.name != MANIFEST
    ]
    if not (root / MANIFEST).exists():  # or the others are left out on purpose
        problems += _unknown(found)
    return sorted(kept, key=lambda file: file.relative_to(root).as_posix())


def _unknown(found: Iterable[Path]) -> list[str]:
    """Return a line that counts the files of no known kind by their extensions, if there are any.

    >>> _unknown([Path("a.xyz"), Path("c.txt")])
    ['1 file is of a kind that is not read (1 .xyz); save it as text or PDF']
    """
    suffixes = [suffix_of(file.name) for file in found if not is_read(file.name)]
    counts = Counter(one for one in suffixes if one not in REMEDIES and one not in UNREAD)
    if not counts:
        return []
    listed = [f"{count} {suffix or 'without extension'}" for suffix, count in counts.most_common()]
    more = [f"{len(listed) - _NAMED_KINDS} more kinds"] if len(listed) > _NAMED_KINDS else []
    named = ", ".join([*listed[:_NAMED_KINDS], *more])
    files = (
        "1 file is of a kind that is"
        if counts.total() == 1
        else (f"{counts.total()} files are of kinds that are")
    )
    them = "it" if counts.total() == 1 else "them"
    return [f"{files} not read ({named}); save {them} as text or PDF"]


def _load_file(
    file: Path, folder: Path, fields: Mapping[str, str], limits: Limits
) -> tuple[Document, list[str]]:
    """Return a file's document, and what speaks against it."""
    source = file.relative_to(folder).as_posix()
    try:
        resolved = file.resolve(strict=True)
        if not resolved.is_relative_to(folder.resolve()):
            raise DocumentError(f"{source}: links out of the folder; copy the file into it")
        if not resolved.is_file():
            raise DocumentError(f"{source}: is no regular file; put a text file in its place")
        check_size(resolved.stat().st_size, source, limits)
        content = resolved.read_bytes()
    except (OSError, RuntimeError) as error:  # the latter for links in a circle
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"{source}: cannot be read ({reason}); check the file") from error
    document, doubts = read_document(
        content, source, fields=fields, location=str(resolved), limits=limits
    )
    if fields.get("sha256", document.sha256) != document.sha256:
        doubts.append(
            f"{source}: changed since {MANIFEST} was written; it was read as it is now: check its "
            "entry there and update the sha256"
        )
    return document, doubts


def read_document(
    content: bytes,
    source: str,
    *,
    fields: Mapping[str, str] = MappingProxyType({}),
    location: str = "",
    limits: Limits,
) -> tuple[Document, list[str]]:
    """Return the document that a file's bytes make, and what may be missing from it.

    What ``fields`` say of it, title and metadata, counts more than what the file says. Raise
    `DocumentError` where the file cannot be read.
    """
    found = extract(content, source, limits)
    described = {**dict(found.metadata), **fields}
    described.pop("sha256", None)
    title = described.pop("title", found.title)
    document = make_document(
        found.text,
        source,
        title=title,
        metadata=described.items(),
        location=location,
        sha256=hashlib.sha256(content).hexdigest(),
        places=found.places,
        blocks=found.blocks or (),
    )
    return document, [f"{source}: {doubt}" for doubt in found.doubts]


def _title(text: str, source: str) -> str:
    """Return the first line but boilerplate if it looks like a title, else the file's stem."""
    lines = (line.strip() for line in text.splitlines()[:_TITLE_LINES])
    first = next((line for line in lines if _is_titular(line)), "")
    if first.lower().startswith("title:"):
        return first[len("title:") :].strip(" \"'") or Path(source).stem
    if first.startswith("#"):
        return first.strip("# ") or Path(source).stem
    if 0 < len(first) <= _LONGEST_TITLE and first[-1] not in ".!?。！？,;:|":
        return first
    return Path(source).stem


def _is_titular(line: str) -> bool:
    return any(letter.isalnum() for letter in line) and not is_boilerplate(line)


def _nothing_to_read(root: Path, problems: list[str]) -> str:
    if problems:
        return f"{root}: no file in it could be read:\n  " + "\n  ".join(problems)
    suffixes = ", ".join(SUFFIXES)
    return f"{root}: holds no documents; put {suffixes} files (UTF-8) into it"

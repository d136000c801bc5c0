"""Read a folder of text files into documents, and say which files could not be read and why.

A ``manifest.json`` beside the files may give titles, publishers and dates. Cutting a document
into passages is left to `qa.passages`.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa.chrome import is_boilerplate
from qa.errors import DocumentError
from qa.schema import Document

SUFFIXES = (".txt", ".md", ".markdown")
MANIFEST = "manifest.json"
_LONGEST_TITLE = 120
_TITLE_LINES = 12


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
    )


def load_folder(path: str | Path) -> Loaded:
    """Read every text and Markdown file below a folder, or the one file that ``path`` names.

    Hidden files and folders, and links that lead out of the folder, are left out. Raise
    `DocumentError` where there is no such folder, or nothing in it can be read.
    """
    root = Path(path)
    if not root.exists():
        raise DocumentError(f"{path}: there is no such folder; check the path")
    folder = root if root.is_dir() else root.parent
    described, problems = read_manifest(folder)
    documents: list[Document] = []
    files = list(_files(root)) if root.is_dir() else [root]
    for file in files:
        try:
            documents.append(_load_file(file, folder, described))
        except DocumentError as error:
            problems.append(str(error))
            continue
        if described.get(documents[-1].source, {}).get("sha256", "") not in (
            "",
            documents[-1].sha256,
        ):
            problems.append(
                f"{documents[-1].source}: changed since {MANIFEST} was written; it was read as it "
                "is now: check its entry there and update the sha256"
            )
    if not documents:
        raise DocumentError(_nothing_to_read(root, problems))
    problems += [
        f"{MANIFEST}: names {name}, which is not in the folder; remove the entry"
        for name in sorted(set(described) - {document.source for document in documents})
        if not (folder / name).exists()
    ]
    return Loaded(tuple(documents), tuple(problems))


def read_manifest(folder: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return each file's fields by its source, and what is wrong with the manifest.

    The manifest is an object whose ``documents`` is a list of objects of strings (or nulls), each
    with a ``file``: ``{"documents": [{"file": "a.txt", "title": "...", "date": "2024-07"}]}``.
    """
    try:
        content = (folder / MANIFEST).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{MANIFEST}: cannot be read ({error}); the files were read without it"]
    try:
        rows = json.loads(content)["documents"]
        fields = {
            str(row["file"]): {
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


def _files(root: Path) -> Iterator[Path]:
    """Yield the files with a known suffix below ``root``, sorted by their path."""
    found: list[Path] = []
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        found.extend(
            Path(folder, name)
            for name in files
            if name.lower().endswith(SUFFIXES) and not name.startswith(".")
        )
    yield from sorted(found, key=lambda file: file.relative_to(root).as_posix())


def _load_file(file: Path, folder: Path, described: dict[str, dict[str, str]]) -> Document:
    source = file.relative_to(folder).as_posix()
    try:
        resolved = file.resolve(strict=True)
        if not resolved.is_relative_to(folder.resolve()):
            raise DocumentError(f"{source}: links out of the folder; copy the file into it")
        if not resolved.is_file():
            raise DocumentError(f"{source}: is no regular file; put a text file in its place")
        content = resolved.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentError(f"{source}: cannot be read ({reason}); check the file") from error
    text = decode(content, source)
    fields = dict(described.get(source, {}))
    fields.pop("sha256", None)
    title = fields.pop("title", "")
    digest = hashlib.sha256(content).hexdigest()
    return make_document(
        text,
        source,
        title=title,
        metadata=fields.items(),
        location=str(resolved),
        sha256=digest,
    )


def decode(content: bytes, source: str) -> str:
    """Decode UTF-8 without its BOM, line ends untouched; raise `DocumentError` for the rest."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(
            f"{source}: is UTF-16, not UTF-8; convert it: "
            f"iconv -f UTF-16 -t UTF-8 '{source}' > converted.txt"
        )
    if b"\0" in content:
        raise DocumentError(f"{source}: is a binary file, not text; remove or rename it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{source}: is not UTF-8 (byte {error.start} is 0x{content[error.start]:02x}); "
            "save it as UTF-8 in your editor, or convert it, if it is CP1252: "
            f"iconv -f CP1252 -t UTF-8 '{source}' > converted.txt"
        ) from error
    if not text.strip():
        raise DocumentError(f"{source}: is empty; fill it or remove it")
    return text


def _title(text: str, source: str) -> str:
    """Return the first line that is no chrome if it looks like a title, else the file's stem."""
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

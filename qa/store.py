"""Keep an index on disk: documents, passages, BM25 and vectors, with a manifest of checksums.

A folder is written whole beside its place and then moved there, so that a reader finds the old
index or the new one. Where cached indexes lie is left to `qa.cache`.
"""

import hashlib
import json
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings import Encoder, load_words
from qa.dense import DenseIndex
from qa.errors import StoreError
from qa.fusion import Parts
from qa.interaction import WordIndex
from qa.lexical import LexicalIndex
from qa.passages import LONGEST_PASSAGE
from qa.schema import Document, Passage, PassageKind, Place, Span

FORMAT = 3
MANIFEST = "manifest.json"
_VECTORS, _LEXICAL, _WORDS = "vectors.faiss", "bm25", "words.safetensors"
_DOCUMENTS, _PASSAGES = "documents.json", "passages.json"


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that is made of documents before a question is asked.

    ``parts`` hold the ``searchable`` passages, in their order.
    """

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    parts: Parts

    @property
    def searchable(self) -> tuple[Passage, ...]:
        """The passages that may answer: all but page chrome."""
        return searchable(self.passages)


def searchable(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages that may answer: all but page chrome."""
    return tuple(one for one in passages if one.kind is not PassageKind.BOILERPLATE)


def settings_fingerprint(encoder: Encoder) -> str:
    """Return a digest of all that an index depends on besides its documents."""
    settings = [FORMAT, LONGEST_PASSAGE, encoder.dimension, encoder.fingerprint]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:32]


def save_index(index: Index, folder: Path, encoder: Encoder) -> None:
    """Write an index to ``folder``, in place of an index that stands there.

    Raise `StoreError` where the folder holds anything else, or cannot be written.
    """
    folder = folder.resolve()
    if folder.exists() and not _may_be_replaced(folder):
        raise StoreError(
            f"{folder}: exists and is no index, or holds other files too; choose another place"
        )
    beside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    try:
        beside.mkdir(parents=True)
        _write(index, beside, encoder)
        _move(beside, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(
            f"{folder}: the index cannot be written ({reason}); free the place or choose another"
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def open_index(folder: Path, encoder: Encoder) -> Index:
    """Read what `save_index` wrote; raise `StoreError` for anything missing, damaged or foreign."""
    manifest = _read_manifest(folder)
    remedy = f"make it again: qa index FOLDER --out {folder}"
    if manifest.get("format") != FORMAT:
        raise StoreError(
            f"{folder}: has format {manifest.get('format')!r}, this version reads {FORMAT}; "
            f"{remedy}"
        )
    if manifest.get("settings") != settings_fingerprint(encoder):
        raise StoreError(
            f"{folder}: was made with another encoder or other settings; name that encoder "
            f"(--encoder), or {remedy}"
        )
    try:
        _verify_checksums(folder, manifest["checksums"])
        documents = tuple(
            _document_of(row) for row in json.loads((folder / _DOCUMENTS).read_bytes())
        )
        passages = tuple(
            _passage_of(row, documents) for row in json.loads((folder / _PASSAGES).read_bytes())
        )
        size = len(searchable(passages))
        lexical = LexicalIndex.load(folder / _LEXICAL, size)
        dense = DenseIndex.load(folder / _VECTORS, encoder)
        words = WordIndex.load(folder / _WORDS, load_words())
    except (OSError, ValueError, KeyError, TypeError, IndexError, RuntimeError) as error:
        raise StoreError(f"{folder}: is damaged ({error}); {remedy}") from error
    if dense.size != size or words.size != size:
        raise StoreError(
            f"{folder}: is damaged ({dense.size} vectors and the words of {words.size} for {size} "
            f"passages); {remedy}"
        )
    return Index(documents, passages, Parts(lexical, dense, words))


def _write(index: Index, folder: Path, encoder: Encoder) -> None:
    place = {document.id: number for number, document in enumerate(index.documents)}
    _dump(folder / _DOCUMENTS, [_document_row(document) for document in index.documents])
    _dump(folder / _PASSAGES, [_passage_row(passage, place) for passage in index.passages])
    index.parts.dense.save(folder / _VECTORS)
    index.parts.lexical.save(folder / _LEXICAL)
    index.parts.words.save(folder / _WORDS)
    manifest = {
        "format": FORMAT,
        "settings": settings_fingerprint(encoder),
        "encoder": encoder.fingerprint,
        "documents": len(index.documents),
        "passages": len(index.passages),
        "checksums": {
            file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in _files(folder)
        },
    }
    _dump(folder / MANIFEST, manifest, indent=1)


def _move(beside: Path, folder: Path) -> None:
    """Put a finished folder in its place; what stood there is removed afterwards."""
    if not folder.exists():
        beside.rename(folder)
        return
    old = beside.with_suffix(".old")
    folder.rename(old)
    try:
        beside.rename(folder)
    except OSError:
        if not folder.exists():
            old.rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _may_be_replaced(folder: Path) -> bool:
    """Tell whether a folder is empty, or an index and nothing besides."""
    if not folder.is_dir():
        return False
    try:
        listed = _read_manifest(folder)["checksums"]
    except (StoreError, KeyError):
        return not any(folder.iterdir())
    return not _unlisted(folder, listed)


def _unlisted(folder: Path, checksums: dict[str, str]) -> list[str]:
    """Return the files of an index that its manifest does not list, hidden ones aside."""
    names = (file.relative_to(folder).as_posix() for file in _files(folder))
    return [name for name in names if name not in checksums and name != MANIFEST]


def _files(folder: Path) -> list[Path]:
    found = (file for file in folder.rglob("*") if not file.is_dir())
    return sorted(file for file in found if not file.name.startswith("."))


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{folder}: is no index (no readable {MANIFEST}); "
            f"make one: qa index FOLDER --out {folder}"
        ) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("checksums", {}), dict):
        raise StoreError(f"{folder}: {MANIFEST} is damaged; qa index FOLDER --out {folder}")
    return manifest


def _verify_checksums(folder: Path, checksums: dict[str, str]) -> None:
    for name in (_DOCUMENTS, _PASSAGES, _VECTORS, _WORDS, *_unlisted(folder, checksums)):
        if name not in checksums:
            raise ValueError(f"{name} is not listed")
    root = folder.resolve()
    for name, expected in checksums.items():
        file = (folder / name).resolve()
        if not file.is_relative_to(root):
            raise ValueError(f"{name} leads out of the index")
        if hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            raise ValueError(f"{name} does not match its checksum")


def _dump(path: Path, content: Any, indent: int | None = None) -> None:
    text = json.dumps(content, ensure_ascii=True, indent=indent)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _document_row(document: Document) -> list[Any]:
    return [
        document.id,
        document.text,
        document.title,
        document.source,
        document.sha256,
        document.location,
        [list(pair) for pair in document.metadata],
        [[place.start, place.label] for place in document.places],
    ]


def _document_of(row: list[Any]) -> Document:
    identity, text, title, source, sha256, location, metadata, parts = row
    pairs = tuple((str(key), str(value)) for key, value in metadata)
    places = tuple(Place(int(start), str(label)) for start, label in parts)
    return Document(identity, text, title, source, sha256, location, pairs, places)


def _passage_row(passage: Passage, place: dict[str, int]) -> list[Any]:
    return [
        place[passage.document_id],
        passage.span.start,
        passage.span.end,
        passage.kind.value,
        passage.heading,
        passage.lead_in,
        passage.header,
    ]


def _passage_of(row: list[Any], documents: Sequence[Document]) -> Passage:
    number, start, end, kind, heading, lead_in, header = row
    document, span = documents[number], Span(start, end)
    return Passage(
        document.id, span, span.of(document.text), PassageKind(kind), heading, lead_in, header
    )

"""Keep documents and passages in one SQLite file, the source of truth of an index.

What is derived from it is left to `qa.dense` and `qa.lexical`, where the file lies to `qa.store`.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.schema import Document, Passage, PassageKind, Place, Span

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL, title TEXT NOT NULL,
    sha256 TEXT NOT NULL, location TEXT NOT NULL, metadata TEXT NOT NULL, places TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents,
    first INTEGER NOT NULL, last INTEGER NOT NULL, kind TEXT NOT NULL, heading TEXT NOT NULL,
    lead_in TEXT NOT NULL, header TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents of an index and their passages, in their order."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]


def write_corpus(path: Path, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    """Write a new file, without a journal: nobody reads it before it is whole.

    Raise `OSError` where the disk does not take it.
    """
    try:
        with closing(sqlite3.connect(path)) as database:
            _write(database, documents, passages)
    except sqlite3.Error as error:
        raise OSError(f"{path.name}: {error}") from error


def read_corpus(path: Path) -> Corpus:
    """Read what `write_corpus` wrote; raise `ValueError` where that cannot be."""
    try:
        with closing(_open(path)) as database:
            documents = tuple(_documents(database))
            return Corpus(documents, tuple(_passages(database, documents)))
    except (sqlite3.Error, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def check_corpus(path: Path) -> None:
    """Let SQLite look through its file; raise `ValueError` for what it finds."""
    try:
        with closing(_open(path)) as database:
            (found,) = database.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise ValueError(f"{path.name}: {error}") from error
    if found != "ok":
        raise ValueError(f"{path.name}: {found}")


def _write(
    database: sqlite3.Connection, documents: Sequence[Document], passages: Sequence[Passage]
) -> None:
    place = {document.id: number for number, document in enumerate(documents)}
    database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
    database.executemany(
        f"INSERT INTO documents VALUES (?{', CAST(? AS TEXT)' * 8})",
        ((number, *_fields(one)) for number, one in enumerate(documents)),
    )
    database.executemany(
        f"INSERT INTO passages VALUES (?, ?, ?, ?{', CAST(? AS TEXT)' * 4})",
        (
            (number, place[one.document_id], one.span.start, one.span.end, *_words(one))
            for number, one in enumerate(passages)
        ),
    )
    database.commit()


def _open(path: Path) -> sqlite3.Connection:
    """Open a file that nobody changes any more: nothing is locked, nothing is written beside it."""
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda raw: raw.decode("utf-8", "surrogatepass")
    return database


def _bytes(text: str) -> bytes:
    """Return text as SQLite takes it also where a name on disk is no UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def _fields(document: Document) -> Iterator[bytes]:
    metadata = json.dumps(document.metadata)
    places = json.dumps([[place.start, place.label] for place in document.places])
    yield from map(_bytes, (document.id, document.source, document.title, document.sha256))
    yield from map(_bytes, (document.location, metadata, places, document.text))


def _words(passage: Passage) -> Iterator[bytes]:
    yield from map(_bytes, (passage.kind.value, passage.heading, passage.lead_in, passage.header))


def _documents(database: sqlite3.Connection) -> Iterator[Document]:
    rows = database.execute(
        "SELECT id, text, title, source, sha256, location, metadata, places FROM documents "
        "ORDER BY number"
    )
    for identity, text, title, source, sha256, location, metadata, places in rows:
        pairs = tuple((str(key), str(value)) for key, value in json.loads(metadata))
        parts = tuple(Place(int(start), str(label)) for start, label in json.loads(places))
        yield Document(identity, text, title, source, sha256, location, pairs, parts)


def _passages(database: sqlite3.Connection, documents: Sequence[Document]) -> Iterator[Passage]:
    rows: Iterator[Any] = database.execute(
        "SELECT document, first, last, kind, heading, lead_in, header FROM passages ORDER BY number"
    )
    kinds = {kind.value: kind for kind in PassageKind}
    for number, start, end, kind, heading, lead_in, header in rows:
        document, span = documents[number], Span(start, end)
        text = span.of(document.text)
        yield Passage(document.id, span, text, kinds[kind], heading, lead_in, header)

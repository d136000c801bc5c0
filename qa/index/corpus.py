"""Keep documents and passages in one SQLite file, the source of truth of an index.

They are read when they are asked for, so that an index of any size is open at once. What is derived
from them is left to `qa.retrieval`, where the file lies to `qa.index.store`.
"""

import json
import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, overload
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from qa.errors import SpanError, StoreError
from qa.index.documents import Documents
from qa.retrieval import Passages
from qa.schema import Document, Passage, PassageKind, Place, Span

_BATCH = 1024  # rows that are read at once where all are wanted
_KEPT = 64  # documents that stay in memory, those asked for last
_KINDS = {kind.value: kind for kind in PassageKind}
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
CREATE INDEX identities ON documents (id);
CREATE INDEX boilerplate ON passages (number) WHERE kind = 'boilerplate';
"""


Noun = TypeVar("Noun")


class Rows(Sequence[Noun]):
    """Rows of a table, read when they are asked for; equal to a tuple of the same nouns."""

    @abstractmethod
    def _read(self, first: int, last: int) -> list[Noun]:
        """Return the nouns from one place to before another."""

    @overload
    def __getitem__(self, at: int) -> Noun: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Noun, ...]: ...
    def __getitem__(self, at: int | slice) -> Noun | tuple[Noun, ...]:
        if isinstance(at, slice):
            first, last, step = at.indices(len(self))
            return tuple(self._read(first, last))[::step] if step > 0 else tuple(self)[at]
        place = range(len(self))[at]
        return self._read(place, place + 1)[0]

    def __iter__(self) -> Iterator[Noun]:
        for first in range(0, len(self), _BATCH):
            yield from self._read(first, min(first + _BATCH, len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return False
        return all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class StoredDocuments(Rows[Document], Documents):
    """The documents of a file, in their order."""

    def __init__(self, database: "_Database", text: str = "text") -> None:
        self._database = database
        self._query = (
            f"SELECT id, {text}, title, source, sha256, location, metadata, places FROM documents "
            "WHERE number BETWEEN ? AND ? ORDER BY number"
        )
        self._size = database.size("documents")
        self.kept = lru_cache(maxsize=_KEPT)(self.__getitem__)

    def __len__(self) -> int:
        return self._size

    @cached_property
    def heads(self) -> "StoredDocuments":
        """The same documents without their texts."""
        return StoredDocuments(self._database, "''")

    def find(self, identity: str) -> Document | None:
        """Return the document of an id, the last one of several, or None."""
        query = "SELECT max(number) FROM documents WHERE id = CAST(? AS TEXT)"
        number = self._database.rows(query, _bytes(identity))[0][0]
        return None if number is None else self.kept(number)

    def _read(self, first: int, last: int) -> list[Document]:
        return self._database.made(_document, self._query, first, last - 1)


class StoredPassages(Rows[Passage], Passages):
    """Passages of a file, in their order; ``numbers`` chooses some of them."""

    def __init__(
        self,
        database: "_Database",
        documents: StoredDocuments,
        numbers: NDArray[np.int64] | None = None,
    ) -> None:
        self._database = database
        self._documents = documents
        self._numbers = np.arange(database.size("passages")) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def searchable(self) -> "StoredPassages":
        """The passages that may answer: all but boilerplate."""
        query = f"SELECT number FROM passages WHERE kind = '{PassageKind.BOILERPLATE.value}'"
        left_out = [number for (number,) in self._database.rows(query)]
        return StoredPassages(self._database, self._documents, np.delete(self._numbers, left_out))

    def at(self, places: NDArray[np.int64]) -> "StoredPassages":
        """Return the passages at some places, read when they are asked for."""
        return StoredPassages(self._database, self._documents, self._numbers[places])

    def owned_by(self, document_ids: Collection[str]) -> NDArray[np.bool_]:
        """Tell of every passage whether one of the documents holds it."""
        rows = self._database.rows("SELECT id FROM documents ORDER BY number")
        chosen = np.fromiter((one in document_ids for (one,) in rows), np.bool_, len(rows))
        owners = self._database.rows("SELECT document FROM passages ORDER BY number")
        return chosen[np.fromiter((one for (one,) in owners), np.int64, len(owners))[self._numbers]]

    def _read(self, first: int, last: int) -> list[Passage]:
        if first >= last:
            return []
        numbers = self._numbers[first:last].tolist()
        query = (
            "SELECT number, document, first, last, kind, heading, lead_in, header FROM passages "
            "WHERE number BETWEEN ? AND ? ORDER BY number"
        )
        found = dict(self._database.made(self._passage, query, min(numbers), max(numbers)))
        return [found[number] for number in numbers if number in found]

    def _passage(self, row: Any) -> tuple[int, Passage]:
        number, place, start, end, kind, heading, lead_in, header = row
        document, span = self._documents.kept(place), Span(start, end)
        text = span.of(document.text)
        return number, Passage(document.id, span, text, _KINDS[kind], heading, lead_in, header)


@dataclass(frozen=True, slots=True)
class StoredCorpus:
    """The documents of an index and their passages, in their order."""

    documents: StoredDocuments
    passages: StoredPassages


def write_corpus(path: Path, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    """Write a new file, without a journal: nobody reads it before it is whole.

    Raise `OSError` where the disk does not take it.
    """
    try:
        with closing(sqlite3.connect(path)) as database:
            _write(database, documents, passages)
    except sqlite3.Error as error:
        raise OSError(f"{path.name}: {error}") from error


def read_corpus(path: Path, remedy: str) -> StoredCorpus:
    """Open what `write_corpus` wrote; it is read when it is asked for.

    Raise `StoreError`, with the remedy, where that cannot be, now or then.
    """
    database = _Database(path, remedy)
    documents = StoredDocuments(database)
    return StoredCorpus(documents, StoredPassages(database, documents))


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


class _Database:
    """One connection for all threads, closed with the last of what reads through it."""

    def __init__(self, path: Path, remedy: str) -> None:
        self._name, self._remedy = path.name, remedy
        self._lock = Lock()
        try:
            self._connection = _open(path)
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        finalize(self, self._connection.close)

    def rows(self, query: str, *values: object) -> list[Any]:
        """Return what a query finds."""
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except (sqlite3.Error, ValueError) as error:
            raise self._damaged(error) from error

    def made(self, make: Callable[[Any], Noun], query: str, *values: object) -> list[Noun]:
        """Return what is made of each row that a query finds."""
        rows = self.rows(query, *values)
        try:
            return [make(row) for row in rows]
        except (ValueError, TypeError, LookupError, SpanError) as error:
            raise self._damaged(error) from error

    def size(self, table: str) -> int:
        """Return the number of rows, which are numbered from 0."""
        return int(self.rows(f"SELECT coalesce(max(number) + 1, 0) FROM {table}")[0][0])

    def _damaged(self, error: Exception) -> StoreError:
        return StoreError(f"{self._name}: is damaged ({error}); {self._remedy}")


def _open(path: Path) -> sqlite3.Connection:
    """Open a file that nobody changes any more: nothing is locked, nothing is written beside it."""
    database = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
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


def _document(row: Any) -> Document:
    identity, text, title, source, sha256, location, metadata, places = row
    pairs = tuple((str(key), str(value)) for key, value in json.loads(metadata))
    parts = tuple(Place(int(start), str(label)) for start, label in json.loads(places))
    return Document(identity, text, title, source, sha256, location, pairs, parts)

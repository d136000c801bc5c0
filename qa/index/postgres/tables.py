"""Define the tables of an index, and turn documents and passages into rows and back.

All text is kept as bytes of UTF-8, so that it comes back as it was from a database of any encoding
and sorts by code points. What is searched in the tables is left to `qa.index.postgres.search`.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder, WordVectors
from qa.documents import days_of
from qa.errors import StoreError
from qa.index.build import settings_digest
from qa.index.postgres.server import anew
from qa.schema import Document, Passage, PassageKind, Place, Span
from qa.text import language_of

if TYPE_CHECKING:
    from psycopg import Connection

FORMAT = 1
TABLES = """
CREATE TABLE qa_index (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), format int NOT NULL, encoder text NOT NULL,
    settings text NOT NULL, passages bigint NOT NULL, terms bigint NOT NULL, changes bigint NOT NULL
);
CREATE TABLE qa_documents (
    number int PRIMARY KEY, id text NOT NULL, source bytea NOT NULL UNIQUE, title bytea NOT NULL,
    sha256 text NOT NULL, location bytea NOT NULL, metadata bytea NOT NULL, places bytea NOT NULL,
    content bytea NOT NULL, digest text NOT NULL, passages int NOT NULL,
    first_day text, last_day text, languages bytea[] NOT NULL
);
CREATE INDEX qa_documents_id ON qa_documents (id);
CREATE TABLE qa_fields (
    document int NOT NULL REFERENCES qa_documents ON DELETE CASCADE,
    name bytea NOT NULL, value bytea NOT NULL, PRIMARY KEY (document, name)
);
CREATE TABLE qa_passages (
    number int PRIMARY KEY, document int NOT NULL REFERENCES qa_documents ON DELETE CASCADE,
    first int NOT NULL, last int NOT NULL, kind text NOT NULL, heading bytea NOT NULL,
    lead_in bytea NOT NULL, header bytea NOT NULL, content bytea NOT NULL,
    tokens bytea, stems int[], frequencies int[], length int
);
CREATE INDEX qa_passages_document ON qa_passages (document);
CREATE TABLE qa_vectors (
    passage int PRIMARY KEY REFERENCES qa_passages ON DELETE CASCADE,
    document int NOT NULL, vector vector NOT NULL
);
CREATE INDEX qa_vectors_document ON qa_vectors (document);
CREATE TABLE qa_stems (
    number int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, stem bytea NOT NULL UNIQUE,
    holders int NOT NULL
);
CREATE TABLE qa_postings (
    stem int NOT NULL, passage int NOT NULL, frequency int NOT NULL, length int NOT NULL,
    PRIMARY KEY (stem, passage) INCLUDE (frequency, length)
);
CREATE TABLE qa_tokens (token int PRIMARY KEY, holders int NOT NULL);
"""
NAMES = (
    "qa_tokens", "qa_postings", "qa_stems", "qa_vectors", "qa_passages", "qa_fields",
    "qa_documents", "qa_index",
)  # fmt: skip
DOCUMENT = "id, source, title, sha256, location, metadata, places, content"
PASSAGE = "p.first, p.last, p.kind, p.heading, p.lead_in, p.header, p.content"


def check_maker(connection: "Connection[Any]", encoder: Encoder, name: str) -> None:
    """Raise `StoreError` for an index of another format, another encoder or other settings."""
    row = connection.execute("SELECT format, encoder, settings FROM qa_index").fetchone()
    if row is None or row[0] != FORMAT:
        held = "no index" if row is None else f"an index of format {row[0]}"
        raise StoreError(
            f"{name}: holds {held}, this version reads {FORMAT}; make it: {anew(name)}"
        )
    if row[1] != encoder.fingerprint:
        raise StoreError(
            f"{name}: was made with another encoder; name that encoder (--encoder), or make the "
            f"index again: {anew(name)}"
        )
    if row[2] != settings_digest(encoder, FORMAT):
        raise StoreError(f"{name}: was made with other settings; make it again: {anew(name)}")


def packed(text: str) -> bytes:
    """Return the bytes that stand for a text, be it UTF-8 or not."""
    return text.encode("utf-8", "surrogatepass")


def unpacked(content: bytes) -> str:
    """Return the text that `packed` packed."""
    return bytes(content).decode("utf-8", "surrogatepass")


def plain(value: str) -> bytes:
    """Return a value as filters compare it: without case and blanks around it."""
    return packed(value.strip().casefold())


def digest(document: Document) -> str:
    """Return a digest of a document's text and places."""
    places = json.dumps([[place.start, place.label] for place in document.places])
    return hashlib.sha256(packed(f"{places}\n{document.text}")).hexdigest()


def document_row(number: int, document: Document, passages: int) -> list[Any]:
    """Return the row of a document, in the order of the columns."""
    places = json.dumps([[place.start, place.label] for place in document.places])
    first, last = days_of((document.date or "")[:10]) or (None, None)
    language = language_of(document)
    return [
        number,
        document.id,
        *map(packed, (document.source, document.title)),
        document.sha256,
        *map(packed, (document.location, json.dumps(document.metadata), places, document.text)),
        digest(document),
        passages,
        first,
        last,
        [plain(language), plain(language.partition("-")[0])],
    ]


def field_rows(number: int, document: Document) -> list[list[Any]]:
    """Return the rows of what a filter may ask of a document: its metadata and its title."""
    fields = {**dict(document.metadata), "title": document.title}
    return [[number, packed(name), plain(value)] for name, value in fields.items()]


def passage_row(passage: Passage) -> list[Any]:
    """Return the first columns of a passage's row, after the numbers."""
    words = (passage.heading, passage.lead_in, passage.header, passage.text)
    return [passage.span.start, passage.span.end, passage.kind.value, *map(packed, words)]


def to_document(row: Sequence[Any]) -> Document:
    """Return the document of a row of `DOCUMENT`."""
    identity, source, title, sha256, location, metadata, places, content = row
    return Document(
        id=identity,
        text=unpacked(content),
        title=unpacked(title),
        source=unpacked(source),
        sha256=sha256,
        location=unpacked(location),
        metadata=tuple((str(key), str(value)) for key, value in json.loads(metadata)),
        places=tuple(Place(int(start), str(label)) for start, label in json.loads(places)),
    )


def to_passage(document_id: str, row: Sequence[Any]) -> Passage:
    """Return the passage of a row of `PASSAGE`."""
    first, last, kind, heading, lead_in, header, content = row
    words = {"heading": heading, "lead_in": lead_in, "header": header, "text": content}
    return Passage(
        document_id,
        Span(first, last),
        kind=PassageKind(kind),
        **{name: unpacked(value) for name, value in words.items()},
    )


def token_type(vectors: WordVectors) -> np.dtype[Any]:
    """Return the type in which the tokens of a passage are kept."""
    return np.dtype("<u2" if len(vectors.lengths) <= 2**16 else "<u4")


def vector_text(vector: NDArray[np.float32]) -> str:
    """Return a vector as pgvector reads it."""
    from pgvector import Vector

    return str(Vector(vector).to_text())

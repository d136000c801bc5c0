"""Change an index in a database: make it, add, remove and update documents, verify it.

Each change is one transaction, prepared before it begins; one is made after another. Which document
takes whose place is left to `qa.documents.changes`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings import Encoder
from qa.documents import (
    Change,
    Findings,
    check_known,
    compared,
    findings,
    load_folder,
    merged,
    named,
)
from qa.errors import StoreError
from qa.formats import Limits
from qa.index.generations import PATIENCE
from qa.index.postgres.search import rows
from qa.index.postgres.server import Server, anew, converted, need_vectors
from qa.index.postgres.tables import DOCUMENT, NAMES, check_maker, digest, to_document
from qa.index.postgres.writing import Prepared, create, finish, insert, prepare, remove
from qa.index.protocol import Leaving
from qa.retrieval import named_encoder
from qa.schema import Document, Passage

if TYPE_CHECKING:
    from psycopg import Connection

_BATCH = 256  # documents
_WRITER = 1903260001  # names our lock among those of a database
_LISTED = (
    "SELECT id, source, title, sha256, location, metadata, ''::bytea, digest FROM qa_documents"
)
_WHOLE = """
SELECT (SELECT passages FROM qa_index) = (SELECT count(*) FROM qa_vectors)
   AND (SELECT terms FROM qa_index) = (SELECT coalesce(sum(frequency), 0) FROM qa_postings)
   AND NOT EXISTS (SELECT 1 FROM qa_stems s FULL JOIN (
           SELECT stem, count(*) AS held FROM qa_postings GROUP BY stem
       ) p ON p.stem = s.number WHERE holders IS DISTINCT FROM held)
"""


class DatabaseChanges:
    """The changes of an index in PostgreSQL; see `qa.index.protocol.IndexChanges`.

    Whoever asks, asks the old documents until a change is done, and then the new.
    """

    def __init__(
        self,
        address: str | Path,
        encoder: str | None,
        wait: float,
        limits: Limits | None,
        progress: bool,
    ) -> None:
        self._server = Server(str(address))
        self._name = encoder
        self._wait = wait
        self._limits = limits
        self._progress = progress

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document, by source, as the index holds it now."""
        query = f"SELECT {DOCUMENT} FROM qa_documents ORDER BY source"
        return tuple(map(to_document, self._server.read(lambda one: rows(one, query))))

    def replace(self, path: str | Path) -> Change:
        """Make an index of a folder, in place of what the database held of ours."""
        return self._change([path], lambda _: False, (), afresh=True)

    def change(
        self, paths: Sequence[str | Path], leaves: Leaving, names: Sequence[str] = ()
    ) -> Change:
        """Read ``paths`` in place of what they replace and of the documents that leave."""
        return self._change(paths, leaves, names, afresh=False)

    def verify(self) -> Findings:
        """Check the tables against one another, and the documents against their files here.

        Raise `StoreError` where the tables disagree.
        """
        encoder = named_encoder(self._name)

        def act(connection: "Connection[Any]") -> list[Any]:
            check_maker(connection, encoder, self._server.name)
            if not rows(connection, _WHOLE)[0][0]:
                raise StoreError(
                    f"{self._server.name}: is damaged (its tables disagree); make it again: "
                    f"{anew(self._server.name)}"
                )
            return rows(connection, f"{_LISTED} ORDER BY source")

        return findings(map(_to_listed, self._server.read(act)))

    def remake(self, *, reencode: bool) -> None:
        """Raise `StoreError`: no part of a database can be made from the others alone."""
        raise StoreError(
            f"{self._server.name}: is mended by making it again: {anew(self._server.name)}"
        )

    def _change(
        self,
        paths: Sequence[str | Path],
        leaves: Leaving,
        names: Sequence[str],
        *,
        afresh: bool,
    ) -> Change:
        encoder = named_encoder(self._name)
        loaded = [load_folder(path, self._limits) for path in paths]
        read = [one for some in loaded for one in some.documents]
        before = [] if afresh else self._server.read(lambda one: self._listed(one, encoder))
        # What is likely to be new is encoded before others are kept out.
        made = self._prepare(_new(named(read, before), before)) if not afresh else {}
        with _writing(self._server, self._wait) as connection:
            if afresh:
                create(connection, encoder)
            old = self._listed(connection, encoder)
            check_known("document", names, [document.source for document in old])
            found = named(read, old)
            kept = merged(old, [_light(one) for one in found], leaves)
            remove(connection, sorted({one.source for one in set(old) - set(kept)}))
            for batch in self._batches(_new(found, old)):
                made |= {one.document: one for one in prepare(
                    [one for one in batch if one not in made], encoder)}  # fmt: skip
                insert(connection, [made.pop(one) for one in batch])
            if afresh or tuple(old) != kept:
                finish(connection, encoder)
        if afresh:
            _tidy(self._server)
        problems = tuple(problem for some in loaded for problem in some.problems)
        return compared(old, kept, [_light(one) for one in found], problems)

    def _prepare(self, documents: Sequence[Document]) -> dict[Document, Prepared]:
        encoder = named_encoder(self._name)
        found = (one for batch in self._batches(documents) for one in prepare(batch, encoder))
        return {one.document: one for one in found}

    def _batches(self, documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """Yield documents, some at a time; show how far they are."""
        from tqdm import tqdm

        starts = range(0, len(documents), _BATCH)
        for start in tqdm(starts, desc=f"{_BATCH} documents each", delay=1, leave=False,
                          disable=not self._progress):  # fmt: skip
            yield documents[start : start + _BATCH]

    def _listed(self, connection: "Connection[Any]", encoder: Encoder) -> list[Document]:
        """Return the documents by source, each with a digest in place of its text."""
        check_maker(connection, encoder, self._server.name)
        return [_to_listed(row) for row in rows(connection, f"{_LISTED} ORDER BY source")]


def fill(
    url: str, documents: Sequence[Document], passages: Sequence[Passage], encoder: Encoder
) -> None:
    """Make an index of documents that were cut into passages already."""
    server = Server(url)
    cut: dict[str, list[Passage]] = {document.id: [] for document in documents}
    for passage in passages:
        cut[passage.document_id].append(passage)
    made = prepare(documents, encoder, [cut[document.id] for document in documents])
    with _writing(server, PATIENCE) as connection:
        create(connection, encoder)
        insert(connection, made)
        finish(connection, encoder)
    _tidy(server)


@contextmanager
def _writing(server: Server, wait: float) -> "Iterator[Connection[Any]]":
    """Begin a transaction that keeps other writers out; what fails in it leaves no trace."""
    from pgvector.psycopg import register_vector

    with converted(server.name), server.connect() as connection:
        need_vectors(connection, server.name)
        patience = max(1, round(1000 * wait))
        rows(connection, "SELECT set_config('lock_timeout', %s, true)", [str(patience)])
        key = "hashtext(current_schema())"
        rows(connection, f"SELECT pg_advisory_xact_lock({_WRITER}, {key})")
        register_vector(connection)
        yield connection


def _tidy(server: Server) -> None:
    """Let the database count anew and give room back, so that its plans fit what it holds."""
    with converted(server.name):
        connection = server.connect()
        connection.autocommit = True
        with connection:
            connection.execute(f"VACUUM (ANALYZE) {', '.join(NAMES)}")


def _light(document: Document) -> Document:
    return replace(document, text=digest(document), places=())


def _to_listed(row: Sequence[Any]) -> Document:
    *fields, _, text = row
    return to_document([*fields, b"[]", text.encode()])


def _new(found: Sequence[Document], old: Sequence[Document]) -> list[Document]:
    """Return the documents that the index does not hold as they are."""
    known = set(old)
    return [one for one in found if _light(one) not in known]

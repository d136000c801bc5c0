"""Answer what the assistant asks of an index, from PostgreSQL.

The database proposes passages; word by word they are compared here, and fused as those of any
index. Each question reads one state of the database. Changing it is left to
`qa.index.postgres.living`.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder, load_words
from qa.documents import Filter
from qa.errors import InputError
from qa.index.build import Index, build_index
from qa.index.postgres.conditions import check_names, condition
from qa.index.postgres.search import Row, Search, State, learn, nearest, pool, rows
from qa.index.postgres.server import Server
from qa.index.postgres.tables import (
    DOCUMENT,
    PASSAGE,
    check_maker,
    to_document,
    to_passage,
    token_type,
    vector_text,
)
from qa.reading import Question
from qa.retrieval import POOL, Scores, Weights, compare, fused, rarity
from qa.schema import Document, Hit, Passage

if TYPE_CHECKING:
    from psycopg import Connection

_KEPT = 256  # documents


class PostgresIndex:
    """An index in a database, as `qa.index.protocol.SearchIndex` promises."""

    def __init__(self, url: str, encoder: Encoder) -> None:
        """Raise `StoreError` where the database cannot be reached, or holds no index of ours."""
        self._server = Server(url)
        self.encoder = encoder
        self._weights = Weights()
        self._vectors = load_words()
        self._state = State()
        self._kept: dict[str, Document] = {}  # those asked for last come last
        self._keeping = threading.Lock()
        self._server.read(lambda one: check_maker(one, encoder, self._server.name))

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document, by source."""
        query = f"SELECT {DOCUMENT} FROM qa_documents ORDER BY source"
        return tuple(map(to_document, self._server.read(lambda one: rows(one, query))))

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage, in the order of the documents; boilerplate too."""
        query = f"""SELECT d.id, {PASSAGE} FROM qa_passages p JOIN qa_documents d
        ON d.number = p.document ORDER BY d.source, p.number"""
        found = self._server.read(lambda one: rows(one, query))
        return tuple(to_passage(identity, rest) for identity, *rest in found)

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """The whole words among the tokens, folded, with the number of passages that hold each."""
        words = self._vectors.words
        found = self._server.read(lambda one: rows(one, "SELECT token, holders FROM qa_tokens"))
        return {words[token]: holders for token, holders in found if words[token].isalpha()}

    def stems(self, initial: str) -> Iterator[tuple[str, int]]:
        """Yield the stems that begin so, each with how many passages hold it."""
        first = initial.encode("utf-8", "surrogatepass")
        query = "SELECT stem, holders FROM qa_stems WHERE substr(stem, 1, %s) = %s AND holders > 0"
        found = self._server.read(lambda one: rows(one, query, (len(first), first)))
        return ((bytes(stem).decode("utf-8", "surrogatepass"), holders) for stem, holders in found)

    def is_word(self, folded: str) -> bool:
        """Tell whether the vectors know a word whole, be it in the passages or not."""
        return len(self._vectors.tokenize([folded])[0]) == 1

    def document(self, document_id: str) -> Document:
        """Return a document by its id; raise `InputError` where there is none."""
        kept = self._kept.get(document_id)
        if kept is None:
            kept = self._server.read(lambda one: self._fetch(one, {document_id})).get(document_id)
        if kept is None:
            raise InputError(f"no document has the id {document_id!r}")
        return kept

    def passes(self, where: Filter) -> bool:
        """Tell whether any document passes a filter; raise `InputError` for an unknown name."""

        def act(connection: "Connection[Any]") -> bool:
            check_names(connection, where)
            sql, values = condition(where)
            query = f"SELECT 1 FROM qa_documents d WHERE {sql} LIMIT 1"
            return bool(rows(connection, query, values))

        return self._server.read(act)

    def retrieve(self, question: Question, limit: int, where: Filter | None) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first, of documents that pass."""
        query = vector_text(self.encoder.encode_queries([question.text])[0])
        return self._server.read(lambda one: self._retrieve(one, question, query, limit, where))

    def inverse_document_frequency(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) of a stem, n the passages that hold it."""
        state = self._state
        if term not in state.holders:
            state = self._server.read(lambda one: self._learn(one, [term]))
        return state.rarity(term)

    def unknown(self, stems: Sequence[str]) -> frozenset[str]:
        """Return those of the stems that no passage holds."""
        state = self._server.read(lambda one: self._learn(one, stems))
        return frozenset(one for one in stems if not state.holders[one])

    def reweighted(self, weights: Weights) -> "PostgresIndex":
        """Return the same index with other weights of the retriever's parts."""
        other = copy(self)
        other._weights = weights
        return other

    def built(self) -> Index:
        """Return the same index, built anew in this process."""
        return build_index(self.documents, self.passages, self.encoder)

    def _learn(
        self, connection: "Connection[Any]", stems: Sequence[str], tokens: Sequence[int] = ()
    ) -> State:
        self._state = state = learn(connection, self._state, stems, tokens)
        return state

    def _retrieve(
        self,
        connection: "Connection[Any]",
        question: Question,
        query: str,
        limit: int,
        where: Filter | None,
    ) -> tuple[Hit, ...]:
        tokens = self._vectors.tokenize([question.text])[0].tolist()
        state = self._learn(connection, question.terms, tokens)
        chosen = None if where is None else condition(where)
        search = Search(question.terms, query, self.encoder.dimension, max(POOL, limit), chosen)
        found = pool(connection, state, search, nearest(connection, state, search))
        raw = self._scores(state, question.text, found)
        passages = [to_passage(row[0], row[4:]) for row in found]
        hits = fused(passages, raw, self._weights, limit)
        self._fetch(connection, {hit.passage.document_id for hit in hits})
        return hits

    def _scores(self, state: State, question: str, found: Sequence[Row]) -> Scores:
        kind = token_type(self._vectors)
        each = [np.frombuffer(row[3], kind) for row in found]
        sizes = np.array([len(one) for one in each], np.int64)
        tokens = np.concatenate([np.zeros(0, kind), *each]).astype(np.int64)

        def weigh(asked: NDArray[np.int64]) -> NDArray[np.float64]:
            holders = np.array([state.tokens[token] for token in asked.tolist()], np.int64)
            return rarity(holders, state.passages)

        near = compare(question, tokens, sizes, self._vectors, weigh)
        return Scores(
            bm25=np.array([row[1] for row in found], np.float64),
            dense=np.array([row[2] for row in found], np.float64),
            words=near.words,
            pairs=near.pairs,
        )

    def _fetch(self, connection: "Connection[Any]", ids: set[str]) -> dict[str, Document]:
        """Return documents, and keep them for whoever cites them, be they removed meanwhile."""
        with self._keeping:
            known = {one: self._kept.pop(one) for one in ids & self._kept.keys()}
            self._kept |= known
        new = list(ids - known.keys())
        if new:
            query = f"SELECT {DOCUMENT} FROM qa_documents WHERE id = ANY(%s)"
            known |= {one.id: one for one in map(to_document, rows(connection, query, [new]))}
        with self._keeping:
            self._kept |= known
            for oldest in list(self._kept)[: -max(_KEPT, len(ids))]:
                del self._kept[oldest]
        return known

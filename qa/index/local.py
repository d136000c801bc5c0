"""Answer what the assistant asks of an index, from one in memory or in files of this machine.

How it is built is left to `qa.index.build`, how passages are ranked to `qa.retrieval.hybrid`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from qa.documents import Filter
from qa.errors import InputError
from qa.index.build import Index
from qa.index.corpus import Documents, Passages
from qa.index.postgres.living import fill
from qa.index.postgres.server import is_database
from qa.index.store import save_index
from qa.retrieval import HybridRetriever, Weights
from qa.schema import Document, Hit, Passage
from qa.text import language_of

_FILTERS = 8  # whose choice of passages is kept


class LocalIndex:
    """An index of this process; see `qa.index.protocol.SearchIndex` for what its verbs promise."""

    def __init__(self, index: Index, encoder: Encoder, weights: Weights | None = None) -> None:
        self._index = index
        self._encoder = encoder
        self.retriever = HybridRetriever(index.searchable, index.parts, weights)
        held = index.documents
        self._find = held.find if isinstance(held, Documents) else {one.id: one for one in held}.get
        self._language = lru_cache(maxsize=None)(lambda head: language_of(self.document(head)))
        self._allowed = lru_cache(maxsize=_FILTERS)(self._choose)

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source."""
        return self._index.documents

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents; page chrome too."""
        return self._index.passages

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """The words that the encoder knows too, folded, with how many passages hold each."""
        return self._index.parts.words.vocabulary

    def stems(self, initial: str) -> Iterator[tuple[str, int]]:
        """Yield the stems that begin so, each with how many passages hold it."""
        return self._index.parts.lexical.stems(initial)

    def is_word(self, folded: str) -> bool:
        """Tell whether the encoder knows a word whole, be it in the passages or not."""
        return self._index.parts.words.is_word(folded)

    def document(self, document_id: str) -> Document:
        """Return a document by its id; raise `InputError` where there is none."""
        document = self._find(document_id)
        if document is None:
            raise InputError(f"no document has the id {document_id!r}")
        return document

    def passes(self, where: Filter) -> bool:
        """Tell whether any document passes a filter; raise `InputError` for an unknown name."""
        return self._allowed(where) is not None

    def retrieve(self, question: str, limit: int, where: Filter | None) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first."""
        if where is None:
            return self.retriever.retrieve(question, limit)
        allowed = self._allowed(where)
        return () if allowed is None else self.retriever.retrieve(question, limit, allowed)

    def inverse_document_frequency(self, term: str) -> float:
        """Return how rare a stem is among the passages."""
        return self._index.parts.lexical.inverse_document_frequency(term)

    def unknown_words(self, question: str) -> tuple[str, ...]:
        """Return the question's content words that no passage holds, folded, in order."""
        return self._index.parts.lexical.unknown_words(question)

    def reweighted(self, weights: Weights) -> "LocalIndex":
        """Return the same index with other weights of the retriever's parts."""
        return LocalIndex(self._index, self._encoder, weights)

    def save(self, path: str | Path) -> None:
        """Write the index to a folder or a database; raise `StoreError` where that cannot be."""
        if is_database(path):
            fill(str(path), self.documents, self.passages, self._encoder)
            return
        save_index(self._index, Path(path), self._encoder)

    def _choose(self, where: Filter) -> NDArray[np.bool_] | None:
        """Return which of the searchable passages a filter leaves, or None for no document."""
        documents, passages = self._index.documents, self.retriever.passages
        heads = documents.heads if isinstance(documents, Documents) else documents
        chosen = where.choose(heads, lambda head: self._language(head.id))
        if not chosen:
            return None
        if isinstance(passages, Passages):
            return passages.of(chosen)
        allowed = (passage.document_id in chosen for passage in passages)
        return np.fromiter(allowed, np.bool_, len(passages))

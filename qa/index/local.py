"""Answer what the assistant asks of an index, from one in memory or in files of this machine.

How it is built is left to `qa.index.build`, how passages are ranked to `qa.retrieval.hybrid`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from qa.documents import Filter
from qa.errors import InputError
from qa.index.build import Index
from qa.reading import Question
from qa.retrieval import HybridRetriever, Weights
from qa.schema import Document, Hit, Passage
from qa.text import language_of

_FILTERS = 8  # whose choice of passages is kept


class LocalIndex:
    """An index of this process, as `qa.index.protocol.SearchIndex` promises."""

    def __init__(self, index: Index, encoder: Encoder, weights: Weights | None = None) -> None:
        self._index = index
        self.encoder = encoder
        self.retriever = HybridRetriever(index.passages.searchable, index.parts, weights)
        self._language = lru_cache(maxsize=None)(lambda head: language_of(self.document(head)))
        self._allowed = lru_cache(maxsize=_FILTERS)(self._choose)

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source."""
        return self._index.documents

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents; boilerplate too."""
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
        document = self._index.documents.find(document_id)
        if document is None:
            raise InputError(f"no document has the id {document_id!r}")
        return document

    def passes(self, where: Filter) -> bool:
        """Tell whether any document passes a filter; raise `InputError` for an unknown name."""
        return self._allowed(where) is not None

    def retrieve(self, question: Question, limit: int, where: Filter | None) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first."""
        if where is None:
            return self.retriever.retrieve(question.text, limit)
        allowed = self._allowed(where)
        if allowed is None:
            return ()
        return self.retriever.retrieve(question.text, limit, allowed)

    def inverse_document_frequency(self, term: str) -> float:
        """Return how rare a stem is among the passages."""
        return self._index.parts.lexical.inverse_document_frequency(term)

    def unknown(self, stems: Sequence[str]) -> frozenset[str]:
        """Return those of the stems that no passage holds."""
        return self._index.parts.lexical.unknown(stems)

    def reweighted(self, weights: Weights) -> "LocalIndex":
        """Return the same index with other weights of the retriever's parts."""
        return LocalIndex(self._index, self.encoder, weights)

    def built(self) -> Index:
        """Return the whole index."""
        return self._index

    def _choose(self, where: Filter) -> NDArray[np.bool_] | None:
        """Return which of the passages that may answer a filter leaves, None for no document."""
        chosen = where.choose(self._index.documents.heads, lambda head: self._language(head.id))
        return self.retriever.passages.owned_by(chosen) if chosen else None

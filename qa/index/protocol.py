"""Say what is asked of an index, be it of this process or in a database.

`qa.index.local` and `qa.index.postgres` answer; who asks is `qa.assistant`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from qa.documents import Filter
from qa.reading import Vocabulary
from qa.retrieval import Weights
from qa.schema import Document, Hit, Passage


class SearchIndex(Vocabulary, Protocol):
    """What the assistant asks of an index; from several threads at once."""

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source."""

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents; page chrome too."""

    def document(self, document_id: str) -> Document:
        """Return the document of a hit, or another; raise `InputError` where there is none."""

    def passes(self, where: Filter) -> bool:
        """Tell whether any document passes a filter; raise `InputError` for an unknown name."""

    def retrieve(self, question: str, limit: int, where: Filter | None) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first, of documents that pass."""

    def inverse_document_frequency(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) of a stem, n the passages that hold it."""

    def unknown_words(self, question: str) -> tuple[str, ...]:
        """Return the question's content words that no passage holds, folded, in order."""

    def reweighted(self, weights: Weights) -> "SearchIndex":
        """Return the same index with other weights of the retriever's parts."""

    def save(self, path: str | Path) -> None:
        """Write the index to a folder or a database; raise `StoreError` where that cannot be."""

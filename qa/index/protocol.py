"""Say what an index can be asked, and how it can be changed, on disk or in a database.

`qa.index.local`, `qa.index.updating` and `qa.index.postgres` do it; `qa.assistant` and
`qa.index.living` ask for it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from embeddings import Encoder
from qa.documents import Change, Filter, Findings
from qa.index.build import Index
from qa.reading import Question, Vocabulary
from qa.retrieval import Weights
from qa.schema import Document, Hit, Passage


class SearchIndex(Vocabulary, Protocol):
    """What the assistant asks of an index; from several threads at once."""

    @property
    def encoder(self) -> Encoder:
        """The encoder of its vectors."""

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source."""

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents; boilerplate too."""

    def document(self, document_id: str) -> Document:
        """Return the document of a hit, or another; raise `InputError` where there is none."""

    def passes(self, where: Filter) -> bool:
        """Tell whether any document passes a filter; raise `InputError` for an unknown name."""

    def retrieve(self, question: Question, limit: int, where: Filter | None) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first, of documents that pass."""

    def inverse_document_frequency(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) of a stem, n the passages that hold it."""

    def reweighted(self, weights: Weights) -> "SearchIndex":
        """Return the same index with other weights of the retriever's parts."""

    def built(self) -> Index:
        """Return the whole index in this process, to be saved elsewhere."""


Leaving = Callable[[Document], bool]  # tells whether a document leaves the index


class IndexChanges(Protocol):
    """What can be done to an index, one change after another, by several processes."""

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source, as the index holds it now."""

    def replace(self, path: str | Path) -> Change:
        """Make an index of a folder, in place of the one that stands there."""

    def change(
        self, paths: Sequence[str | Path], leaves: Leaving, names: Sequence[str] = ()
    ) -> Change:
        """Read ``paths`` in place of what they replace and of the documents that leave.

        Raise `InputError` where a document of ``names`` is not there.
        """

    def verify(self) -> Findings:
        """Check the index, then the documents' files; raise `StoreError` where it is damaged."""

    def remake(self, *, reencode: bool) -> None:
        """Make the derived parts again, with another encoder if it is to ``reencode``."""

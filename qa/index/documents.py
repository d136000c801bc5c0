"""Hold the documents of an index, by source, so that one can be found by its id.

Those that lie in a file are left to `qa.index.corpus`.
"""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property

from qa.schema import Document


class Documents(Sequence[Document]):
    """Documents in the order of their sources, in memory or on disk."""

    @property
    @abstractmethod
    def heads(self) -> Sequence[Document]:
        """The same documents, perhaps without their texts: all that a filter looks at."""

    @abstractmethod
    def find(self, document_id: str) -> Document | None:
        """Return the document of an id, the last one of several, or None."""


class HeldDocuments(tuple[Document, ...], Documents):
    """Documents in memory."""

    @property
    def heads(self) -> "HeldDocuments":
        """The same documents."""
        return self

    def find(self, document_id: str) -> Document | None:
        """Return the document of an id, the last one of several, or None."""
        return self._by_id.get(document_id)

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self}

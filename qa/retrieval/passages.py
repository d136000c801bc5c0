"""Hold passages in a fixed order, so that they can be fetched by their places in it.

Those that lie in a file are left to `qa.index.corpus`.
"""

from abc import abstractmethod
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from qa.schema import Passage, PassageKind


def passage_text(passage: Passage) -> str:
    """Return what of a passage is searched: what stands above it, and its own words."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


class Passages(Sequence[Passage]):
    """Passages in the order of their documents, in memory or on disk."""

    @property
    @abstractmethod
    def searchable(self) -> "Passages":
        """The passages that may answer: all but boilerplate."""

    @abstractmethod
    def at(self, places: NDArray[np.int64]) -> "Passages":
        """Return the passages at some places, in that order."""

    @abstractmethod
    def owned_by(self, document_ids: Collection[str]) -> NDArray[np.bool_]:
        """Tell of every passage, shape (len(self),), whether one of the documents holds it."""


class HeldPassages(tuple[Passage, ...], Passages):
    """Passages in memory."""

    @property
    def searchable(self) -> "HeldPassages":
        """The passages that may answer: all but boilerplate."""
        return HeldPassages(one for one in self if one.kind is not PassageKind.BOILERPLATE)

    def at(self, places: NDArray[np.int64]) -> "HeldPassages":
        """Return the passages at some places, in that order."""
        return HeldPassages(self[place] for place in places.tolist())

    def owned_by(self, document_ids: Collection[str]) -> NDArray[np.bool_]:
        """Tell of every passage, shape (len(self),), whether one of the documents holds it."""
        owned = (passage.document_id in document_ids for passage in self)
        return np.fromiter(owned, np.bool_, len(self))

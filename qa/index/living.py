"""Keep an index up to date: add, remove and update its documents, verify it, and mend it.

How each kind of index does that is left to `qa.index.updating` and `qa.index.postgres.living`.
"""

from collections.abc import Sequence
from pathlib import Path

from qa.documents import Change, Findings
from qa.formats import Limits
from qa.index.address import changes_of
from qa.index.generations import PATIENCE
from qa.schema import Document


class LivingIndex:
    """An index whose documents come and go; safe to use from several processes.

    ``address`` is a folder or, as ``postgresql://...``, a database. ``encoder`` names the one that
    the index was made with. A change waits ``wait`` seconds for another one to end. Files beyond
    the ``limits`` are left out (None: those of `Limits`). An `Assistant` over a folder goes on with
    what it opened until it is opened again; one over a database answers from what it holds now.
    """

    def __init__(
        self,
        address: str | Path,
        *,
        encoder: str | None = None,
        wait: float = PATIENCE,
        limits: Limits | None = None,
        progress: bool = False,
    ) -> None:
        self._index = changes_of(address, encoder, wait, limits, progress)

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source, as the index holds it now."""
        return self._index.documents

    def replace(self, path: str | Path) -> Change:
        """Make an index of a folder, in place of the one that stands there."""
        return self._index.replace(path)

    def add(self, *paths: str | Path) -> Change:
        """Add files and folders; a file that is there already takes its own place."""
        return self._index.change(paths, lambda _: False)

    def remove(self, *names: str) -> Change:
        """Remove documents by the names that citations give them; all or, for a wrong name, none.

        Nothing of their words is left in any part of the index.
        """
        return self._index.change((), lambda document: document.source in names, names)

    def update(self, path: str | Path) -> Change:
        """Make the index hold what a folder holds now: new, changed and removed files.

        Documents from elsewhere stay.
        """
        folder = Path(path).resolve()
        return self._index.change(
            [path], lambda one: bool(one.location) and Path(one.location).is_relative_to(folder)
        )

    def verify(self) -> Findings:
        """Check the index against its checksums and its parts against what they derive from.

        Raise `StoreError` for a damaged index; what became of the documents' files is returned.
        """
        return self._index.verify()

    def repair(self) -> None:
        """Make the derived parts again from the stored documents; `StoreError` in a database."""
        self._index.remake(reencode=False)

    def reencode(self) -> None:
        """Make the vectors again with this encoder; raise `StoreError` in a database."""
        self._index.remake(reencode=True)


LivingDatabase = LivingIndex  # an earlier name

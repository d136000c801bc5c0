"""Change an index on disk: read it, keep what stays, and write it anew while other writers wait.

What is asked of it is left to `qa.index.living`, which document takes whose place to
`qa.documents.changes`, how a kill does no harm to `qa.index.generations`.
"""

from collections.abc import Sequence
from pathlib import Path

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
from qa.index.build import Index, build_index
from qa.index.generations import mend, settled, writing
from qa.index.protocol import Leaving
from qa.index.store import open_corpus, open_index, remake_index, replace_index, save_index
from qa.retrieval import named_encoder
from qa.schema import Document


class FolderChanges:
    """The changes of an index on disk; see `qa.index.protocol.IndexChanges`."""

    def __init__(
        self,
        address: str | Path,
        encoder: str | None,
        wait: float,
        limits: Limits | None,
        progress: bool,
    ) -> None:
        self._folder = Path(address)
        self._name = encoder
        self._wait = wait
        self._limits = limits
        self._progress = progress

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source, as the index holds it now."""
        return open_corpus(self._folder).documents

    def replace(self, path: str | Path) -> Change:
        """Make an index of a folder, in place of the one that stands there."""
        encoder, loaded = named_encoder(self._name), load_folder(path, self._limits)
        index = build_index(loaded.documents, None, encoder, progress=self._progress)
        save_index(index, self._folder, encoder, wait=self._wait)
        return compared((), index.documents, loaded.documents, loaded.problems)

    def change(
        self, paths: Sequence[str | Path], leaves: Leaving, names: Sequence[str] = ()
    ) -> Change:
        """Read ``paths`` in place of what they replace and of the documents that leave."""
        encoder = named_encoder(self._name)
        with writing(self._folder, self._wait):
            old = open_index(self._folder, encoder)
            check_known("document", names, [document.source for document in old.documents])
            loaded = [load_folder(path, self._limits) for path in paths]
            found = named([one for some in loaded for one in some.documents], old.documents)
            documents = merged(old.documents, found, leaves)
            if documents != tuple(old.documents):
                index = build_index(documents, None, encoder, known=old, progress=self._progress)
                replace_index(index, self._folder, encoder)
        problems = tuple(problem for some in loaded for problem in some.problems)
        return compared(old.documents, documents, found, problems)

    def verify(self) -> Findings:
        """Check the index against its checksums, and its parts against what they derive from."""
        encoder = named_encoder(self._name)
        return findings(settled(self._folder, lambda: self._verified(encoder)).documents)

    def remake(self, *, reencode: bool) -> None:
        """Make the derived parts again, with another encoder if it is to ``reencode``."""
        encoder = named_encoder(self._name)
        with writing(self._folder, self._wait):
            index = remake_index(self._folder, encoder, reencode=reencode, progress=self._progress)
            replace_index(index, self._folder, encoder)

    def _verified(self, encoder: Encoder) -> Index:
        index = open_index(self._folder, encoder, every_byte=True)
        true = remake_index(self._folder, encoder, progress=self._progress)
        one, two = index.parts, true.parts
        same = one.lexical.matches(two.lexical) and one.words.matches(two.words)
        if not (same and one.dense.matches(two.dense)):
            raise StoreError(
                f"{self._folder}: is damaged (what it searches is not what its documents say); "
                f"mend it: {mend(self._folder)}"
            )
        return index

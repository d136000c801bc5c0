"""Change an index on disk: add, remove and update documents, verify it, and mend it.

Each change reads the index, keeps what it can, and writes it anew while other writers wait. Which
document takes whose place is left to `qa.documents.changes`, how a kill does no harm to
`qa.index.generations`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from embeddings import Encoder
from qa.documents import (
    Change,
    FileState,
    Findings,
    check_known,
    compared,
    file_state,
    load_folder,
    merged,
    named,
)
from qa.errors import StoreError
from qa.formats import Limits
from qa.index.build import Index, build_index
from qa.index.generations import PATIENCE, mend, settled, writing
from qa.index.store import open_corpus, open_index, remake_index, replace_index
from qa.retrieval import named_encoder
from qa.schema import Document


class LivingIndex:
    """An index on disk whose documents come and go; safe to use from several processes.

    ``encoder`` names the one that the index was made with. A change waits ``wait`` seconds for
    another one to end. Files beyond the ``limits`` are left out (None: those of `Limits`). An
    `Assistant` goes on with what it opened until it is opened again.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        encoder: str | None = None,
        wait: float = PATIENCE,
        limits: Limits | None = None,
        progress: bool = False,
    ) -> None:
        self._folder = Path(path)
        self._name = encoder
        self._wait = wait
        self._limits = limits
        self._progress = progress

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source, as the index holds it now."""
        return open_corpus(self._folder).documents

    def add(self, *paths: str | Path) -> Change:
        """Add files and folders; a file that is there already takes its own place."""
        return self._change(paths)

    def remove(self, *names: str) -> Change:
        """Remove documents by the names that citations give them; all or, for a wrong name, none.

        Nothing of their words is left in any part of the index.
        """
        return self._change((), lambda document: document.source in names, names)

    def update(self, path: str | Path) -> Change:
        """Make the index hold what a folder holds now: new, changed and removed files.

        Documents from elsewhere stay.
        """
        folder = Path(path).resolve()
        return self._change(
            [path], lambda one: bool(one.location) and Path(one.location).is_relative_to(folder)
        )

    def verify(self) -> Findings:
        """Check the index against its checksums and its parts against what they derive from.

        Raise `StoreError` for a damaged index; what became of the documents' files is returned.
        """
        encoder = named_encoder(self._name)
        documents = settled(self._folder, lambda: self._verified(encoder)).documents
        sources: dict[FileState, list[str]] = {"same": [], "changed": [], "missing": []}
        for document in documents:
            sources[file_state(document)].append(document.source)
        return Findings(*(tuple(some) for some in sources.values()))

    def repair(self) -> None:
        """Make the derived parts again from the stored documents."""
        self._remake(reencode=False)

    def reencode(self) -> None:
        """Make the vectors again with this encoder, whichever made them before."""
        self._remake(reencode=True)

    def _remake(self, *, reencode: bool) -> None:
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

    def _change(
        self,
        paths: Sequence[str | Path],
        leaves: Callable[[Document], bool] = lambda _: False,
        names: Sequence[str] = (),
    ) -> Change:
        """Read ``paths`` in place of what they replace and of the documents that leave."""
        encoder = named_encoder(self._name)
        with writing(self._folder, self._wait):
            old = open_index(self._folder, encoder)
            check_known("document", names, [document.source for document in old.documents])
            loaded = [load_folder(path, self._limits) for path in paths]
            found = named([one for some in loaded for one in some.documents], old.documents)
            documents = merged(old.documents, found, leaves)
            if documents != old.documents:
                index = build_index(documents, None, encoder, known=old, progress=self._progress)
                replace_index(index, self._folder, encoder)
        problems = tuple(problem for some in loaded for problem in some.problems)
        return compared(old.documents, documents, found, problems)

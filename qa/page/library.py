"""Hold the documents that can be asked: the shared ones, a visitor's own, or both.

A file that a visitor adds is read and checked against the limits here. How long it is kept is left
to `qa.page.visits`.
"""

from pathlib import PurePosixPath

from qa.assistant import Assistant
from qa.documents import read_document
from qa.errors import DocumentError, InputError
from qa.formats import Limits as FileLimits
from qa.page.settings import Limits
from qa.page.visits import Visit
from qa.schema import Document
from qa.text import split_passages

SHARED, OWN, BOTH = "shared", "own", "both"
SCOPES = (SHARED, OWN, BOTH)


class Library:
    """The shared documents, and how to reach those of each visitor."""

    def __init__(self, shared: Assistant, limits: Limits) -> None:
        self.shared = shared
        self.limits = limits
        self._reading = FileLimits(  # while a longer file is read, other visitors would wait
            file_bytes=limits.file_bytes,
            characters=limits.file_bytes,
            unpacked_bytes=20 * limits.file_bytes,
            pages=1000,
            seconds=20.0,
        )

    def assistant(self, visit: Visit, scope: str) -> Assistant:
        """Return the assistant for a scope's documents; it is built when first needed.

        Raise `InputError` for an unknown scope, or where the visitor has no documents.
        """
        if scope not in SCOPES:
            raise InputError(f"ask {', '.join(SCOPES)} documents, not {scope!r}")
        if scope == SHARED:
            return self.shared
        with visit.lock:
            if not visit.documents:
                raise InputError("you have no documents here (any more); add some, then ask again")
            if scope not in visit.assistants:
                visit.assistants[scope] = self._build(visit, scope)
            return visit.assistants[scope]

    def _build(self, visit: Visit, scope: str) -> Assistant:
        documents = [document for document, _ in visit.documents.values()]
        passages = [passage for _, some in visit.documents.values() for passage in some]
        if scope == BOTH:
            known = {document.id for document in self.shared.documents}
            documents = [one for one in documents if one.id not in known]
            passages = [one for one in passages if one.document_id not in known]
            documents = [*self.shared.documents, *documents]
            passages = [*self.shared.passages, *passages]
        return Assistant.from_documents(documents, passages)

    def add(self, visit: Visit, name: str, content: bytes) -> Document:
        """Read a file into a visit; a file of the same path is replaced.

        Raise `DocumentError` where it cannot be read or would exceed a limit.
        """
        source = _clean(name)
        document, _ = read_document(content, source, limits=self._reading)
        with visit.lock:
            earlier = [one for one, _ in visit.documents.values() if one.source == source]
            self._check_room(visit, source, len(content), earlier)
            passages = split_passages(document)
            visit.forget([one.id for one in earlier if one.id != document.id])
            visit.documents[document.id] = (document, passages)
            visit.sizes[document.id] = len(content)
            visit.assistants.clear()
        return document

    def _check_room(self, visit: Visit, source: str, size: int, earlier: list[Document]) -> None:
        limits = self.limits
        if size > limits.file_bytes:
            raise DocumentError(
                f"{source}: has {as_size(size)}, the limit for a file is "
                f"{as_size(limits.file_bytes)}; split it"
            )
        if len(visit.documents) - len(earlier) >= limits.files:
            raise DocumentError(
                f"{source}: you have {limits.files} documents here, the limit; remove some first"
            )
        held = sum(visit.sizes.values()) - sum(visit.sizes[one.id] for one in earlier)
        if held + size > limits.total_bytes:
            raise DocumentError(
                f"{source}: your documents would come to {as_size(held + size)}, the limit is "
                f"{as_size(limits.total_bytes)}; remove some first"
            )

    def find(self, visit: Visit, source: str, sha256: str) -> Document:
        """Return the document that a citation names, from the visitor's own or the shared ones.

        Raise `InputError` where it is no longer there.
        """
        own = [document for document, _ in visit.documents.values()]
        for document in (*own, *self.shared.documents):
            if document.source == source and document.sha256 == sha256:
                return document
        raise InputError(f"{source} is no longer here; add it again to read it")


def as_size(size: int) -> str:
    """Return a number of bytes in words.

    >>> as_size(20_000_000), as_size(1_500), as_size(7)
    ('20.0 MB', '1.5 kB', '7 bytes')
    """
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def _clean(name: str) -> str:
    """Return a path for citations: relative, with ``/``, printable, at most 200 characters."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part.strip("/. ")]
    path = "/".join(parts)
    path = "".join(letter if letter.isprintable() else "\ufffd" for letter in path)
    return path[-200:] or "unnamed"

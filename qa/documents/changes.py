"""Decide which document takes whose place in an index, and tell what changed.

Reading files is left to `qa.documents.loading`, writing the index to `qa.index.updating`.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from qa.documents.loading import make_document
from qa.errors import InputError
from qa.schema import Document

FileState = Literal["same", "changed", "missing"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of documents, by the names that citations give them.

    ``unchanged`` are those that were read again and had not changed; ``problems`` says which files
    were left out and why.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """The documents whose file is as it was read, has changed since, or is gone."""

    same: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]


def named(found: Iterable[Document], old: Sequence[Document]) -> tuple[Document, ...]:
    """Return documents that were read, each file once, under the name that the index has for it.

    Raise `InputError` where two files would have the same name.
    """
    names = {document.location: document.source for document in old if document.location}
    holders = {document.source: document for document in old}
    new: dict[str, Document] = {}
    for document in found:
        source = names.setdefault(document.location, document.source)
        one = document if source == document.source else _renamed(document, source)
        for holder in (new.get(source), holders.get(source)):
            if holder is not None and _is_another(holder, one):
                raise InputError(
                    f"{one.location}: would be cited as {source}, as {holder.location} is; rename "
                    "one of the files, or add a folder that holds both"
                )
        new[source] = one
    return tuple(new.values())


def merged(
    old: Sequence[Document], new: Sequence[Document], leaves: Callable[[Document], bool]
) -> tuple[Document, ...]:
    """Return the new documents and those of the old that neither leave nor are replaced."""
    replaced = {document.source for document in new}
    kept = [one for one in old if one.source not in replaced and not leaves(one)]
    return tuple(sorted([*kept, *new], key=lambda document: document.source))


def compared(
    old: Sequence[Document],
    documents: Sequence[Document],
    read: Sequence[Document],
    problems: Sequence[str],
) -> Change:
    """Return what became of the old documents, and of those that were read again."""
    before = {document.source: document for document in old}
    after = {document.source: document for document in documents}
    both = before.keys() & after.keys()
    again = {document.source for document in read} & both
    return Change(
        added=tuple(sorted(after.keys() - both)),
        changed=tuple(sorted(name for name in both if before[name] != after[name])),
        removed=tuple(sorted(before.keys() - both)),
        unchanged=tuple(sorted(name for name in again if before[name] == after[name])),
        problems=tuple(problems),
    )


def file_state(document: Document) -> FileState:
    """Tell whether a document's file still is what was read; one of no file is the same."""
    if not document.location:
        return "same"
    try:
        file = Path(document.location)
        if not file.is_file():  # a pipe would be waited for
            return "missing"
        content = file.read_bytes()
    except OSError:
        return "missing"
    return "same" if hashlib.sha256(content).hexdigest() == document.sha256 else "changed"


def findings(documents: Iterable[Document]) -> Findings:
    """Return what became of the documents' files, in the order of the documents."""
    names: dict[FileState, list[str]] = {"same": [], "changed": [], "missing": []}
    for document in documents:
        names[file_state(document)].append(document.source)
    return Findings(*(tuple(some) for some in names.values()))


def _renamed(document: Document, source: str) -> Document:
    identity = make_document(document.text, source, sha256=document.sha256).id
    return replace(document, id=identity, source=source)


def _is_another(holder: Document, document: Document) -> bool:
    """Tell whether a name is held by another file, which still is where it was."""
    return holder.location not in ("", document.location) and Path(holder.location).exists()

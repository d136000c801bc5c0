"""Choose documents by name, folder, date, language or any field of their manifest.

Finding passages in what is left is up to `qa.retrieval.hybrid`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from qa.documents.manifest import same_name
from qa.errors import InputError
from qa.schema import Document

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_NAMED = 10  # known names that a message lists


@dataclass(frozen=True, slots=True)
class Filter:
    """What a document must be to be asked; a condition that is not given lets every one pass.

    ``documents`` are names as citations give them, any of which will do; ``folder`` is one of the
    folders in them. ``since`` and ``until`` are ISO dates, perhaps a year or a month alone, both
    inclusive: a document of a known date passes if it may lie between them. ``language`` is a code
    such as ``en``. ``fields`` are pairs of a manifest's field and its value; all must hold.
    """

    documents: tuple[str, ...] = ()
    folder: str | None = None
    since: str | None = None
    until: str | None = None
    language: str | None = None
    fields: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name in (self.since, self.until):
            if name is not None and days_of(name) is None:
                raise InputError(f"a date is 2024, 2024-07 or 2024-07-25, not {name!r}")

    def __str__(self) -> str:
        words = [
            *self.documents,
            *(f"{name} {value}" for name, value in self._conditions() if value is not None),
            *(f"{name}={value}" for name, value in self.fields),
        ]
        return ", ".join(words)

    def _conditions(self) -> Iterable[tuple[str, str | None]]:
        return (
            ("folder", self.folder),
            ("since", self.since),
            ("until", self.until),
            ("language", self.language),
        )

    def choose(
        self, documents: Sequence[Document], language: Callable[[Document], str]
    ) -> frozenset[str]:
        """Return the ids of the documents that pass; ``language`` tells that of one.

        Raise `InputError` for a document, folder or field that is unknown.
        """
        known = {same_name(one.source) for one in documents}
        check_known("document", map(same_name, self.documents), known)
        if self.folder is not None:
            check_known("folder", [folder_name(self.folder)], _folders(documents))
        names = {name for one in documents for name, _ in one.metadata} | {"title"}
        check_known("field", [name for name, _ in self.fields], names)
        return frozenset(one.id for one in documents if self._passes(one, language))

    def _passes(self, document: Document, language: Callable[[Document], str]) -> bool:
        return (
            (not self.documents or same_name(document.source) in map(same_name, self.documents))
            and (self.folder is None or _within(document.source, self.folder))
            and self._is_of_the_time(document.date)
            and (self.language is None or _speaks(language(document), self.language))
            and all(_same(value, _value(document, name)) for name, value in self.fields)
        )

    def _is_of_the_time(self, when: str | None) -> bool:
        if self.since is None and self.until is None:
            return True
        days = days_of((when or "")[:10])
        if days is None:
            return False
        first, last = days_of(self.since or "0001"), days_of(self.until or "9999")
        return first is not None and last is not None and first[0] <= days[1] and days[0] <= last[1]


def check_known(kind: str, wanted: Iterable[str], known: Collection[str]) -> None:
    """Raise `InputError` for the first name that is none of those known, and list some of them."""
    for name in wanted:
        if name not in known:
            some = sorted(known)[:_NAMED]
            more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
            listed = f"known: {', '.join(some)}{more}" if some else "there is none"
            raise InputError(f"no {kind} is called {name!r}; {listed}")


def days_of(when: str) -> tuple[str, str] | None:
    """Return the first and last day of an ISO day, month or year, or None for anything else.

    >>> days_of("2024-07"), days_of("July")
    (('2024-07-01', '2024-07-31'), None)
    """
    if not _DATE.fullmatch(when):
        return None
    first, last = (when + rest[len(when) :] for rest in ("0000-01-01", "0000-12-31"))
    try:
        date.fromisoformat(first)
    except ValueError:
        return None
    return first, last


def folder_name(name: str) -> str:
    """Return the name of a folder as documents begin with it, without the last ``/``."""
    return name.strip("/")


def _folders(documents: Iterable[Document]) -> set[str]:
    """Return every folder in the documents' names, those above others too."""
    parts = [document.source.split("/")[:-1] for document in documents]
    return {"/".join(some[: end + 1]) for some in parts for end in range(len(some))}


def _within(source: str, folder: str) -> bool:
    return source.startswith(f"{folder_name(folder)}/")


def _value(document: Document, field: str) -> str:
    return document.title if field == "title" else document.get(field) or ""


def _speaks(language: str, wanted: str) -> bool:
    return _same(language, wanted) or _same(language.partition("-")[0], wanted)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()

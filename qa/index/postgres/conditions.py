"""Turn a filter into an SQL condition on documents.

What a filter means is defined in `qa.documents.filters`.
"""

from typing import TYPE_CHECKING, Any

from qa.documents import Filter, check_known, days_of, folder_name
from qa.index.postgres.tables import packed, plain, unpacked

if TYPE_CHECKING:
    from psycopg import Connection

Condition = tuple[str, list[Any]]  # SQL over qa_documents as d, and its values
_FIELD = "coalesce((SELECT value FROM qa_fields WHERE document = d.number AND name = %s), '') = %s"


def condition(where: Filter) -> Condition:
    """Return what a document must fulfil to pass."""
    parts: list[Condition] = [("true", [])]
    if where.documents:
        parts.append(("d.source = ANY(%s)", [list(map(packed, where.documents))]))
    if where.folder is not None:
        parts.append(("d.source >= %s AND d.source < %s", list(_within(where.folder))))
    since, until = days_of(where.since or ""), days_of(where.until or "")
    if since is not None:
        parts.append(("d.last_day >= %s", [since[0]]))
    if until is not None:
        parts.append(("d.first_day <= %s", [until[1]]))
    if where.language is not None:
        parts.append(("%s = ANY(d.languages)", [plain(where.language)]))
    parts += [(_FIELD, [packed(name), plain(value)]) for name, value in where.fields]
    return " AND ".join(sql for sql, _ in parts), [value for _, some in parts for value in some]


def check_names(connection: "Connection[Any]", where: Filter) -> None:
    """Raise `InputError` for a document, folder or field that is unknown."""
    wanted = set(where.documents)
    held = connection.execute(
        "SELECT count(*) FROM qa_documents WHERE source = ANY(%s)", [list(map(packed, wanted))]
    ).fetchone()
    if held is None or held[0] < len(wanted):
        check_known("document", where.documents, _sources(connection))
    if where.folder is not None:
        query = "SELECT 1 FROM qa_documents WHERE source >= %s AND source < %s LIMIT 1"
        if connection.execute(query, _within(where.folder)).fetchone() is None:
            paths = [source.split("/")[:-1] for source in _sources(connection)]
            folders = {"/".join(path[: end + 1]) for path in paths for end in range(len(path))}
            check_known("folder", [folder_name(where.folder)], folders)
    if where.fields:
        rows = connection.execute("SELECT DISTINCT name FROM qa_fields").fetchall()
        names = {unpacked(name) for (name,) in rows} | {"title"}
        check_known("field", [name for name, _ in where.fields], names)


def _sources(connection: "Connection[Any]") -> set[str]:
    return {unpacked(row[0]) for row in connection.execute("SELECT source FROM qa_documents")}


def _within(folder: str) -> tuple[bytes, bytes]:
    """Return the bounds of the names that begin with a folder; ``0`` comes after ``/``."""
    name = folder_name(folder)
    return packed(f"{name}/"), packed(f"{name}0")

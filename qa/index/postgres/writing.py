"""Put documents into the tables and take them out, within a transaction of the caller's.

Which documents come and go is left to `qa.index.postgres.living`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder, load_words
from qa.index.build import settings_digest
from qa.index.postgres.search import EXACT, rows
from qa.index.postgres.tables import (
    FORMAT,
    NAMES,
    TABLES,
    document_row,
    field_rows,
    packed,
    passage_row,
    token_type,
    unpacked,
)
from qa.retrieval import HeldPassages, passage_text
from qa.schema import Document, Passage, PassageKind
from qa.text import content_stems, split_passages

if TYPE_CHECKING:
    from psycopg import Connection

_GONE = "SELECT * FROM qa_passages WHERE document = ANY(%s)"
_GRAPH = "qa_vectors_graph"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as the tables take it: its passages, and what those that may answer hold.

    ``vectors``, ``tokens`` and ``stems`` (with how often each occurs) have a row for each of them.
    """

    document: Document
    passages: tuple[Passage, ...]
    vectors: NDArray[np.float32]
    tokens: tuple[NDArray[np.intp], ...]
    stems: tuple[Counter[str], ...]


def prepare(
    documents: Sequence[Document],
    encoder: Encoder,
    passages: Sequence[Sequence[Passage]] | None = None,
) -> list[Prepared]:
    """Cut documents into passages, unless these are given, and encode them; no database is used."""
    cut = [split_passages(one) for one in documents] if passages is None else passages
    able = [HeldPassages(some).searchable for some in cut]
    texts = [passage_text(passage) for some in able for passage in some]
    vectors = np.zeros((0, encoder.dimension), np.float32)
    tokens: list[NDArray[np.intp]] = []
    if texts:
        vectors = encoder.encode_passages(texts)
        row, lengths = load_words().tokenize(texts)
        tokens = np.split(row, np.cumsum(lengths)[:-1])
    stems = [Counter(content_stems(text)) for text in texts]
    found, start = [], 0
    for document, every, some in zip(documents, cut, able, strict=True):
        part = slice(start, start := start + len(some))
        found.append(
            Prepared(document, tuple(every), vectors[part], tuple(tokens[part]), tuple(stems[part]))
        )
    return found


def create(connection: "Connection[Any]", encoder: Encoder) -> None:
    """Leave an empty index of this encoder's; tables of another format give way."""
    ((schema, there),) = rows(
        connection,
        "SELECT quote_ident(current_schema()), "
        "to_regclass(quote_ident(current_schema()) || '.qa_index') IS NOT NULL",
    )
    if there and rows(connection, "SELECT 1 FROM qa_index WHERE format = %s", [FORMAT]):
        for name in NAMES:
            connection.execute(f"DELETE FROM {name}")
        connection.execute(f"DROP INDEX IF EXISTS {_GRAPH}")
    else:
        drops = "".join(f"DROP TABLE IF EXISTS {schema}.{name}; " for name in NAMES)
        connection.execute(drops + TABLES)
    connection.execute(
        "INSERT INTO qa_index (format, encoder, settings, passages, terms, changes) VALUES "
        "(%s, %s, %s, 0, 0, (extract(epoch FROM now()) * 1000)::bigint)",
        [FORMAT, encoder.fingerprint, settings_digest(encoder, FORMAT)],
    )


def remove(connection: "Connection[Any]", sources: Sequence[str]) -> None:
    """Take out documents, and every trace of their words."""
    names = [list(map(packed, sources))]
    numbers = [
        number
        for (number,) in rows(
            connection, "SELECT number FROM qa_documents WHERE source = ANY(%s)", names
        )
    ]
    if not numbers:
        return
    _count(connection, _GONE, [numbers], -1)
    connection.execute(
        f"""DELETE FROM qa_postings p USING (
            SELECT number, unnest(stems) AS stem FROM ({_GONE}) g
        ) g WHERE p.stem = g.stem AND p.passage = g.number""",
        [numbers],
    )
    kind = token_type(load_words())
    held: Counter[int] = Counter()
    for (tokens,) in rows(connection, f"SELECT tokens FROM ({_GONE}) g WHERE length >= 0",
                          [numbers]):  # fmt: skip
        held.subtract(np.unique(np.frombuffer(tokens, kind)).tolist())
    _count_tokens(connection, held)
    connection.execute("DELETE FROM qa_documents WHERE number = ANY(%s)", [numbers])


def insert(connection: "Connection[Any]", prepared: Sequence[Prepared]) -> None:
    """Put documents in that are not there."""
    ((document, passage),) = rows(
        connection,
        "SELECT (SELECT coalesce(max(number), 0) FROM qa_documents), "
        "(SELECT coalesce(max(number), 0) FROM qa_passages)",
    )
    numbers = _stem_numbers(connection, {stem for one in prepared for some in one.stems
                                         for stem in some})  # fmt: skip
    placed = list(enumerate(prepared, document + 1))
    _copy(
        connection,
        "qa_documents",
        ["int4", "text", *["bytea"] * 2, "text", *["bytea"] * 4, "text", "int4", "text", "text",
         "bytea[]"],
        (document_row(at, one.document, len(one.stems)) for at, one in placed),
    )  # fmt: skip
    fields = (row for at, one in placed for row in field_rows(at, one.document))
    _copy(connection, "qa_fields", ["int4", "bytea", "bytea"], fields)
    _copy(
        connection,
        "qa_passages",
        [*["int4"] * 4, "text", *["bytea"] * 5, "int4[]", "int4[]", "int4"],
        _passage_rows(placed, passage, numbers),
    )
    _copy(connection, "qa_vectors", ["int4", "int4", "vector"], _vector_rows(placed, passage))
    new = "SELECT * FROM qa_passages WHERE number > %s"
    connection.execute(
        f"""INSERT INTO qa_postings SELECT unnest(stems), number, unnest(frequencies), length
        FROM ({new}) n ORDER BY 1, 2""",
        [passage],
    )
    _count(connection, new, [passage], 1)
    held = Counter(
        token for one in prepared for some in one.tokens for token in np.unique(some).tolist()
    )
    _count_tokens(connection, held)


def finish(connection: "Connection[Any]", encoder: Encoder) -> None:
    """Note the change, forget words that no passage holds any more, link vectors once many."""
    connection.execute("DELETE FROM qa_stems WHERE holders = 0")
    connection.execute("DELETE FROM qa_tokens WHERE holders = 0")
    ((passages,),) = rows(
        connection, "UPDATE qa_index SET changes = changes + 1 RETURNING passages"
    )
    if passages > EXACT:
        size = encoder.dimension
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        connection.execute(
            f"CREATE INDEX IF NOT EXISTS {_GRAPH} ON qa_vectors "
            f"USING hnsw ((vector::halfvec({size})) halfvec_ip_ops)"
        )


def _copy(
    connection: "Connection[Any]", table: str, types: Sequence[str], found: Iterator[Sequence[Any]]
) -> None:
    target = f"COPY {table} FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(target) as copy:
        copy.set_types(types)
        for row in found:
            copy.write_row(row)


def _passage_rows(
    placed: Sequence[tuple[int, Prepared]], number: int, numbers: dict[str, int]
) -> Iterator[list[Any]]:
    kind = token_type(load_words())
    for document, one in placed:
        held = iter(zip(one.tokens, one.stems, strict=True))
        for passage in one.passages:
            number += 1
            row = [number, document, *passage_row(passage)]
            if passage.kind is PassageKind.BOILERPLATE:
                yield [*row, None, None, None, None]
                continue
            tokens, stems = next(held)
            places = [numbers[stem] for stem in stems]
            yield [*row, tokens.astype(kind).tobytes(), places, [*stems.values()], stems.total()]


def _vector_rows(
    placed: Sequence[tuple[int, Prepared]], number: int
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    for document, one in placed:
        vectors = iter(one.vectors)
        for passage in one.passages:
            number += 1
            if passage.kind is not PassageKind.BOILERPLATE:
                yield number, document, next(vectors)


def _stem_numbers(connection: "Connection[Any]", stems: set[str]) -> dict[str, int]:
    """Return the number of each stem; new ones get one."""
    asked = [[packed(stem) for stem in sorted(stems)]]
    connection.execute(
        """INSERT INTO qa_stems (stem, holders) SELECT stem, 0 FROM unnest(%s::bytea[]) AS a (stem)
        WHERE NOT EXISTS (SELECT 1 FROM qa_stems s WHERE s.stem = a.stem)""",
        asked,
    )
    found = rows(connection, "SELECT stem, number FROM qa_stems WHERE stem = ANY(%s)", asked)
    return {unpacked(stem): number for stem, number in found}


def _count(connection: "Connection[Any]", passages: str, values: Sequence[Any], sign: int) -> None:
    """Count passages that come (1) or go (-1): how many there are, and who holds which stem."""
    connection.execute(
        f"""UPDATE qa_stems s SET holders = s.holders + %s * g.holders FROM (
            SELECT stem, count(*) AS holders FROM (SELECT unnest(stems) AS stem FROM ({passages}) g)
            e GROUP BY stem
        ) g WHERE s.number = g.stem""",
        [sign, *values],
    )
    connection.execute(
        f"""UPDATE qa_index SET passages = qa_index.passages + %s * g.passages,
        terms = qa_index.terms + %s * g.terms
        FROM (SELECT count(length) AS passages, coalesce(sum(length), 0) AS terms
              FROM ({passages}) e) g""",
        [sign, sign, *values],
    )


def _count_tokens(connection: "Connection[Any]", held: Counter[int]) -> None:
    connection.execute(
        """INSERT INTO qa_tokens SELECT * FROM unnest(%s::int[], %s::int[])
        ON CONFLICT (token) DO UPDATE SET holders = qa_tokens.holders + excluded.holders""",
        [list(held.keys()), list(held.values())],
    )

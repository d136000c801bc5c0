"""Find passages in the database: BM25 over the postings, and the nearest vectors.

Every function reads what one transaction sees. Ranking what is found is left to
`qa.retrieval.hybrid`, asking for it to `qa.index.postgres.index`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.index.postgres.conditions import Condition
from qa.index.postgres.tables import PASSAGE, packed, unpacked
from qa.retrieval import K1, B, inverse_document_frequency

if TYPE_CHECKING:
    from psycopg import Connection

EXACT = 20_000  # passages; among no more than these, every vector is compared
_SEEN = 200  # vectors that a scan of the graph weighs before it goes on in steps
_MOST_TERMS = 100_000  # whose holders are kept

Row = Sequence[Any]
# Compiling a query takes longer than these questions do.
_STATE = f"""SELECT changes, passages, terms, set_config('jit', 'off', true),
set_config('hnsw.iterative_scan', 'strict_order', true),
set_config('hnsw.ef_search', '{_SEEN}', true) FROM qa_index"""
_HOLDERS = """
SELECT stem, NULL::int, holders FROM qa_stems WHERE stem = ANY(%s::bytea[])
UNION ALL SELECT NULL, token, holders FROM qa_tokens WHERE token = ANY(%s::int[])
"""
_POOL = f"""
WITH asked AS (
    SELECT s.number AS stem, a.weight
    FROM unnest(%(stems)s::bytea[], %(weights)s::float8[]) AS a (stem, weight) JOIN qa_stems s
    USING (stem)
), scored AS MATERIALIZED (
    SELECT passage, sum(weight * frequency
        / (frequency + %(k1)s * (1 - %(b)s + %(b)s * length / %(mean)s::float8))) AS score
    FROM asked JOIN qa_postings USING (stem) GROUP BY passage
), lexical AS (
    SELECT passage FROM scored {{only}} ORDER BY score DESC, passage LIMIT %(depth)s
), pool AS (
    SELECT passage FROM lexical UNION SELECT unnest(%(nearest)s::int[])
)
SELECT d.id, coalesce(score, 0), -(vector <#> %(query)s::vector), p.tokens, {PASSAGE}
FROM pool JOIN qa_passages p ON p.number = pool.passage JOIN qa_documents d ON d.number = p.document
JOIN qa_vectors v ON v.passage = pool.passage LEFT JOIN scored ON scored.passage = pool.passage
ORDER BY d.source, p.number
"""


@dataclass(frozen=True, slots=True)
class State:
    """One state of the index: its size, and how many passages hold what was asked for so far.

    ``holders`` counts them for stems, ``tokens`` for tokens.
    """

    changes: int = -1
    passages: int = 0
    terms: int = 0
    holders: dict[str, int] = field(default_factory=dict)
    tokens: dict[int, int] = field(default_factory=dict)

    def rarity(self, stem: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) of a stem, n the passages that hold it."""
        return float(inverse_document_frequency(np.array(self.holders[stem]), self.passages))


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for: stems, repeats kept, and a vector of ``size`` as pgvector reads it.

    ``depth`` passages are wanted of each kind, of the documents that are ``chosen``.
    """

    stems: Sequence[str]
    query: str
    size: int
    depth: int
    chosen: Condition | None


def rows(
    connection: "Connection[Any]", query: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[Any]:
    """Return every row that a query gives."""
    return connection.execute(query, values or None, binary=True).fetchall()


def learn(
    connection: "Connection[Any]", known: State, stems: Sequence[str], tokens: Sequence[int] = ()
) -> State:
    """Return the state that a connection sees, with what is known of it, these words included."""
    ((changes, passages, total, *_),) = rows(connection, _STATE)
    if known.changes != changes or len(known.holders) > _MOST_TERMS:
        known = State(changes, passages, total)
    new = {stem for stem in stems if stem not in known.holders}
    others = {token for token in tokens if token not in known.tokens}
    if new or others:
        found = rows(connection, _HOLDERS, [list(map(packed, new)), list(others)])
        known.holders.update(dict.fromkeys(new, 0))
        known.tokens.update(dict.fromkeys(others, 0))
        known.holders.update({unpacked(stem): held for stem, _, held in found if stem is not None})
        known.tokens.update({token: held for _, token, held in found if token is not None})
    return known


def nearest(connection: "Connection[Any]", state: State, search: Search) -> list[int]:
    """Return the passages whose vectors are nearest.

    All that pass are compared where they are few, or where the graph leads to too few of them.
    """
    only, values, passages = "", list[Any](), state.passages
    if search.chosen is not None:
        sql, values = search.chosen
        counted = f"SELECT coalesce(sum(passages), 0) FROM qa_documents d WHERE {sql}"
        passages = int(rows(connection, counted, values)[0][0])
        # "IS TRUE" keeps it a filter, which the scan of the graph can go through.
        only = f"WHERE (document IN (SELECT number FROM qa_documents d WHERE {sql})) IS TRUE"
    if passages > EXACT:
        order = f"ORDER BY vector::halfvec({search.size}) <#> %s::halfvec({search.size}) LIMIT %s"
        found = rows(
            connection,
            f"SELECT passage FROM qa_vectors {only} {order}",
            [*values, search.query, search.depth],
        )
        if len(found) == search.depth:
            return [place for (place,) in found]
    order = "ORDER BY (vector <#> %s::vector) + 0, passage LIMIT %s"  # "+ 0": by no index
    found = rows(
        connection,
        f"SELECT passage FROM qa_vectors {only} {order}",
        [*values, search.query, search.depth],
    )
    return [place for (place,) in found]


def pool(
    connection: "Connection[Any]", state: State, search: Search, near: Sequence[int]
) -> list[Row]:
    """Return the passages that are near, and the best by BM25, by document and place.

    A row holds the document's id, BM25, cosine, tokens, and the columns of `PASSAGE`.
    """
    only, values = "", list[Any]()
    if search.chosen is not None:
        sql, values = search.chosen
        only = f"""JOIN qa_passages p ON p.number = passage
        WHERE p.document IN (SELECT number FROM qa_documents d WHERE {sql})"""
    named = {f"where{place}": value for place, value in enumerate(values)}
    for name in named:
        only = only.replace("%s", f"%({name})s", 1)
    given = {
        "stems": list(map(packed, search.stems)),
        "weights": [state.rarity(stem) for stem in search.stems],
        "k1": K1,
        "b": B,
        "mean": state.terms / state.passages if state.terms else 1.0,
        "depth": search.depth,
        "query": search.query,
        "nearest": list(near),
    }
    return rows(connection, _POOL.format(only=only), {**given, **named})

"""Measure what an index in PostgreSQL costs: bytes per table, time to build it and to ask.

It works in a schema of its own, which it removes in the end. Times are wall-clock times of this
machine as it is now, with the server on it; beside them stands the local index of the same
passages. How PostgreSQL keeps an index is left to `qa`.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from eval.benchmarks.machine import Figures
from eval.console import markdown
from eval.datasets import numbered_lines, paragraphs, parse_object
from eval.schema import EvalError
from qa import Assistant, LivingDatabase, Passage

_SCHEMA = "qa_eval"
_PARAGRAPHS = 40  # of a document
_READ = 8
_SPACE = """
SELECT c.relname, CASE c.relkind WHEN 'i' THEN pg_relation_size(c.oid) ELSE pg_table_size(c.oid) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'i') ORDER BY 1
"""


def measure(url: str, text: Path, sizes: Sequence[int]) -> Figures:
    """Return the figures for each number of paragraphs from a file with one on each line."""
    found = [_measured(url, text, size) for size in sorted(sizes)]
    return {"format": 1, "sizes": found}


def render(figures: Figures) -> str:
    """Return the figures as Markdown tables."""
    sizes = figures["sizes"]
    heads = ["", *(f"{one['passages']:,} passages" for one in sizes)]
    times = [
        [name, *(f"{one[key]:,.1f}" for one in sizes)]
        for name, key in (
            ("index, ms a passage", "index_ms"),
            ("  computing here", "index_here_ms"),
            ("  computing in the server", "index_there_ms"),
            ("retrieve, ms p50", "retrieve_p50_ms"),
            ("retrieve, ms p95", "retrieve_p95_ms"),
            ("  computing here, ms", "retrieve_here_ms"),
            ("  computing in the server, ms", "retrieve_there_ms"),
            ("the local index, ms p50", "local_p50_ms"),
            ("  computing, ms", "local_ms"),
            ("passages read that the local index reads, %", "shared"),
        )
    ]
    names = sorted({name for one in sizes for name in one["bytes"]})
    space = [
        [name, *(f"{one['bytes'].get(name, 0) / one['passages']:,.0f}" for one in sizes)]
        for name in names
    ]
    total = ["all", *(f"{sum(one['bytes'].values()) / one['passages']:,.0f}" for one in sizes)]
    return "\n\n".join(
        [markdown(heads, times), markdown(["bytes a passage", *heads[1:]], [*space, total])]
    )


def _measured(url: str, text: Path, size: int) -> Figures:
    with _schema(url) as (address, connection), tempfile.TemporaryDirectory() as folder:
        _write(text, size, Path(folder))
        begun, computing = time.perf_counter(), _computing(connection)
        LivingDatabase(address).replace(folder)
        took, computed = time.perf_counter() - begun, _computing(connection)
        local, stored = Assistant.from_folder(folder, cache=False), Assistant.open(address)
        ((count,),) = connection.execute(f"SELECT passages FROM {_SCHEMA}.qa_index").fetchall()
        found = {"bytes": dict(connection.execute(_SPACE, [_SCHEMA]).fetchall())}
        return {
            "paragraphs": size,
            "passages": count,
            "index_ms": 1000 * took / count,
            "index_here_ms": 1000 * (computed[0] - computing[0]) / count,
            "index_there_ms": 1000 * (computed[1] - computing[1]) / count,
            **found,
            **_asked(stored, local, connection),
        }


def _asked(stored: Assistant, local: Assistant, connection: Any) -> dict[str, float]:
    gold = (files("eval") / "gold" / "dev.jsonl").read_text(encoding="utf-8")
    questions = [parse_object(line)["question"] for _, line in numbered_lines(gold)]

    def ask(assistant: Assistant) -> tuple[list[float], list[set[Passage]], list[float]]:
        assistant.retrieve(questions[0], _READ)
        times, found, before = [], [], _computing(connection)
        for question in questions:
            begun = time.perf_counter()
            hits = assistant.retrieve(question, _READ)
            times.append(1000 * (time.perf_counter() - begun))
            found.append({hit.passage for hit in hits})
        both = zip(before, _computing(connection), strict=True)
        return times, found, [1000 * (after - then) / len(questions) for then, after in both]

    times, found, (here, there) = ask(stored)
    local_times, wanted, (alone, _) = ask(local)
    shared = [len(one & other) / len(other) for one, other in zip(found, wanted, strict=True)]
    return {
        "retrieve_p50_ms": statistics.median(times),
        "retrieve_p95_ms": statistics.quantiles(times, n=20)[-1],
        "retrieve_here_ms": here,
        "retrieve_there_ms": there,
        "local_p50_ms": statistics.median(local_times),
        "local_ms": alone,
        "shared": 100 * statistics.mean(shared),
    }


def _computing(connection: Any) -> tuple[float, float]:
    """Return the seconds of processor time of this process, and of the server if it runs here.

    The server's include those of its children, even ended ones (``proc_pid_stat(5)``).
    """
    ((backend,),) = connection.execute("SELECT pg_backend_pid()").fetchall()
    try:
        server = _status(Path(f"/proc/{backend}/stat"))[1]
        every = [_status(file) for file in Path("/proc").glob("[0-9]*/stat")]
        own = _status(Path(f"/proc/{server}/stat"))[11:15]
    except OSError:  # another machine, or no Linux
        return time.process_time(), float("nan")
    ticks = sum(own) + sum(sum(one[11:13]) for one in every if one[1] == server)
    return time.process_time(), ticks / os.sysconf("SC_CLK_TCK")


def _status(file: Path) -> list[int]:
    """Return the fields after a process's name: 0 for its state, its parent, and so on."""
    try:
        fields = file.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        fields = ["0"] * 15
    return [0, *(int(field) for field in fields[1:15])]


@contextmanager
def _schema(url: str) -> Iterator[tuple[str, Any]]:
    """Yield the address of an empty schema and a connection to its database."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE; CREATE SCHEMA {_SCHEMA}")
        mark = "&" if "?" in url else "?"
        yield f"{url}{mark}options=-csearch_path%3D{_SCHEMA}%2Cpublic", connection
        connection.execute(f"DROP SCHEMA {_SCHEMA} CASCADE")


def _write(text: Path, size: int, folder: Path) -> None:
    """Write the first ``size`` paragraphs as documents of some paragraphs each."""
    lines, number = islice(paragraphs(text), size), 0
    while part := list(islice(lines, _PARAGRAPHS)):
        (folder / f"{number:06}.txt").write_text("\n\n".join(part), encoding="utf-8")
        number += 1
    if not number:
        raise EvalError(f"{text}: holds no paragraph; write one a line")

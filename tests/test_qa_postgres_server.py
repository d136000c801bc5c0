"""Test what only a database does: its graph, a crash within a change, and what keeps it away."""

import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from qa import Assistant, Filter, LivingIndex, StoreError
from qa.documents.loading import make_document
from qa.index.postgres import index, living, search, server

ASKED = (
    "What is the trade target for 2030?",
    "How many ships did Aktau handle?",
    "Who painted it?",
)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "aktau.md").write_text("The port of Aktau handled 12 ships in 2021.")
    (folder / "baku.md").write_text("The port of Baku was opened in 1902 by the governor.")
    (folder / "plan.md").write_text("# The plan\n\nThe trade target for 2030 is $70 billion.\n")
    return folder


@pytest.mark.parametrize("moment", ["insert", "finish"])
def test_a_server_killed_in_the_middle_of_a_change_comes_back_whole(  # noqa: PLR0917
    database: Any, url: str, docs: Path, tiny: str, monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:  # fmt: skip
    kept = LivingIndex(url, encoder=tiny)
    kept.replace(docs)
    before, assistant = database.contents(url), Assistant.open(url, encoder=tiny)
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
    assert database.contents(url) == before
    assert [assistant.ask(question) for question in ASKED] == asked  # it connects again by itself
    assert kept.add(docs / "new.md").added == ("new.md",)
    assert len(LivingIndex(url, encoder=tiny).documents) == 4


def test_a_second_change_waits_and_says_for_what(url: str, docs: Path, tiny: str) -> None:
    LivingIndex(url, encoder=tiny).replace(docs)
    with living._writing(server.Server(url), 1):
        impatient = LivingIndex(url, encoder=tiny, wait=0.1)
        with pytest.raises(StoreError, match=r"another command is changing .* --wait SECONDS"):
            impatient.remove("plan.md")
    assert impatient.remove("plan.md").removed == ("plan.md",)


def test_what_is_of_another_make_is_refused(url: str, docs: Path, tiny: str) -> None:
    with pytest.raises(StoreError, match="holds no index; make one: qa index FOLDER --store"):
        Assistant.open(url, encoder=tiny)
    with pytest.raises(StoreError, match="holds no index"):
        LivingIndex(url, encoder=tiny).add(docs)
    LivingIndex(url).replace(docs)
    with pytest.raises(StoreError, match=r"made with another encoder; name .* or make the index"):
        Assistant.open(url, encoder=tiny)
    LivingIndex(url, encoder=tiny).replace(docs)
    Assistant.open(url, encoder=tiny)
    for change, message in (
        ("UPDATE qa_index SET settings = ''", "made with other settings"),
        ("UPDATE qa_index SET format = 99", "holds an index of format 99, this version reads 1"),
    ):
        with psycopg.connect(url) as connection:
            connection.execute(change)
        with pytest.raises(StoreError, match=message):
            Assistant.open(url, encoder=tiny)
    LivingIndex(url, encoder=tiny).replace(docs)
    assert len(LivingIndex(url, encoder=tiny).verify().same) == 3


def test_tables_that_disagree_are_found(url: str, docs: Path, tiny: str) -> None:
    kept = LivingIndex(url, encoder=tiny)
    kept.replace(docs)
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM qa_postings WHERE passage = 1")
    with pytest.raises(StoreError, match=r"is damaged .* make it again: qa index FOLDER --store"):
        kept.verify()


def test_another_index_beside_ours_is_left_alone(database: Any, docs: Path, tiny: str) -> None:
    """A schema without an index of its own, behind which another stands in the search path."""
    first = database.place()
    LivingIndex(first, encoder=tiny).replace(docs)
    before = database.contents(first)
    name = first.partition("%3D")[2].partition("%2C")[0]
    second = database.place().replace("%2Cpublic", f"%2C{name}%2Cpublic")
    LivingIndex(second, encoder=tiny).replace(docs / "plan.md")
    assert database.contents(first) == before
    assert len(LivingIndex(second, encoder=tiny).documents) == 1


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
    monkeypatch.setattr("qa.index.postgres.writing.EXACT", 10)
    local.save(url)
    monkeypatch.setattr(search, "EXACT", 10)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT 1 FROM pg_indexes WHERE indexname = 'qa_vectors_graph'")
        assert found.fetchone() is not None
    stored = Assistant.open(url, encoder=tiny)
    few_only = Filter(fields=(("part", "few"),))
    assert len(stored.retrieve("port grain 5", 50, few_only)) == 20
    rest = Filter(fields=(("part", "rest"),))
    for where in (None, rest):
        one = {hit.passage for hit in stored.retrieve("port grain 5", 20, where)}
        other = {hit.passage for hit in local.retrieve("port grain 5", 20, where)}
        assert len(one & other) >= 18


def test_documents_are_kept_for_who_cites_them(url: str, tiny: str) -> None:
    count = index._KEPT + 40
    documents = [make_document(f"The port {n}.", f"{n:03}.md") for n in range(count)]
    Assistant.from_documents(documents, encoder=tiny).save(url)
    answer = Assistant.open(url, encoder=tiny).ask("the port?", top_k=count)
    assert len({hit.passage.document_id for hit in answer.hits}) == count

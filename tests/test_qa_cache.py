"""Test that a cached index is used where it fits, made again where not, and never in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa import assistant as assistant_module
from qa.assistant import Assistant
from qa.errors import StoreError
from qa.index.cache import _code, cache_folder, clear_cache

QUESTION = "What is the trade goal?"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "indexes"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The trade goal is $70 billion.")
    return tmp_path / "docs"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by one whenever an index is built."""
    made: list[int] = []
    build = assistant_module.build_index

    def counted(*arguments: object, **options: object) -> object:
        made.append(1)
        return build(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(assistant_module, "build_index", counted)
    return made


def test_the_second_time_the_index_is_found(
    cache: Path, folder: Path, builds: list[int], tiny: str
) -> None:
    first = Assistant.from_folder(folder, encoder=tiny).ask(QUESTION)
    second = Assistant.from_folder(folder, encoder=tiny).ask(QUESTION)
    assert len(builds) == 1
    assert first == second
    assert len(list(cache.iterdir())) == 1


def test_without_the_cache_nothing_is_written(cache: Path, folder: Path, tiny: str) -> None:
    Assistant.from_folder(folder, encoder=tiny, cache=False)
    assert not cache.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a.txt").write_text("The trade goal is $71 billion."),
        lambda folder: (folder / "b.txt").write_text("Another document."),
        lambda folder: (folder / "a.txt").rename(folder / "c.txt"),
        lambda folder: (folder / "manifest.json").write_text(
            '{"documents": [{"file": "a.txt", "title": "New"}]}'
        ),
        lambda folder: (folder / "manifest.json").write_text(
            '{"documents": [{"file": "a.txt", "date": "2024"}]}'
        ),
    ],
    ids=["edited", "added", "renamed", "titled", "dated"],
)
def test_a_change_is_seen(
    cache: Path, folder: Path, builds: list[int], tiny: str, change: object
) -> None:
    Assistant.from_folder(folder, encoder=tiny)
    change(folder)  # type: ignore[operator]
    assistant = Assistant.from_folder(folder, encoder=tiny)
    assert len(builds) == 2
    assert all(one.verify() for one in assistant.ask(QUESTION).nearest)
    sources = {document.source for document in assistant.documents}
    assert sources == {file.name for file in folder.glob("*.txt")}


def test_another_version_of_the_code_builds_anew(
    cache: Path, folder: Path, builds: list[int], tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may split documents otherwise; an index that is saved on purpose stays good."""
    Assistant.from_folder(folder, encoder=tiny)
    code = folder.parent / "code"
    (code / "text").mkdir(parents=True)
    (code / "text" / "passages.py").write_text("# split otherwise")
    monkeypatch.setattr("qa.index.cache.files", lambda _: code)
    _code.cache_clear()
    Assistant.from_folder(folder, encoder=tiny)
    assert len(builds) == 2
    _code.cache_clear()


def test_a_folder_that_was_moved_is_cited_where_it_is(cache: Path, folder: Path, tiny: str) -> None:
    Assistant.from_folder(folder, encoder=tiny)
    moved = folder.rename(folder.parent / "moved")
    assistant = Assistant.from_folder(moved, encoder=tiny)
    assert assistant.documents[0].location == str((moved / "a.txt").resolve())


@pytest.mark.parametrize(
    "part",
    [
        "index/manifest.json",
        "index/*/manifest.json",
        "index/*/corpus.sqlite",
        "index/*/vectors.faiss",
        "problems.json",
    ],
)
def test_a_damaged_entry_is_made_again(
    cache: Path, folder: Path, builds: list[int], tiny: str, part: str
) -> None:
    first = Assistant.from_folder(folder, encoder=tiny).ask(QUESTION)
    (entry,) = cache.iterdir()
    (file,) = entry.glob(part)
    file.write_bytes(b"{}")
    assert Assistant.from_folder(folder, encoder=tiny).ask(QUESTION) == first
    assert Assistant.from_folder(folder, encoder=tiny).ask(QUESTION) == first
    assert len(builds) == 2


def test_files_that_have_not_changed_are_not_looked_through_again(
    cache: Path, folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 of nothing")
    first = Assistant.from_folder(folder, encoder=tiny)
    assert any("broken.pdf" in problem for problem in first.problems)

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("qa.documents.loading.extract", refuse)
    second = Assistant.from_folder(folder, encoder=tiny)
    assert second.problems == first.problems
    assert second.ask(QUESTION) == first.ask(QUESTION)


def test_a_pipe_in_the_folder_is_not_waited_for(cache: Path, folder: Path, tiny: str) -> None:
    os.mkfifo(folder / "b.txt")
    problems = Assistant.from_folder(folder, encoder=tiny).problems
    assert any("b.txt" in problem for problem in problems)
    assert not cache.exists()


def test_a_file_that_changed_while_it_was_read_is_not_kept(
    cache: Path, folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = assistant_module.load_folder

    def late(*arguments: object) -> object:
        (folder / "a.txt").write_text("The trade goal is $71 billion.")
        return load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(assistant_module, "load_folder", late)
    assert "71" in str(Assistant.from_folder(folder, encoder=tiny).ask(QUESTION))
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_costs_only_time(
    folder: Path, tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where the folder should be stops root too, whom permissions do not bind."""
    (tmp_path / "cache").write_text("in the way")
    monkeypatch.setenv("QA_CACHE_DIR", str(tmp_path / "cache"))
    assert Assistant.from_folder(folder, encoder=tiny).ask(QUESTION).hits
    assert clear_cache() == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_read_only_cache_costs_only_time(cache: Path, folder: Path, tiny: str) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o555)
    assert Assistant.from_folder(folder, encoder=tiny).ask(QUESTION).hits
    cache.chmod(0o755)


def test_an_entry_that_cannot_be_read_costs_only_time(
    cache: Path, folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Assistant.from_folder(folder, encoder=tiny)
    (entry,) = cache.iterdir()
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if entry in path.parents:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert Assistant.from_folder(folder, encoder=tiny).ask(QUESTION).hits


def test_two_first_runs_at_once_do_no_harm(cache: Path, folder: Path, tiny: str) -> None:
    code = (
        "import sys; from qa.assistant import Assistant; "
        "print(len(Assistant.from_folder(sys.argv[1], encoder=sys.argv[2]).passages))"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(folder), tiny]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    results = [process.communicate(timeout=60) for process in running]
    assert results == [("1\n", "")] * 2
    assert [entry.name.startswith(".") for entry in cache.iterdir()] == [False]


def test_the_oldest_entries_go(cache: Path, folder: Path, tiny: str) -> None:
    """32 are kept; what was used last stays."""
    for number in range(34):
        entry = cache / f"{number:02}"
        entry.mkdir(parents=True)
        os.utime(entry, (number, number))
    Assistant.from_folder(folder, encoder=tiny)
    names = sorted(entry.name for entry in cache.iterdir())
    assert len(names) == 32
    assert "00" not in names
    assert "33" in names


def test_clearing_empties_it_and_counts(cache: Path, folder: Path, tiny: str) -> None:
    assert clear_cache() == 0
    Assistant.from_folder(folder, encoder=tiny)
    (cache / ".half-written").mkdir()
    assert clear_cache() == 1
    assert list(cache.iterdir()) == []


def test_an_entry_that_cannot_be_removed_is_named(
    cache: Path, folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Assistant.from_folder(folder, encoder=tiny)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(StoreError, match="cannot be removed"):
        clear_cache()


def test_the_cache_lies_where_the_system_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    from platformdirs import user_cache_path

    monkeypatch.delenv("QA_CACHE_DIR")
    assert user_cache_path("extractive-qa", appauthor=False) in cache_folder().parents
    monkeypatch.setenv("QA_CACHE_DIR", "~/elsewhere")
    assert cache_folder() == Path.home() / "elsewhere" / "indexes"

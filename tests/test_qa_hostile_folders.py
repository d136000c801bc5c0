"""Test that a folder's links, pipes, names and vanishing files are named and cost no other file."""

import os
from pathlib import Path

import pytest

from qa import load_folder


def test_files_that_vanish_and_links_in_a_circle_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good.txt").write_text("Good.")
    (tmp_path / "gone.txt").write_text("Gone.")
    (tmp_path / "round.txt").symlink_to(tmp_path / "round.txt")
    resolve = Path.resolve

    def vanish(path: Path, strict: bool = False) -> Path:
        found = resolve(path, strict)
        if path.name == "gone.txt":
            path.unlink()
        return found

    monkeypatch.setattr(Path, "resolve", vanish)
    loaded = load_folder(tmp_path)
    assert [document.source for document in loaded.documents] == ["good.txt"]
    assert [problem.split(":")[0] for problem in loaded.problems] == ["gone.txt", "round.txt"]


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not bind root, so the refusal is made up."""
    (tmp_path / "good.txt").write_text("Good.")
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    problems = load_folder(tmp_path).problems
    assert problems == ("closed: cannot be listed (Permission denied); check the folder",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_for_a_manifest_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Good.")
    os.mkfifo(tmp_path / "manifest.json")
    assert load_folder(tmp_path).problems == (
        "manifest.json: is no regular file; the files were read without it",
    )


def test_names_that_are_no_text_are_read(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_text("Good.")
    except OSError:
        pytest.skip("this file system takes no such names")
    (document,) = load_folder(tmp_path).documents
    assert document.source == name


def test_many_small_files_cost_what_they_hold(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number}.txt").write_text(f"File {number}.")
    assert len(load_folder(tmp_path).documents) == 2000

"""Test what becomes a document, what does not, and that every message says what to do."""

import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

import seeds
from qa.documents.loading import load_folder, make_document
from qa.errors import DocumentError
from qa.schema import Citation, Span


def write(folder: Path, **files: bytes | str) -> Path:
    for name, content in files.items():
        body = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.txt").write_bytes(body)
    return folder


def only_problem(folder: Path) -> str:
    """Return the one problem of a folder whose other file, ``good.txt``, is not lost."""
    loaded = load_folder(folder)
    assert [document.source for document in loaded.documents] == ["good.txt"]
    (problem,) = loaded.problems
    return problem


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"bad\.txt: is empty; fill it or remove it"),
        (b" \r\n\t\xe3\x80\x80", r"bad\.txt: is empty"),
        (b"\xef\xbb\xbf", r"bad\.txt: is empty"),
        (b"text\0more", r"bad\.txt: is a binary file.*remove or rename"),
        (b"\x89PNG\r\n\x1a\n\0\0", r"bad\.txt: is a binary file"),
    ],
)
def test_a_bad_file_is_named_with_its_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    problem = only_problem(write(tmp_path, good="Good.", bad=content))
    assert re.search(message, problem)


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not bind root, so the refusal is made up."""
    write(tmp_path, good="Good.", bad="Secret.")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "bad.txt":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert only_problem(tmp_path) == "bad.txt: cannot be read (Permission denied); check the file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(write(tmp_path, good="Good.") / "bad.txt")
    assert "bad.txt: is no regular file" in only_problem(tmp_path)


def test_a_folder_of_the_name_of_a_file_is_walked(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    write(tmp_path / "a.txt", inner="Inner.")
    assert [one.source for one in load_folder(tmp_path).documents] == ["a.txt/inner.txt"]


def test_a_bom_is_dropped_and_line_ends_are_kept(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfOne\r\ntwo\rthree\n"
    document = load_folder(write(tmp_path, a=content)).documents[0]
    assert document.text == "One\r\ntwo\rthree\n"
    assert document.sha256 == hashlib.sha256(content).hexdigest()


def test_files_come_by_their_path_from_every_folder(tmp_path: Path) -> None:
    """Hidden ones and other kinds stay out, pictures are counted; ``/`` parts folders."""
    for name in ("b.md", "A.TXT", "sub/deep/c.markdown", ".hidden.txt", ".git/d.txt", "e.png",
                 "f.JPG", "NOTICE", "g.py", "manifest.json", "sub/manifest.json"):  # fmt: skip
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('{"documents": []}' if name.endswith("json") else f"Text of {name}.")
    loaded = load_folder(tmp_path)
    assert [one.source for one in loaded.documents] == ["A.TXT", "b.md", "sub/deep/c.markdown"]
    (problem,) = loaded.problems
    assert problem.startswith("2 files (.jpg, .png) may hold text; save")


def test_one_file_alone(tmp_path: Path) -> None:
    write(tmp_path, a="Alpha.", b="Beta.")
    (tmp_path / "manifest.json").write_text('{"documents": [{"file": "a.txt", "title": "One"}]}')
    loaded = load_folder(tmp_path / "a.txt")
    assert [(one.source, one.title) for one in loaded.documents] == [("a.txt", "One")]
    assert loaded.problems == ()


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_links_may_not_lead_out(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("Secret.")
    write(folder, good="Good.")
    (folder / "bad.txt").symlink_to(secret)
    assert only_problem(folder) == "bad.txt: links out of the folder; copy the file into it"
    (folder / "bad.txt").unlink()
    (folder / "bad.txt").symlink_to(tmp_path / "gone.txt")
    assert only_problem(folder).startswith("bad.txt: cannot be read")
    (folder / "bad.txt").unlink()
    (folder / "again.txt").symlink_to(folder / "good.txt")
    assert len(load_folder(folder).documents) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "no such folder; check the path"),
        ("empty", r"holds no documents; put \.txt, \.md"),
        ("bad", r"no file in it could be read:\n  a\.txt: is empty"),
    ],
)
def test_a_folder_without_documents_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    write(tmp_path / "bad", a="")
    with pytest.raises(DocumentError, match=message):
        load_folder(tmp_path / name)


@pytest.mark.parametrize(
    "manifest",
    [
        b"{",
        b"[]",
        b"null",
        b'{"documents": 3}',
        b'{"documents": ["a.txt"]}',
        b'{"documents": [{"title": "no file"}]}',
        b"\xff\xfe{\0",
        b"[" * 100_000,
    ],
)
def test_a_broken_manifest_loses_no_document(tmp_path: Path, manifest: bytes) -> None:
    write(tmp_path, good="Good.")
    (tmp_path / "manifest.json").write_bytes(manifest)
    problem = only_problem(tmp_path)
    assert problem.startswith("manifest.json: ")
    assert "read without it" in problem


def test_a_manifest_describes_its_files(tmp_path: Path) -> None:
    """Nulls are as good as absent, fields of any name are kept, files that are gone are named."""
    write(tmp_path, a="Alpha.", good="Good.")
    rows = [
        {"file": "a.txt", "title": "One", "publisher": None, "date": "2024-07", "language": "en",
         "pages": 3, "sha256": "0" * 64},
        {"file": "gone.txt", "title": "Gone"},
    ]  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps({"documents": rows, "more": 1}), "utf-8-sig")
    loaded = load_folder(tmp_path)
    document = loaded.documents[0]
    assert (document.title, document.publisher, document.date) == ("One", None, "2024-07")
    assert document.metadata == (("date", "2024-07"), ("language", "en"), ("pages", "3"))
    assert [problem.split(":")[0] for problem in loaded.problems] == ["a.txt", "manifest.json"]
    assert "changed since manifest.json" in loaded.problems[0]
    assert "names gone.txt" in loaded.problems[1]


def test_the_seeds_are_as_their_manifest_says() -> None:
    """No problem: all five are there, unchanged since the manifest was written."""
    folder = Path(seeds.__file__).parent
    loaded = load_folder(folder)
    assert loaded.problems == ()
    assert [document.source[:4] for document in loaded.documents] == [
        "000_",
        "001_",
        "002_",
        "003_",
        "004_",
    ]
    rows = json.loads((folder / "manifest.json").read_text("utf-8"))["documents"]
    for row, document in zip(rows, loaded.documents, strict=True):
        assert set(row) == {"file", "title", "publisher", "date", "language", "sha256"}
        assert (row["file"], row["sha256"]) == (document.source, document.sha256)
        assert re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", row["date"] or "2024")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The *plan*\n\nText.", "The *plan*"),
        ("The plan\n\nText follows here.", "The plan"),
        ("It opens with a sentence.", "name"),
        ("***\n\nThe plan\n\nText.", "The plan"),
        ("---\ntitle: 'The plan'\n---\nText.", "The plan"),
        ("Copyright © 2020 A\n\nThe plan\n\nText.", "The plan"),
        ("x" * 121, "name"),
    ],
)
def test_the_title_of_a_file_without_a_manifest(text: str, title: str) -> None:
    assert make_document(text, "folder/name.txt").title == title


def test_the_id_comes_from_source_and_content_alone() -> None:
    one = make_document("Text.", "a.txt", title="A", metadata=[("date", "2024")], location="/x")
    assert one.id == make_document("Text.", "a.txt").id
    assert one.id != make_document("Text!", "a.txt").id
    assert one.id != make_document("Text.", "b.txt").id


@pytest.fixture
def citation(tmp_path: Path) -> Citation:
    write(tmp_path, a="The target is $70 billion. The end.")
    document = load_folder(tmp_path).documents[0]
    return Citation("a.txt", "", None, None, Span(14, 25), "$70 billion",
                    "The target is $70 billion.", Span(0, 26), document.sha256,
                    document.location)  # fmt: skip


def test_verify_compares_quote_context_and_bytes(citation: Citation) -> None:
    assert citation.verify()
    assert not replace(citation, quote="$71 billion").verify()
    assert not replace(citation, context="The target is $71 billion.").verify()
    assert not replace(citation, span=Span(13, 24)).verify()
    assert not replace(citation, span=Span(14, 9999)).verify()
    assert not replace(citation, sha256="0" * 64).verify()


def test_verify_never_raises(citation: Citation, monkeypatch: pytest.MonkeyPatch) -> None:
    for location in ("", "/nowhere/a.txt", "a\0b", str(Path(citation.location).parent), "x" * 9999):
        assert replace(citation, location=location).verify() is False

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert citation.verify() is False


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_verify_waits_for_no_pipe(citation: Citation, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert replace(citation, location=str(tmp_path / "pipe")).verify() is False


def test_a_citation_in_json_has_the_promised_fields(citation: Citation) -> None:
    assert citation.to_dict() == {
        "document": "a.txt", "title": "", "publisher": None, "date": None, "start": 14, "end": 25,
        "place": "",
        "quote": "$70 billion", "context": "The target is $70 billion.",
        "display": "$70 billion", "display_context": "The target is $70 billion.",
        "sha256": citation.sha256,
    }  # fmt: skip

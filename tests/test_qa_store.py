"""Test that an index comes back from disk as it was, and that no other one is let in."""

import hashlib
import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest

from embeddings import Encoder, load_encoder
from qa.assistant import Assistant
from qa.documents.loading import make_document
from qa.errors import ModelError, StoreError
from qa.index.generations import MANIFEST
from qa.index.store import settings_fingerprint
from qa.schema import Passage, PassageKind, Place, Span

TEXT = "# Plan\n\nGoals:\n\n- Trade: $70 billion by 2030\n\n| A | B |\n|---|---|\n| 1 | 贸易额 |\n"


@pytest.fixture(scope="module")
def encoder(tiny: str) -> Encoder:
    return load_encoder(tiny)


@pytest.fixture(scope="module")
def assistant(tiny: str) -> Assistant:
    documents = [
        make_document(TEXT, "sub/a.md", title="Ein Plan", location="/x/a.md", sha256="ab" * 32,
                      metadata=[("publisher", "P\u2028"), ("date", "2024-07"), ("language", "de")]),
        make_document("Other text\r\nabout ports \U0001f6a2.\0", "caf\udce9.txt"),
    ]  # fmt: skip
    documents[0] = replace(documents[0], places=(Place(0, "page 1"), Place(9, "page 2")))
    return Assistant.from_documents(documents, encoder=tiny)


@pytest.fixture
def saved(assistant: Assistant, tmp_path: Path) -> Path:
    assistant.save(tmp_path / "index")
    return tmp_path / "index"


def home(folder: Path) -> Path:
    """Return the folder of the one generation of an index."""
    (only,) = folder.glob("generation-*")
    return only


def edit(folder: Path, **changes: object) -> None:
    """Write other facts into both copies of the manifest."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for place in (folder, home(folder)):
        (place / MANIFEST).write_text(json.dumps({**manifest, **changes}))


def refusal(folder: Path, tiny: str) -> str:
    with pytest.raises(StoreError) as caught:
        Assistant.open(folder, encoder=tiny)
    return str(caught.value)


def test_everything_comes_back(assistant: Assistant, saved: Path, tiny: str) -> None:
    again = Assistant.open(saved, encoder=tiny)
    assert again.documents == assistant.documents
    assert again.passages == assistant.passages
    for question in ("What is the trade goal by 2030?", "贸易额", "Where are the ports?", "zebra"):
        assert again.ask(question, top_k=5) == assistant.ask(question, top_k=5)


def test_the_round_trip_saw_every_field_at_another_value_than_its_default(
    assistant: Assistant,
) -> None:
    """Without this, a field that is never written could come back by its default."""
    for field in fields(Passage):
        assert len({getattr(passage, field.name) for passage in assistant.passages}) > 1, field.name
    assert assistant.documents[0].metadata


def test_passages_of_ones_own_come_back(tiny: str, tmp_path: Path) -> None:
    document = make_document("One two three.", "a.txt")
    passage = Passage(document.id, Span(4, 7), "two", PassageKind.CAPTION, "h", "l", "t")
    made = Assistant.from_documents([document], [passage], encoder=tiny)
    made.save(tmp_path / "index")
    assert Assistant.open(tmp_path / "index", encoder=tiny).passages == (passage,)


def test_saving_twice_gives_the_same_bytes(
    assistant: Assistant, saved: Path, tmp_path: Path
) -> None:
    assistant.save(tmp_path / "again")
    first, second = home(saved), home(tmp_path / "again")
    files = sorted(file.relative_to(first) for file in first.rglob("*") if file.is_file())
    assert len(files) > 3
    for file in files:
        one, two = (first / file).read_bytes(), (second / file).read_bytes()
        assert one.replace(first.name.encode(), second.name.encode()) == two, file


def test_saving_leaves_nothing_beside(saved: Path) -> None:
    assert [entry.name for entry in saved.parent.iterdir()] == ["index"]


def test_saving_replaces_an_index_whole(saved: Path, tiny: str) -> None:
    other = Assistant.from_documents([make_document("Only this.", "c.txt")], encoder=tiny)
    (home(saved) / ".DS_Store").write_text("of no one")
    other.save(saved)
    assert [one.source for one in Assistant.open(saved, encoder=tiny).documents] == ["c.txt"]
    assert [entry.name for entry in saved.parent.iterdir()] == ["index"]
    assert {entry.name for entry in saved.iterdir()} == {MANIFEST, ".lock", home(saved).name}


def test_saving_creates_the_folders_above(assistant: Assistant, tmp_path: Path) -> None:
    assistant.save(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / MANIFEST).is_file()


def test_a_folder_that_is_no_index_is_left_alone(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("Years of work.")
    with pytest.raises(StoreError, match="exists and is no index"):
        assistant.save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "Years of work."


def test_a_folder_of_documents_with_a_manifest_is_left_alone(
    assistant: Assistant, tmp_path: Path
) -> None:
    """The manifest of documents has the name of an index's, but is none."""
    (tmp_path / MANIFEST).write_text('{"documents": []}')
    (tmp_path / "thesis.txt").write_text("Years of work.")
    with pytest.raises(StoreError, match="exists and is no index"):
        assistant.save(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_an_index_with_a_file_of_someone_else_is_left_alone(
    assistant: Assistant, saved: Path
) -> None:
    (saved / "thesis.txt").write_text("Years of work.")
    with pytest.raises(StoreError, match="holds other files"):
        assistant.save(saved)
    assert (saved / "thesis.txt").exists()


def test_a_link_is_followed(assistant: Assistant, saved: Path, tiny: str) -> None:
    (saved.parent / "link").symlink_to(saved)
    assistant.save(saved.parent / "link")
    assert (saved.parent / "link").is_symlink()
    assert sorted(entry.name for entry in saved.parent.iterdir()) == ["index", "link"]
    assert Assistant.open(saved.parent / "link", encoder=tiny).passages == assistant.passages


def test_the_working_directory_may_become_an_index(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assistant.save(".")
    assert Assistant.open(tmp_path / "here", encoder=tiny).passages == assistant.passages


def test_a_file_in_the_way_is_named(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    with pytest.raises(StoreError, match="choose another place"):
        assistant.save(tmp_path / "index")
    with pytest.raises(StoreError, match="cannot be written"):
        assistant.save(tmp_path / "index" / "below")
    assert (tmp_path / "index").read_text() == "a file"


def test_another_version_is_refused(saved: Path, tiny: str) -> None:
    edit(saved, format=99)
    assert "has format 99, this version reads" in refusal(saved, tiny)


def test_another_encoder_is_refused(saved: Path, tmp_path: Path, tiny: str) -> None:
    other = Path(shutil.copytree(tiny, tmp_path / "other"))
    (other / "checksums.json").unlink()
    settings = other / "config_sentence_transformers.json"
    settings.write_text(settings.read_text().replace('"query": ""', '"query": "query: "'))
    with pytest.raises(StoreError, match=r"another encoder.* qa reencode --index"):
        Assistant.open(saved, encoder=str(other))


def test_an_encoder_that_is_missing_is_said(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        Assistant.open(saved, encoder=str(tmp_path / "nothing"))


def test_other_settings_are_refused(saved: Path, tiny: str) -> None:
    edit(saved, settings="0")
    assert f"other settings; make it again: qa index FOLDER --out {saved}" in refusal(saved, tiny)


@pytest.mark.parametrize(
    "checksums", [{}, [], None, {"vectors.faiss": 3}, {"corpus.sqlite": "0" * 64}]
)
def test_checksums_that_lack_something_are_refused(
    saved: Path, tiny: str, checksums: object
) -> None:
    edit(saved, checksums=checksums)
    assert f" {saved}" in refusal(saved, tiny).split("qa ")[-1]


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_a_manifest_that_is_none_is_refused(saved: Path, tiny: str, content: bytes) -> None:
    (saved / MANIFEST).write_bytes(content)
    assert f"qa repair --index {saved}" in refusal(saved, tiny)
    shutil.rmtree(home(saved))
    assert f"is no index (no readable manifest.json); make one: qa index FOLDER --out {saved}" in (
        refusal(saved, tiny)
    )


def test_no_manifest_leads_out_of_the_index(saved: Path, tiny: str) -> None:
    (saved / "outside.txt").write_text("x")
    checksums = json.loads((saved / MANIFEST).read_bytes())["checksums"]
    edit(saved, checksums={**checksums, "../outside.txt": "0"})
    assert "leads out of the index" in refusal(saved, tiny)


def test_a_part_that_is_not_listed_is_refused(saved: Path, tiny: str) -> None:
    """A part of BM25 that no checksum covers could be anyone's."""
    checksums = json.loads((saved / MANIFEST).read_bytes())["checksums"]
    edit(saved, checksums={name: sum for name, sum in checksums.items() if "bm25" not in name})
    assert "is damaged" in refusal(saved, tiny)


def test_vectors_of_other_passages_are_refused(saved: Path, tiny: str, tmp_path: Path) -> None:
    """Checksums that fit do not help where vectors and passages differ in number."""
    Assistant.from_documents([make_document("One.", "c.txt")], encoder=tiny).save(tmp_path / "one")
    content = (home(tmp_path / "one") / "vectors.faiss").read_bytes()
    (home(saved) / "vectors.faiss").write_bytes(content)
    manifest = json.loads((saved / MANIFEST).read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    edit(saved, checksums={**manifest["checksums"], "vectors.faiss": digest},
         sizes={**manifest["sizes"], "vectors.faiss": len(content)})  # fmt: skip
    assert "1 vectors, words of 4, 4 passages" in refusal(saved, tiny)


def test_there_is_no_pickle(saved: Path) -> None:
    """A pickle begins with \\x80; numpy's object arrays hold one after their header."""
    for file in saved.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not content.startswith(b"\x80"), file
            assert b"'|O'" not in content[:200], file


def test_the_fingerprint_depends_on_the_encoder(encoder: Encoder) -> None:
    assert settings_fingerprint(encoder) == settings_fingerprint(encoder)
    assert len(settings_fingerprint(encoder)) == 32

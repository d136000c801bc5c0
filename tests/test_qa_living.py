"""Test that an index that documents come to and go from equals one that is made anew."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings import load_encoder
from qa import Assistant, InputError, LivingIndex, StoreError
from qa.commands.main import main
from qa.documents.changes import Change
from qa.index.generations import MANIFEST, writing

TEXTS = [
    "# Plan\n\nThe trade target for 2030 is $70 billion.\n\n| A | B |\n|---|---|\n| 1 | 2 |\n",
    "The port of Aktau handled 12 ships in 2021.\n\nCopyright © 2020 A\n",
    "The bank lent $5 million in 2019 to the railway.",
]
NAMES = ["a.md", "b.txt", "sub/c.md", "sub/d.txt"]
QUESTION = "What is the trade target for 2030?"


def put(folder: Path, name: str, text: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder / name


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave it to the system when it writes to the disk: nothing is killed here."""
    monkeypatch.setattr("qa.index.generations._flush", lambda _: None)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name, text in zip(NAMES, TEXTS, strict=False):
        put(tmp_path / "docs", name, text)
    return tmp_path / "docs"


@pytest.fixture
def index(docs: Path, tmp_path: Path, tiny: str) -> LivingIndex:
    Assistant.from_folder(docs, encoder=tiny, cache=False).save(tmp_path / "index")
    return LivingIndex(tmp_path / "index", encoder=tiny, wait=0.2)


def names(index: LivingIndex) -> list[str]:
    return [document.source for document in index.documents]


def assert_as_new(folder: Path, docs: Path, tiny: str) -> None:
    """Assert that an index is the one of a folder: documents, passages, answers and vectors."""
    opened = Assistant.open(folder, encoder=tiny)
    fresh = Assistant.from_folder(docs, encoder=tiny, cache=False)
    assert opened.documents == fresh.documents
    assert opened.passages == fresh.passages
    for question in (QUESTION, "Who lent money to the railway?", "zebra"):
        assert opened.ask(question) == fresh.ask(question)


steps = st.tuples(
    st.sampled_from(["add", "remove", "update"]),
    st.sampled_from(NAMES),
    st.sampled_from(TEXTS),
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(steps, min_size=1, max_size=5))
def test_any_changes_lead_to_the_index_of_what_is_there(
    sequence: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory, tiny: str
) -> None:
    root = tmp_path_factory.mktemp("living")
    docs, folder = root / "docs", root / "index"
    put(docs, "z.txt", "A file that stays.")
    Assistant.from_folder(docs, encoder=tiny, cache=False).save(folder)
    index = LivingIndex(folder, encoder=tiny)
    for what, name, text in sequence:
        if what == "remove" and name in names(index):
            (docs / name).unlink()
            index.remove(name)
        elif what == "remove":
            with pytest.raises(InputError, match="no document is called"):
                index.remove(name)
        elif what == "add":
            put(docs, name, text)
            index.add(docs if name in names(index) else docs / "..//docs")
        else:
            put(docs, name, text)
            index.update(docs)
    index.update(docs)
    assert_as_new(folder, docs, tiny)
    assert index.verify().same == tuple(names(index))


def test_an_update_counts(index: LivingIndex, docs: Path) -> None:
    put(docs, "b.txt", "Changed.")
    put(docs, "sub/d.txt", "New.")
    put(docs, "old.docx", "no package")
    (docs / "a.md").unlink()
    change = index.update(docs)
    assert (change.added, change.changed) == (("sub/d.txt",), ("b.txt",))
    assert (change.removed, change.unchanged) == (("a.md",), ("sub/c.md",))
    assert len(change.problems) == 1
    assert names(index) == ["b.txt", "sub/c.md", "sub/d.txt"]
    (docs / "old.docx").unlink()
    again = index.update(docs)
    assert again == Change((), (), (), ("b.txt", "sub/c.md", "sub/d.txt"), ())


def test_an_update_leaves_documents_from_elsewhere(
    index: LivingIndex, docs: Path, tmp_path: Path
) -> None:
    index.add(put(tmp_path / "else", "e.txt", "From elsewhere."))
    (docs / "a.md").unlink()
    assert index.update(docs).removed == ("a.md",)
    assert "e.txt" in names(index)


def test_a_file_keeps_the_name_that_it_is_cited_by(index: LivingIndex, docs: Path) -> None:
    put(docs, "sub/c.md", "Written anew.")
    assert index.add(docs / "sub" / "c.md", docs / "sub").changed == ("sub/c.md",)
    assert names(index) == ["a.md", "b.txt", "sub/c.md"]
    assert index.documents[2].text == "Written anew."


def test_two_files_of_one_name_are_refused(index: LivingIndex, tmp_path: Path) -> None:
    """The name could lead to either; where the first is gone, the second takes its place."""
    other = put(tmp_path / "else", "a.md", "Another plan.")
    with pytest.raises(InputError, match=r"would be cited as a\.md, as .* rename one"):
        index.add(other)
    Path(index.documents[0].location).unlink()
    assert index.add(other).changed == ("a.md",)


def test_metadata_alone_is_a_change(index: LivingIndex, docs: Path) -> None:
    put(docs, MANIFEST, '{"documents": [{"file": "a.md", "title": "T", "date": "2024"}]}')
    assert index.update(docs).changed == ("a.md",)
    assert (index.documents[0].title, index.documents[0].date) == ("T", "2024")


def test_a_wrong_name_removes_nothing(index: LivingIndex) -> None:
    with pytest.raises(InputError, match=r"'x'; known: a\.md, b\.txt, sub/c\.md"):
        index.remove("a.md", "x")
    assert len(names(index)) == 3


def test_the_last_document_may_go_and_another_come(
    index: LivingIndex, docs: Path, tmp_path: Path, tiny: str
) -> None:
    index.remove(*names(index))
    answer = Assistant.open(tmp_path / "index", encoder=tiny).ask(QUESTION)
    assert answer.text is None
    assert index.verify().same == ()
    index.add(docs)
    assert_as_new(tmp_path / "index", docs, tiny)


def test_nothing_is_left_of_what_is_removed(index: LivingIndex, docs: Path, tmp_path: Path) -> None:
    index.add(put(docs, "secret.md", "# Zanzibarquux\n\nThe zanzibarquux costs 9 apples.\n"))
    held = [file for file in (tmp_path / "index").rglob("*") if file.is_file()]
    assert any(b"zanzibarquux" in file.read_bytes().lower() for file in held)
    index.remove("secret.md")
    for file in (tmp_path / "index").rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            assert b"zanzibarq" not in content, file
            assert b"secret.md" not in content, file


def test_only_what_is_new_is_encoded(
    index: LivingIndex, docs: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    encoder = load_encoder(tiny)
    encode = encoder.encode_passages

    def counted(texts: list[str]) -> object:
        encoded.extend(texts)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode_passages", counted)
    monkeypatch.setattr("qa.index.updating.named_encoder", lambda _: encoder)
    index.add(put(docs, "new.txt", "Only this is new."))
    assert encoded == ["Only this is new."]
    index.remove("a.md")
    assert encoded == ["Only this is new."]


def test_verify_tells_what_became_of_the_files(index: LivingIndex, docs: Path) -> None:
    put(docs, "a.md", "Changed.")
    (docs / "b.txt").unlink()
    found = index.verify()
    assert (found.same, found.changed, found.missing) == (("sub/c.md",), ("a.md",), ("b.txt",))


def test_one_changes_while_the_others_wait(index: LivingIndex, tmp_path: Path) -> None:
    with (
        writing(tmp_path / "index"),
        pytest.raises(StoreError, match=r"another command is changing this index.* --wait"),
    ):
        index.remove("a.md")
    assert index.remove("a.md").removed == ("a.md",)


def test_the_second_waits_for_the_first(docs: Path, tmp_path: Path, tiny: str) -> None:
    Assistant.from_folder(docs, encoder=tiny, cache=False).save(tmp_path / "index")
    indexes = [LivingIndex(tmp_path / "index", encoder=tiny, wait=30) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        changes = list(pool.map(LivingIndex.remove, indexes, ["a.md", "b.txt", "sub/c.md"]))
    assert [change.removed for change in changes] == [("a.md",), ("b.txt",), ("sub/c.md",)]
    assert names(indexes[0]) == []


def test_another_encoder_takes_over_only_on_purpose(
    index: LivingIndex, docs: Path, tmp_path: Path, tiny: str
) -> None:
    bundled = LivingIndex(tmp_path / "index")
    for change in (lambda: bundled.remove("a.md"), bundled.repair, bundled.verify):
        with pytest.raises(StoreError, match=r"another encoder.* qa reencode --index"):
            change()
    bundled.reencode()
    again = Assistant.open(tmp_path / "index")
    assert again.ask(QUESTION) == Assistant.from_folder(docs, cache=False).ask(QUESTION)
    with pytest.raises(StoreError, match="another encoder"):
        index.verify()


def run(*arguments: str) -> int:
    return main(list(arguments))


def test_the_commands(
    docs: Path, tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "index")
    options = ["--index", folder, "--encoder", tiny]
    assert run("index", str(docs), "--out", folder, "--encoder", tiny, "--quiet") == 0
    added = put(tmp_path / "more", "e.txt", "The mayor is Ada.")
    for arguments, code, out, err in (
        (["add", str(added), *options], 0, "added  e.txt\n", "1 added, 0 changed, 0 removed, 0 un"),
        (["list", *options], 0, "a.md\nb.txt\ne.txt\nsub/c.md\n", ""),
        (["verify", *options], 0, "", "4 as they were read, 0 changed, 0 missing"),
        (["remove", "e.txt", *options, "--quiet"], 0, "removed  e.txt\n", ""),
        (["update", str(docs), *options], 0, "", "0 added, 0 changed, 0 removed, 3 unchanged"),
        (["repair", *options], 0, "", "the index is whole: 3 documents"),
        (["reencode", *options], 0, "", "the index is whole: 3 documents"),
        (["remove", "e.txt", *options], 2, "", "no document is called 'e.txt'; known: a.md, "),
        (["add", str(tmp_path / "no"), *options], 2, "", "no such folder"),
        (["list", "--index", str(docs)], 2, "", f"qa index FOLDER --out {docs}"),
        (["add", str(added), "--index", str(tmp_path / "no")], 2, "", "is no index; make one: qa"),
    ):
        assert run(*arguments) == code, arguments
        printed = capsys.readouterr()
        assert printed.out == out
        assert err in printed.err
        assert bool(printed.err) == bool(err)
    (docs / "a.md").unlink()
    assert run("verify", *options) == 1
    assert capsys.readouterr().out == "missing  a.md\n"


@pytest.mark.parametrize("wait", ["-1", "x", "inf"])
def test_a_wait_that_is_none_is_refused(wait: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("list", "--index", "x", "--wait", wait)
    assert "a number from 0 is wanted" in capsys.readouterr().err


def test_an_index_is_made_and_replaced(docs: Path, tmp_path: Path, tiny: str) -> None:
    index = LivingIndex(tmp_path / "new", encoder=tiny)
    assert index.replace(docs).added == tuple(sorted(names(index)))
    assert_as_new(tmp_path / "new", docs, tiny)
    put(tmp_path / "other", "one.md", "One plan.")
    index.replace(tmp_path / "other")
    assert names(index) == ["one.md"]


def test_a_database_is_mended_by_making_it_again() -> None:
    """Nothing is asked of the server to say so."""
    index = LivingIndex("postgresql://qa:secret@127.0.0.1:9/none")
    for mend in (index.repair, index.reencode):
        with pytest.raises(StoreError, match="qa index FOLDER --store postgresql://qa@127"):
            mend()

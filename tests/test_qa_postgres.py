"""Hold both stores, a folder and PostgreSQL, to one contract; a real server runs beside us."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa import Assistant, Filter, InputError, LivingIndex, Weights
from qa.commands.main import main
from qa.documents.loading import make_document
from qa.index.postgres import living
from qa.shipped import seeds_folder

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


def keeper(place: str, encoder: str, **options: Any) -> LivingIndex:
    return LivingIndex(place, encoder=encoder, **options)


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


def test_gold_questions_have_the_same_answers(database: Any) -> None:
    local, place = Assistant.from_folder(seeds_folder()), database.place()
    LivingIndex(place).replace(seeds_folder())
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


def test_nothing_is_left_of_what_is_removed(database: Any, url: str, docs: Path, tiny: str) -> None:
    kept = LivingIndex(url, encoder=tiny)
    kept.replace(docs)
    before = database.contents(url)
    (docs / "secret.md").write_text("# Quokka\n\nThe quokka is worth 12 zlotys.\n")
    kept.add(docs / "secret.md")
    assert "quokka" in database.contents(url)
    kept.remove("secret.md")
    assert database.contents(url) == before
    kept.remove(*(document.source for document in kept.documents))
    assert database.contents(url) == ""
    assert Assistant.open(url, encoder=tiny).ask(ASKED[0]).text is None


def test_who_asks_sees_each_change_when_it_is_done(
    url: str, docs: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = LivingIndex(url, encoder=tiny)
    kept.replace(docs)
    assistant = Assistant.open(url, encoder=tiny)
    old = assistant.ask("What did the quokka eat?")
    assert old.unknown == ("quokka", "eat")
    finish = living.finish

    def asked_meanwhile(*arguments: Any) -> None:
        finish(*arguments)
        assert assistant.ask("What did the quokka eat?") == old

    monkeypatch.setattr(living, "finish", asked_meanwhile)
    (docs / "quokka.md").write_text("The quokka ate 12 leaves.")
    kept.add(docs / "quokka.md")
    new = assistant.ask("What did the quokka eat?")
    assert "quokka" in new.hits[0].passage.text
    assert new.unknown == ("eat",)


WRITE = """
import sys
from pathlib import Path
from qa import LivingIndex
url, encoder, folder = sys.argv[1:]
kept = LivingIndex(url, encoder=encoder, wait=60)
files = sorted(Path(folder).glob("*.md"))
for file in files:
    kept.add(file)
kept.remove(files[0].name)
"""


def test_two_processes_write_at_once_and_nothing_is_lost(
    url: str, docs: Path, tiny: str, tmp_path: Path
) -> None:
    LivingIndex(url, encoder=tiny).replace(docs)
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
    kept = LivingIndex(url, encoder=tiny)
    kept.verify()
    assert {document.source for document in kept.documents} == {
        *FILES, *(f"{name}{number}.md" for name in ("one", "two") for number in range(1, 5)),
    }  # fmt: skip
    assert alike(assistant, Assistant.from_documents(kept.documents, encoder=tiny))


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
    database: Any, url: str, docs: Path, tiny: str, tmp_path: Path
) -> None:
    LivingIndex(url, encoder=tiny).replace(docs)
    stored, other = Assistant.open(url, encoder=tiny), database.place()
    for place in (str(tmp_path / "copy"), other):
        stored.save(place)
        assert alike(Assistant.open(place, encoder=tiny), stored)

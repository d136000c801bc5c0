"""Test visits, limits, requests and judgements of the page, without a browser or gradio."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from qa.assistant import Assistant
from qa.documents.loading import make_document
from qa.errors import DocumentError, InputError
from qa.page.gold import approve, correct, gold_row, keep, to_gold
from qa.page.history import to_json, to_markdown
from qa.page.library import BOTH, OWN, SHARED, Library
from qa.page.service import Service
from qa.page.settings import Limits, Settings
from qa.page.visits import Visits

BUDGET = make_document("The budget was set by Ada Lovelace in May 2024.\n", "budget.md")
QUESTION = "Who set the budget?"
ASK = {"act": "ask", "visit": "TOKEN", "question": QUESTION, "scope": SHARED}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def library(tiny: str, monkeypatch: pytest.MonkeyPatch) -> Library:
    whole = Assistant.from_documents

    def small(documents: Any, passages: Any = None) -> Assistant:
        return whole(documents, passages, encoder=tiny)

    monkeypatch.setattr(Assistant, "from_documents", small)
    limits = Limits(files=2, file_bytes=100, total_bytes=150, visits=2)
    return Library(small([BUDGET]), limits)


@pytest.fixture
def service(library: Library, tmp_path: Path) -> Service:
    settings = Settings(judgements=tmp_path / "use" / "judgements.jsonl", limits=library.limits)
    return Service(library, Visits(library.limits, Clock()), settings)


def call(service: Service, token: str, act: str, **fields: Any) -> dict[str, Any]:
    return service.call({"act": act, "visit": token, **fields})


def test_a_visit_ends_after_its_last_tab_and_its_grace() -> None:
    clock = Clock()
    visits = Visits(Limits(grace_seconds=10, idle_seconds=100), clock)
    token = visits.begin("one")
    assert visits.begin("two", token) == token
    visits.leave("one")
    clock.now = 50
    assert visits.find(token) is not None
    visits.leave("two")
    clock.now = 59
    assert visits.begin("three", token) == token  # a reload within the grace
    visits.leave("three")
    clock.now = 69
    visits.sweep()
    assert len(visits) == 0
    assert visits.find(token) is None


def test_a_visit_ends_when_idle() -> None:
    clock = Clock()
    visits = Visits(Limits(idle_seconds=100), clock)
    token = visits.begin("one")
    clock.now = 99
    assert visits.find(token) is not None
    clock.now = 199
    assert visits.find(token) is None
    assert visits.begin("one", token) != token


def test_visitors_without_documents_make_room(library: Library) -> None:
    visits = Visits(library.limits, Clock())
    first, second = visits.begin("one"), visits.begin("two")
    for token in (first, second):
        visit = visits.find(token)
        assert visit is not None
        library.add(visit, "a.txt", b"Words.")
    with pytest.raises(InputError, match="too many visitors"):
        visits.begin("three")
    ours = visits.find(first)
    assert ours is not None
    ours.forget(list(ours.documents))
    visits.begin("three")
    assert visits.find(first) is None
    assert visits.find(second) is not None


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"words", "is no PDF"),
        ("a.txt", b"x" * 101, "limit for a file"),
        ("a.txt", b"x\0", "binary"),
        ("a.txt", b" ", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused(
    library: Library, name: str, content: bytes, reason: str
) -> None:
    visits = Visits(library.limits)
    visit = visits.find(visits.begin("one"))
    assert visit is not None
    with pytest.raises(DocumentError, match=reason):
        library.add(visit, name, content)
    assert not visit.documents


def test_limits_count_what_is_held_and_a_path_again_replaces_the_file(library: Library) -> None:
    visits = Visits(library.limits)
    visit = visits.find(visits.begin("one"))
    assert visit is not None
    library.add(visit, "../sub\\a.txt", b"x" * 100)
    with pytest.raises(DocumentError, match="would come to"):
        library.add(visit, "b.txt", b"x" * 51)
    library.add(visit, "sub/a.txt", b"y" * 100)
    assert [one.source for one, _ in visit.documents.values()] == ["sub/a.txt"]
    library.add(visit, "b.txt", b"x" * 50)
    visit.sizes = dict.fromkeys(visit.sizes, 1)
    with pytest.raises(DocumentError, match="you have 2 documents"):
        library.add(visit, "c.txt", b"x")


def test_each_scope_asks_its_documents(library: Library) -> None:
    visits = Visits(library.limits)
    visit = visits.find(visits.begin("one"))
    assert visit is not None
    assert library.assistant(visit, SHARED) is library.shared
    with pytest.raises(InputError, match="no documents here"):
        library.assistant(visit, OWN)
    library.add(visit, "a.txt", b"Words.")
    library.add(visit, BUDGET.source, BUDGET.text.encode())  # the same as the shared one
    sources = {
        scope: sorted(one.source for one in library.assistant(visit, scope).documents)
        for scope in (OWN, BOTH)
    }
    assert sources == {OWN: ["a.txt", "budget.md"], BOTH: ["a.txt", "budget.md"]}
    assert library.assistant(visit, OWN) is library.assistant(visit, OWN)
    with pytest.raises(InputError, match="shared, own, both"):
        library.assistant(visit, "all")


def test_removed_documents_leave_no_answer_behind(service: Service) -> None:
    token = service.visits.begin("one")
    content = "VGhlIGtpbG4gd2FzIGJvdWdodCBpbiBNYXkgMjAyMS4="  # The kiln was bought in May 2021.
    assert call(service, token, "add", name="kiln.txt", content=content)["passages"] == 1
    call(service, token, "ask", question="When was the kiln bought?", scope=OWN)
    call(service, token, "ask", question=QUESTION, scope=SHARED)
    visit = service.visits.find(token)
    assert visit is not None
    (key,) = visit.documents
    reply = call(service, token, "remove", id=key)
    assert reply["count"] == 0
    assert reply["asked"] == 1
    assert "kiln" not in json.dumps(reply)
    assert "no documents here" in call(service, token, "ask", question="?", scope=OWN)["error"]


def test_chosen_documents_alone_are_asked(service: Service) -> None:
    """A refusal of some documents, found right, is no gold question of all of them."""
    token = service.visits.begin("one")
    call(service, token, "add", name="kiln.txt", content="VGhlIGtpbG4gaXMgb2xkLg==")
    reply = call(service, token, "ask", question=QUESTION, scope=BOTH, documents=["kiln.txt"])
    assert "budget.md" not in reply["html"]
    assert "Ask all documents" in reply["html"]
    visit = service.visits.find(token)
    assert visit is not None
    assert visit.entries[0].chosen == ("kiln.txt",)
    call(service, token, "judge", entry=reply["entry"], right=True)
    assert "nothing is judged" in call(service, token, "export", kind="gold")["error"]
    assert "kiln" in call(service, token, "export", kind="markdown")["text"]
    refused = call(service, token, "ask", question="?", scope=SHARED, documents=["kiln.txt"])
    assert "no document is called 'kiln.txt'; known: budget.md" in refused["error"]


def test_the_visitor_says_how_sure_an_answer_must_be(service: Service) -> None:
    """A refusal for want of confidence, found right, is no gold question."""
    token = service.visits.begin("one")

    def asked(question: str, required: float | None) -> dict[str, Any]:
        fields = {"question": question, "scope": SHARED, "min_confidence": required}
        return call(service, token, "ask", **fields)

    reply = asked(QUESTION, 1)
    assert reply["answer"] is None
    assert "less than the 1 asked for" in reply["html"]
    call(service, token, "judge", entry=reply["entry"], right=True)
    assert "nothing is judged" in call(service, token, "export", kind="gold")["error"]
    assert asked("Who is Zork of France?", 0)["answer"] is not None
    assert asked(QUESTION, None)["answer"]


@pytest.mark.parametrize(
    "body",
    [
        None,
        {**ASK, "min_confidence": 2},
        {**ASK, "min_confidence": "sure"},
        {**ASK, "documents": "a.md"},
        {"act": "fly", "visit": "TOKEN"},
        {"act": ["ask"], "visit": "TOKEN"},
        {"act": "ask", "visit": "TOKEN", "question": 1, "scope": SHARED},
        {"act": "ask", "visit": "TOKEN", "question": " ", "scope": SHARED},
        {"act": "show", "visit": "TOKEN", "entry": 7},
        {"act": "show", "visit": "TOKEN", "entry": True},
        {"act": "add", "visit": "TOKEN", "name": "a.txt", "content": "%"},
        {"act": "read", "visit": "TOKEN", "document": "no.txt", "sha": ""},
        {"act": "export", "visit": "TOKEN", "kind": "pdf"},
        {"act": "export", "visit": "TOKEN", "kind": "gold"},
    ],
)
def test_a_wrong_request_is_answered_with_its_reason(service: Service, body: Any) -> None:
    token = service.visits.begin("one")
    if isinstance(body, dict):
        body = {key: token if value == "TOKEN" else value for key, value in body.items()}
    assert len(service.call(body)["error"]) > 10


def test_a_span_beyond_the_document_is_refused(service: Service) -> None:
    token = service.visits.begin("one")
    place = {"document": BUDGET.source, "sha": BUDGET.sha256}
    assert "<mark>The</mark>" in call(service, token, "read", **place, start=0, end=3)["html"]
    assert "reaches beyond" in call(service, token, "read", **place, start=0, end=999)["error"]


def test_a_visit_that_ended_is_told_so(service: Service) -> None:
    assert service.call({"act": "state", "visit": "unknown"}) == {"gone": True}


def test_judgements_become_gold_questions_once(service: Service) -> None:
    token = service.visits.begin("one")
    number = call(service, token, "ask", question=QUESTION, scope=SHARED)["entry"]
    wrong = call(service, token, "judge", entry=number, right=False, words="Bob")
    assert "stand in none of the documents" in wrong["error"]
    for _ in range(2):
        call(service, token, "judge", entry=number, right=False, words=" Ada Lovelace ")
    path = service.settings.judgements
    assert path is not None
    (line,) = path.read_text("utf-8").splitlines()
    place = BUDGET.text.index("Ada")
    answer = {"text": "Ada Lovelace", "document": BUDGET.source, "start": place}
    row = json.loads(line)
    assert row.pop("id").startswith("use-")
    assert row == {"question": QUESTION, "answers": [answer], "document": BUDGET.source}
    assert call(service, token, "export", kind="gold")["text"] == line + "\n"


def test_the_exported_questions_are_a_gold_set(service: Service, tmp_path: Path) -> None:
    from eval.datasets import read_gold

    token = service.visits.begin("one")
    for question, fields in (
        (QUESTION, {"words": "Ada Lovelace"}),
        ("Who broke it?", {"nothing": True}),
        ("Who knows?", {}),
    ):
        number = call(service, token, "ask", question=question, scope=SHARED)["entry"]
        call(service, token, "judge", entry=number, right=False, **fields)
    path = tmp_path / "gold.jsonl"
    path.write_text(call(service, token, "export", kind="gold")["text"], "utf-8")
    gold = read_gold(path, [BUDGET])
    assert [one.text for one in gold.questions] == [QUESTION, "Who broke it?"]
    assert gold.warnings == ()


def test_approving_keeps_the_quotes_and_own_documents_are_not_kept(
    service: Service, tmp_path: Path
) -> None:
    token = service.visits.begin("one")
    call(service, token, "ask", question=QUESTION, scope=SHARED)
    visit = service.visits.find(token)
    assert visit is not None
    entry = visit.entries[0]
    entry.judgement = approve(entry)
    quotes = tuple((one.quote, one.document, one.span.start) for one in entry.answer.citations)
    assert entry.judgement.answers == quotes
    keep(dataclasses.replace(entry, scope=OWN), tmp_path / "none.jsonl")
    keep(entry, None)
    assert not (tmp_path / "none.jsonl").exists()
    unknown = correct(entry, " ", False, ())
    assert gold_row("?", unknown) is None
    assert to_gold([]) == ""


def test_exports_hold_the_full_citations(service: Service) -> None:
    token = service.visits.begin("one")
    call(service, token, "ask", question="Who set *the* budget in <May>?", scope=SHARED)
    visit = service.visits.find(token)
    assert visit is not None
    (row,) = json.loads(to_json(visit.entries))
    assert row["question"] == "Who set *the* budget in <May>?"
    assert row["documents"] == SHARED
    markdown = to_markdown(visit.entries)
    assert "## Who set \\*the\\* budget in \\<May\\>?" in markdown
    assert BUDGET.sha256 in markdown

"""Test the parts of the page that need no browser and no gradio."""

import argparse
import asyncio
import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.assistant import Assistant
from qa.compose import cite
from qa.errors import DocumentError, InputError
from qa.loading import load_folder, make_document
from qa.page.answers import render_answer, without
from qa.page.documents import render_document
from qa.page.export import gold_row, to_gold, to_json, to_markdown
from qa.page.guard import Guard
from qa.page.judging import approve, correct, keep
from qa.page.library import BOTH, OWN, SHARED, Library
from qa.page.markup import escape, marked
from qa.page.service import Service
from qa.page.settings import Limits, Settings
from qa.page.visits import Entry, Visits
from qa.schema import Alternative, Answer, Citation, Span
from qa.text import sentences
from qa.ui import add, read_settings

BUDGET = make_document("The budget was set by Ada Lovelace in May 2024.\n", "budget.md")
QUESTION = "Who set the budget?"


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
        ("a.pdf", b"words", "none of"),
        ("a.txt", b"x" * 101, "limit for a file"),
        ("a.txt", b"x\0", "binary"),
        ("a.txt", b"\xe9", "not UTF-8"),
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


@pytest.mark.parametrize(
    "body",
    [
        None,
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
    from eval.gold import read_gold

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


def entry(chosen: tuple[str, float] | None, *others: tuple[str, float]) -> Entry:
    """Return an answer of two documents' words, the first of them chosen, or a refusal."""
    text = "The target is 70 billion. It rose in 2024.\n"
    later = make_document("The target is 90 billion.\n", "later.txt", metadata=[("date", "2025")])
    documents = {one.id: one for one in (make_document(text, "early.txt"), later)}

    def cited(words: str) -> Citation:
        document = next(one for one in documents.values() if words in one.text)
        start = document.text.index(words)
        sentence = next(
            span
            for span in sentences(document.text)
            if span.covers(Span(start, start + len(words)))
        )
        return cite(document, Span(start, start + len(words)), sentence)

    answer = Answer(
        "What is the target?",
        None if chosen is None else chosen[0],
        0.1 if chosen is None else chosen[1],
        citations=() if chosen is None else (cited(chosen[0]),),
        alternatives=tuple(Alternative(cited(words), sure) for words, sure in others),
        reason="nothing is said of it" if chosen is None else None,
    )
    return Entry(1, SHARED, answer, "2026-01-01T00:00:00+00:00", documents)


def test_another_value_of_another_document_is_shown_with_its_date() -> None:
    html = render_answer(entry(("70 billion", 0.6), ("90 billion", 0.4), ("2024", 0.1)))
    assert "The documents also say" in html
    assert html.count("nearly as likely") == 1
    assert "<time>2025</time>" in html


def test_weaker_readings_are_folded_away() -> None:
    html = render_answer(entry(("70 billion", 0.6), ("The target", 0.5), ("90 billion", 0.2)))
    assert "<summary>Other candidates (2)</summary>" in html
    assert "nearly as likely" not in html
    html = render_answer(entry(None, ("90 billion", 0.1)))
    assert "<summary>Guesses that were withheld (1)</summary>" in html
    assert "Nothing is said of it." in html


def test_a_refusal_offers_the_question_without_unknown_words_where_it_still_asks() -> None:
    refused = entry(None)
    assert "Ask without" not in render_answer(refused, ("target",))
    longer = dataclasses.replace(refused.answer, question="What Zork target was set in Astana?")
    refused.answer = longer
    html = render_answer(refused, ("zork",), more=True)
    assert "Ask without “Zork”" in html
    assert 'data-question="What target was set in Astana?"' in html
    assert "Ask all documents" in html


def test_a_quote_is_checked_against_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"The budget was set by Ada.\n")
    (document,) = load_folder(tmp_path).documents
    citation = cite(document, Span(22, 25), Span(0, 26))
    answer = Answer(QUESTION, "Ada", 0.9, citations=(citation,))
    shown = Entry(1, SHARED, answer, "", {document.id: document})
    assert "✓ checked" in render_answer(shown)
    (tmp_path / "a.txt").write_bytes(b"The budget was set by Bob.\n")
    assert "the file has changed" in render_answer(shown)


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9))
def test_marking_never_loses_or_adds_a_letter(text: str, start: int, end: int, at: int) -> None:
    """Without the two kinds of tags, what is marked is what is escaped."""
    quote = Span(at + start, at + end) if start < end else None
    sentence = None if quote is None else Span(max(quote.start - 2, 0), quote.end + 3)
    html = marked(text, at, sentence, quote)
    for tag in ('<span class="sentence">', "</span>", "<mark>", "</mark>"):
        html = html.replace(tag, "")
    assert html == escape(text)


def test_a_long_document_is_shown_whole_in_blocks() -> None:
    """The quote spans lines, the sentence around it several blocks' worth of them."""
    lines = [f"line {number} of many" for number in range(9000)]
    text = "\n".join(lines)
    sentence, quote = Span(50_000, 60_000), Span(54_000, 55_000)
    html = render_document(make_document(text, "long.txt"), quote, sentence)
    body = html[html.index('<div class="block">') :].removesuffix("</div>")
    assert body.count('<div class="block">') > 20
    shown = body.replace('<div class="block">', "").replace("</div>", "")
    assert f"<mark>{quote.of(text)}</mark>" in shown
    for tag in ('<span class="sentence">', "</span>", "<mark>", "</mark>"):
        assert shown.count(tag) == 1
        shown = shown.replace(tag, "")
    assert shown == text


@given(st.text(max_size=60))
def test_escaped_text_opens_no_tag_and_closes_no_attribute(text: str) -> None:
    assert not set(escape(text)) & set("<>\"'\0\x1b")


def test_a_question_is_shortened_by_the_words_that_nobody_mentions() -> None:
    assert without("When did the Zork visit Astana?", ("zork",)) == "When did the visit Astana?"


def guarded(path: str = "/", *, password: str | None = None, **headers: str) -> tuple[int, bytes]:
    """Return the status and the first security header of a request through the guard."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"x" * 30}

    async def send(message: Any) -> None:
        sent.append(message)

    rows = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "headers": rows}
    guard = Guard(app, loopback_only=password is None, longest=20, password=password)
    asyncio.run(guard(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]).get(b"content-security-policy", b"")


def test_the_guard_refuses_foreign_names_long_requests_and_closed_paths() -> None:
    status, policy = guarded(host="127.0.0.1:7860", origin="http://localhost:7860")
    assert status == 200
    assert b"default-src 'self'" in policy
    assert guarded(host="[::1]:7860")[0] == 200
    assert guarded(host="evil.example")[0] == 403
    assert guarded(host="127.0.0.1", origin="https://evil.example")[0] == 403
    assert guarded(host="127.0.0.1.evil.example:80")[0] == 403
    assert guarded(host="127.0.0.1", content_length="21")[0] == 413
    assert guarded(host="127.0.0.1", content_length="-1")[0] == 413
    assert guarded("/gradio_api/upload", host="127.0.0.1")[0] == 404


def test_the_guard_locks_the_tool_with_the_password() -> None:
    assert guarded("/gradio_api/mcp/", password="secret")[0] == 401
    token = "Bearer secret"
    assert guarded("/gradio_api/mcp/", password="secret", authorization=token)[0] == 200


def arguments(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add(parser.add_subparsers())
    return parser.parse_args(["ui", *options])


def test_another_host_needs_a_password() -> None:
    with pytest.raises(InputError, match="QA_UI_PASSWORD"):
        read_settings(arguments("--host", "0.0.0.0"), None)
    assert read_settings(arguments("--host", "0.0.0.0"), "secret").password == "secret"
    for host in ("127.0.0.1", "::1", "localhost"):
        assert read_settings(arguments("--host", host), None).host == host


def test_the_command_line_loads_gradio_only_when_the_page_opens() -> None:
    code = "import sys, qa.ui; raise SystemExit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_limits_are_settings() -> None:
    options = "--max-files 7 --max-file-mb 0.5 --max-total-mb 2 --minutes 3 --grace 1.5".split()
    settings = read_settings(arguments(*options, "--judgements", ""), None)
    assert settings.limits == Limits(
        files=7, file_bytes=500_000, total_bytes=2_000_000, idle_seconds=180, grace_seconds=1.5
    )
    assert settings.judgements is None
    assert read_settings(arguments(), None).limits == Limits()
    with pytest.raises(SystemExit):
        arguments("--minutes", "0")

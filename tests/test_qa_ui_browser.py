"""Try the page in a browser: Debian's Chromium, driven by Playwright, on the loopback alone."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")


CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no browser: apt-get install chromium"),
    pytest.mark.skipif(find_spec("gradio") is None, reason="the extra ui is not installed"),
]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
FOUND = "When was the Astana Regional Cooperation Panel held?"
REFUSED = "What is the capital of France?"
KILN = "# Workshop\n\nThe pottery kiln was bought in March 2021 from a dealer in Lyon.\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the page from a process of its own, as ``qa ui`` does; return where."""
    folder = tmp_path_factory.mktemp("served")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    start = "import argparse, qa.commands.ui as ui; p = argparse.ArgumentParser(); "
    start += "ui.add(p.add_subparsers()); a = p.parse_args(); raise SystemExit(a.run(a))"
    options = f"ui --no-browser --port {port} --max-files 3 --max-file-mb 0.004 --grace 3"
    judgements = ["--judgements", str(folder / "judgements.jsonl")]
    command = [sys.executable, "-c", start, *options.split(), *judgements]
    url = f"http://127.0.0.1:{port}/"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
    try:
        until(lambda: process.poll() is not None or answers(url))
        assert process.poll() is None, (folder / "log").read_text("utf-8")
        yield url
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(address: str, chromium: Any) -> Iterator[Callable[..., Any]]:
    """Return what opens the page for a new visitor; outside requests and errors fail the test."""
    contexts, outside, errors = [], [], []

    def note(request: Any) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            outside.append(request.url)

    def open_page(path: str = "", **settings: Any) -> Any:
        context = chromium.new_context(viewport={"width": 1400, "height": 900}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", note)
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address + path)
        page.wait_for_selector("[data-ready=true]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []


def ask(page: Any, question: str) -> Any:
    page.fill("#qa-question", question)
    page.press("#qa-question", "Enter")
    page.wait_for_function(
        "asked => document.querySelector('.answer h2')?.textContent === asked", arg=question
    )
    return page.locator(".answer")


def add(page: Any, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.set_input_files("[data-pick=files]", [file])
    page.wait_for_function("/ read/.test(document.querySelector('.stage').textContent)")


def test_an_answer_is_shown_with_its_quote_marked_and_its_document_beside_it(visit: Any) -> None:
    page = visit()
    answer = ask(page, FOUND)
    words = answer.locator(".value").inner_text()
    assert "found" in answer.get_attribute("class")
    assert answer.locator("blockquote .sentence mark").first.inner_text() == words
    assert "% confidence" in answer.locator(".sure").inner_text()
    assert "characters" in answer.locator("figcaption").first.inner_text()
    assert answer.locator(".sources li").count() >= 8
    page.wait_for_selector(".reading .text mark")
    assert page.locator(".reading mark").inner_text() == words
    assert page.url.endswith("?q=" + urllib.request.quote(FOUND, safe="()!'*~"))


def test_a_refusal_says_why_and_offers_ways_on(visit: Any) -> None:
    page = visit()
    answer = ask(page, REFUSED)
    assert "refused" in answer.get_attribute("class")
    assert answer.locator(".value").inner_text() == "No answer in these documents"
    assert answer.locator(".reason").inner_text()
    assert answer.locator(".near [data-act=open]").count() == 3
    answer.locator("[data-act=edit]").click()
    assert page.evaluate("document.activeElement.id") == "qa-question"


def test_the_visitor_says_how_sure_an_answer_must_be(visit: Any) -> None:
    page = visit()
    assert "refused" in ask(page, REFUSED).get_attribute("class")
    page.select_option("[name=qa-least]", "0")
    page.wait_for_selector(".answer.found")
    page.reload()
    page.wait_for_selector(".answer.found")
    page.select_option("[name=qa-least]", "")
    page.wait_for_selector(".answer.refused")


def test_a_citation_opens_the_whole_document_scrolled_to_the_quote(visit: Any) -> None:
    page = visit(is_mobile=True, has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    answer = ask(page, FOUND)
    assert page.locator(".reading").is_hidden()
    answer.locator("figcaption [data-act=open]").first.click()
    text = page.locator(".reading .text")
    text.wait_for()
    assert "Infrastructure connectivity is the" in text.inner_text()
    mark = page.locator(".reading mark").bounding_box()
    assert 0 < mark["y"] < 844
    page.keyboard.press("Escape")
    assert page.locator(".reading").is_hidden()
    assert page.evaluate("document.activeElement.dataset.act") == "open"


def test_keys_and_links_reach_a_question(visit: Any) -> None:
    page = visit("?q=" + urllib.request.quote(REFUSED))
    page.wait_for_selector(".answer.refused")
    page.locator(".answer").click(position={"x": 2, "y": 2})
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "qa-question"
    assert page.input_value("#qa-question") == REFUSED


def test_a_visit_that_ended_begins_anew_with_the_question(visit: Any) -> None:
    page = visit()
    page.evaluate("dispatchEvent(new CustomEvent('qa-visit', {detail: 'ended'}))")
    page.fill("#qa-question", REFUSED)
    page.press("#qa-question", "Enter")
    page.wait_for_selector("[data-ready=true] .answer.refused")
    page.wait_for_selector(".notice")
    assert "documents are deleted" in page.locator(".notice").inner_text()


def test_a_visitors_own_document_is_read_asked_and_removed(visit: Any) -> None:
    page = visit()
    add(page, "kiln.md", KILN.encode())
    assert page.locator(".own-list").inner_text().startswith("Workshop")
    answer = ask(page, "When was the pottery kiln bought?")
    assert "2021" in answer.locator(".value").inner_text()
    assert "kiln.md" in answer.locator("figcaption").first.inner_text()
    page.locator("[data-act=close]").click()
    page.locator("[data-act=remove][aria-label]").click()
    page.wait_for_selector(".own-list .empty")
    assert page.locator(".answer").count() == 0
    assert page.locator(".history-list").inner_text() == "Nothing asked yet."
    assert page.locator(".scope").is_hidden()


def test_chosen_documents_alone_are_asked(visit: Any) -> None:
    page = visit()
    ticks = page.locator(".shared [name=qa-only]")
    ticks.nth(0).check()
    assert page.locator(".choice span").inner_text() == "Asking 1 document."
    name = ticks.nth(0).get_attribute("value")
    answer = ask(page, REFUSED)
    for document in answer.locator("[data-act=open]").all():
        assert document.get_attribute("data-document") == name
    answer.locator("[data-act=ask-both]").click()
    page.wait_for_function("document.querySelectorAll('.history li').length === 2")
    assert page.locator(".choice").is_hidden()
    assert ticks.nth(0).is_checked() is False


def test_files_are_refused_with_the_reason(visit: Any) -> None:
    page = visit()
    for name, content, reason in (
        ("binary.txt", b"a\0b", "is a binary file"),
        ("scan.pdf", b"%PDF", "is no PDF"),
        ("long.txt", b"long " * 1000, "the limit for a file"),
        ("empty.txt", b"", "is empty"),
    ):
        add(page, name, content)
        assert reason in page.locator(".log .refused").inner_text()
    assert page.locator(".own-list .empty").count() == 1


def test_a_hostile_document_is_shown_as_text(visit: Any) -> None:
    page = visit()
    hostile = (
        "# <script>window.hacked = 1</script>\n\n"
        "<img src=x onerror='window.hacked = 1'> The **secret** code was set in May 1987 by "
        "${window.hacked = 1} {{constructor}} <b onclick=alert(1)>Mallory</b> "
        '"><svg onload=window.hacked=1> [link](javascript:window.hacked=1) &lt;kept&gt;.\n'
    )
    add(page, "a'\"><img src=x onerror=window.hacked=1>.md", hostile.encode())
    ask(page, "When was the secret code set?")
    page.locator(".own-list [data-act=open]").evaluate("button => button.click()")
    page.wait_for_function("document.querySelector('.reading .place').innerText.includes('img')")
    assert page.locator(".reading .text").inner_text().strip() == hostile.strip()
    assert page.locator("#qa :is(script, img, svg[onload], b[onclick])").count() == 0
    assert page.evaluate("window.hacked") is None


def test_two_visitors_do_not_see_each_others_documents(visit: Any, address: str) -> None:
    ours, theirs = visit(), visit()
    add(ours, "kiln.md", KILN.encode())
    link = ours.locator(".own-list [data-act=open]")
    name, digest = link.get_attribute("data-document"), link.get_attribute("data-sha")
    theirs.reload()
    theirs.wait_for_selector("[data-ready=true]")
    assert theirs.locator(".own-list").inner_text() == "None yet."
    for act in ({"act": "read", "document": name, "sha": digest}, {"act": "state"}):
        said = json.dumps(post(address, theirs, act))
        assert "Workshop" not in said
        assert "Lyon" not in said
    assert "Lyon" in post(address, ours, {"act": "read", "document": name, "sha": digest})["html"]


def test_documents_outlive_a_reload_but_not_the_tab(visit: Any, address: str) -> None:
    page = visit()
    add(page, "kiln.md", KILN.encode())
    page.reload()
    page.wait_for_selector(".own-list .documents")
    token = page.evaluate("sessionStorage.getItem('qa-visit')")
    page.close()
    until(lambda: send(address, {"act": "state", "visit": token}) == {"gone": True})


def test_judgements_become_gold_questions(visit: Any, address: str) -> None:
    page = visit()
    answer = ask(page, FOUND)
    answer.locator("[data-act=down]").click()
    answer.locator("[name=words]").fill("Fabrizia Lapecorella")
    answer.locator(".correct button").click()
    page.wait_for_function("document.querySelector('.said').textContent.includes('gold')")
    page.locator("[data-act=close]").click()
    with page.expect_download() as saving:
        page.locator("[data-kind=gold]").click()
    row = json.loads(Path(saving.value.path()).read_text("utf-8"))
    assert row["question"] == FOUND
    assert [(one["text"], one["document"]) for one in row["answers"]] == [
        ("Fabrizia Lapecorella", "000_ff3d42d43d04732c.txt")
    ]
    with page.expect_download() as saving:
        page.locator("[data-kind=markdown]").click()
    assert "000\\_ff3d42d43d04732c" in Path(saving.value.path()).read_text("utf-8")


def test_programs_ask_through_the_endpoint(address: str) -> None:
    body = json.dumps({"data": [FOUND]}).encode()
    request = urllib.request.Request(
        f"{address}gradio_api/run/ask", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as reply:
        answer = json.load(reply)["data"][0]
    assert answer["question"] == FOUND
    cited = answer["citations"][0]
    assert cited["quote"] == answer["answer"]
    assert answer["error"] is None


def test_language_models_ask_through_the_tool(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def call() -> tuple[list[str], dict[str, Any]]:
        async with (
            streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]
            reply = await session.call_tool("ask", {"question": FOUND})
            return names, json.loads(reply.content[0].text)

    with ThreadPoolExecutor() as elsewhere:  # Playwright has a loop running in this thread
        names, answer = elsewhere.submit(lambda: asyncio.run(call())).result()
    assert names == ["ask"]
    assert answer["answer"] == answer["citations"][0]["quote"]


def post(address: str, page: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Send a request as the page does, with the token of the visit that ``page`` shows."""
    return send(address, {**body, "visit": page.evaluate("sessionStorage.getItem('qa-visit')")})


def send(address: str, body: dict[str, Any]) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}config") as reply:
        parts = json.load(reply)["components"]
    component = next(one["id"] for one in parts if one["props"].get("elem_id") == "qa")
    data = {"data": body, "component_id": component, "fn_name": "act", "session_hash": "test"}
    request = urllib.request.Request(
        f"{address}gradio_api/component_server",
        json.dumps(data).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        answer: dict[str, Any] = json.load(reply)
    return answer


def until(true: Callable[[], bool]) -> None:
    """Wait until something is true; only what hangs takes minutes, however busy the machine."""
    end = time.monotonic() + 300
    while not true():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.05)

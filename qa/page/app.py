"""Build the page as a Gradio app, and serve it together with its API endpoint and MCP tool.

Everything that a visitor sees is one `gr.HTML` component: the files in ``static`` and the HTML
that `qa.page.service` replies with. What is answered is left to the assistant.
"""

import hmac
import json
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from typing import Any

from qa.assistant import Assistant, seeds_assistant
from qa.errors import InputError, QAError
from qa.page.documents import render_limits, render_shared
from qa.page.guard import Guard
from qa.page.library import Library
from qa.page.markup import escape
from qa.page.service import Service
from qa.page.settings import Settings
from qa.page.visits import Visits
from qa.schema import Answer

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import gradio as gr
from gradio.events import api

TITLE = "Ask your documents"
_SCRIPTS = ("base.js", "ask.js", "reading.js", "files.js", "work.js", "start.js")
_ICON = (
    "<link rel='icon' href=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' "
    "viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='%230b5c68'/>"
    "<path d='M8 11h16M8 16h16M8 21h9' stroke='white' stroke-width='2.6'/>"
    "<path d='M8 16h11' stroke='%23ffe08a' stroke-width='5'/></svg>\">"
)
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
SEED_EXAMPLES = (
    "When was the China-Kazakhstan Logistics Cooperation Base launched?",
    "What trade target was set for 2030?",
    "What was the theme of the Astana panel?",
    "What is the capital of France?",
)


@dataclass(slots=True)
class Served:
    """A page that is being served; ``close`` ends it and forgets every visit."""

    url: str
    visits: Visits
    blocks: Any

    def close(self) -> None:
        """Stop serving."""
        self.visits.close()
        self.blocks.close(verbose=False)


def serve(settings: Settings) -> Served:
    """Load the documents, open the port, and return while the page is served in the background.

    Raise `InputError` where the port is taken, and what `Assistant.from_folder` raises.
    """
    assistant = _assistant(settings)
    examples = SEED_EXAMPLES if settings.folder is None else ()
    assistant.ask("Is everything loaded?")  # so that the first visitor's question is not slower
    visits = Visits(settings.limits)
    service = Service(Library(assistant, settings.limits), visits, settings)
    blocks = build(service, examples)
    for name in ("NO_PROXY", "no_proxy"):  # gradio greets its own server; no proxy may answer
        known = os.environ.get(name, "")
        os.environ[name] = ",".join(filter(None, [known, "127.0.0.1", "localhost", "::1"]))
    try:
        with redirect_stdout(StringIO()):  # gradio announces its MCP server even when quiet
            _, url, _ = blocks.launch(**_launch(settings))
    except OSError as error:
        raise InputError(
            f"port {settings.port} cannot be used ({error}); try another --port"
        ) from error
    visits.sweep_regularly()
    return Served(url, visits, blocks)


def build(service: Service, examples: tuple[str, ...] = ()) -> Any:
    """Return the Gradio app: the page, the endpoint ``/ask`` and the tool ``ask``."""
    shared = service.library.shared

    def act(body: Any) -> dict[str, Any]:
        return service.call(body)

    def begin(token: str, request: gr.Request) -> str:
        return service.visits.begin(request.session_hash or "", token)

    def leave(request: gr.Request) -> None:
        service.visits.leave(request.session_hash or "")

    with gr.Blocks(title=TITLE, analytics_enabled=False) as blocks:
        gr.HTML(
            html_template=_html(shared, service, examples),
            js_on_load="\n".join(_static(name) for name in _SCRIPTS),
            server_functions=[act],
            apply_default_css=False,
            elem_id="qa",
        )
        token = gr.Textbox(visible=False)
        beginning = blocks.load(
            begin,
            token,
            token,
            js="() => sessionStorage.getItem('qa-visit') || ''",
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        tell = "(token) => { window.dispatchEvent(new CustomEvent('qa-visit', {detail: token})); }"
        beginning.then(None, token, None, js=tell, api_visibility="private")
        blocks.unload(leave)
        endpoint = _endpoint(shared)
        api(endpoint, api_name="ask", queue=False)
        api(_tool(endpoint), api_name="ask_text", queue=False)
    return blocks


def _endpoint(assistant: Assistant) -> Callable[[str], dict[str, Any]]:
    """Return the function of the API endpoint."""

    def answer(question: str) -> dict[str, Any]:
        """Return the fields of an answer; ``error`` is null, or says what went wrong."""
        try:
            return assistant.ask(question).to_dict()
        except QAError as error:
            return {**Answer(str(question), None, 0.0).to_dict(), "error": str(error)}

    vars(answer)["_mcp_type"] = "endpoint"  # so that Gradio offers it to programs alone
    return answer


def _tool(endpoint: Callable[[str], dict[str, Any]]) -> Callable[[str], str]:
    """Return the MCP tool; Gradio passes text on as it is, but not JSON.

    Its docstring is what a language model reads.
    """

    def ask(question: str) -> str:
        """Answer a question with an exact quote from the documents, or say why it cannot.

        The result is JSON: "answer" (verbatim words, or null when the documents do not answer),
        "confidence" (probability that it is right), "reason" (why there is no answer),
        "citations" and "alternatives" (document, title, publisher, date, quote, context, and
        start and end in characters), "nearest" (passages that came close) and "error".
        Quote only words of "quote" or "context", and name their document.

        Args:
            question: one question in plain words, such as "What was the trade target?"
        """
        return json.dumps(endpoint(question), ensure_ascii=False)

    return ask


def _assistant(settings: Settings) -> Assistant:
    if settings.folder is None:
        return seeds_assistant()
    return Assistant.from_folder(settings.folder)


def _launch(settings: Settings) -> dict[str, Any]:
    """Return how Gradio is to serve: nothing shared, nothing recorded, nothing from elsewhere."""
    from starlette.middleware import Middleware

    password = settings.password
    auth = None
    if password is not None:
        wanted = password.encode()

        def auth(_: str, given: str) -> bool:
            return hmac.compare_digest(given.encode(), wanted)

    guard = Middleware(
        Guard,
        loopback_only=password is None,
        longest=settings.limits.file_bytes * 4 // 3 + 100_000,
        password=password,
    )
    return {
        "server_name": settings.host,
        "server_port": settings.port,
        "auth": auth,
        "auth_message": "Any name will do; the password is the one in QA_UI_PASSWORD.",
        "app_kwargs": {"middleware": [guard], "docs_url": None, "redoc_url": None},
        "theme": gr.themes.Base(font=_FONT, font_mono=_MONO),
        "head": f"<style>{_static('page.css')}{_static('answer.css')}</style>{_ICON}",
        "footer_links": [],
        "mcp_server": True,
        "prevent_thread_lock": True,
        "quiet": True,
        "inbrowser": False,
        "share": False,
        "pwa": False,
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "max_file_size": 1,
    }


def _html(shared: Assistant, service: Service, examples: tuple[str, ...]) -> str:
    """Return the page's frame; nothing in it may look like a template, which Gradio reads it as."""
    chips = "".join(
        f'<button type="button" class="way" data-act="ask" data-question="{escape(one)}">'
        f"{escape(one)}</button>"
        for one in examples
    )
    count = len(shared.documents)
    values = {
        "@examples": chips,
        "@shared": render_shared(shared.documents),
        "@count": f"{count} document{'' if count == 1 else 's'}",
        "@file-limit": f'data-most="{service.settings.limits.file_bytes}"',
        "@limits": escape(render_limits(service.settings.limits)),
    }
    page = _static("page.html")
    for name, value in values.items():
        page = page.replace(name, _inert(value))
    return page


def _inert(html: str) -> str:
    """Write what a template would take for its own as character references."""
    for mark, reference in (("$", "&#36;"), ("{", "&#123;"), ("}", "&#125;"), ("`", "&#96;")):
        html = html.replace(mark, reference)
    return html.replace("\\", "&#92;").replace("@", "&#64;")


def _static(name: str) -> str:
    return (files("qa.page") / "static" / name).read_text(encoding="utf-8")

"""Build the page as a Gradio app, with its API endpoint and MCP tool.

Everything that a visitor sees is one `gr.HTML` component: the files in ``static`` and the HTML
that `qa.page.service` replies with. Opening a port for it is left to `qa.page.serving`.
"""

from importlib.resources import files
from typing import Any

import gradio as gr
from gradio.events import api

from qa.assistant import Assistant
from qa.errors import InputError
from qa.page.documents import render_limits, render_shared
from qa.page.markup import escape
from qa.page.programs import endpoint, tool
from qa.page.service import Service

TITLE = "Ask your documents"
_SCRIPTS = ("base.js", "ask.js", "reading.js", "files.js", "work.js", "start.js")
# The tab keeps the token of its visit, sends it when the page loads, and is told the one to keep.
_SEND_TOKEN = "() => sessionStorage.getItem('qa-visit') || ''"
_TELL_TOKEN = "(token) => { window.dispatchEvent(new CustomEvent('qa-visit', {detail: token})); }"


def build(service: Service, examples: tuple[str, ...] = ()) -> Any:
    """Return the Gradio app: the page, the endpoint ``/ask`` and the tool ``ask``."""
    shared = service.library.shared

    def act(body: Any) -> dict[str, Any]:
        return service.call(body)

    def begin(token: str, request: gr.Request) -> str:
        try:
            return service.visits.begin(request.session_hash or "", token)
        except InputError:  # too many visitors; the page says so
            return ""

    def leave(request: gr.Request) -> None:
        service.visits.leave(request.session_hash or "")

    with gr.Blocks(title=TITLE, analytics_enabled=False) as blocks:
        gr.HTML(
            html_template=_html(shared, service, examples),
            js_on_load="\n".join(static(name) for name in _SCRIPTS),
            server_functions=[act],
            apply_default_css=False,
            elem_id="qa",
        )
        token = gr.Textbox(visible=False)
        beginning = blocks.load(
            begin,
            token,
            token,
            js=_SEND_TOKEN,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        beginning.then(None, token, None, js=_TELL_TOKEN, api_visibility="private")
        blocks.unload(leave)
        answer = endpoint(shared)
        api(answer, api_name="ask", queue=False)
        api(tool(answer), api_name="ask_text", queue=False)
    return blocks


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
    page = static("page.html")
    for name, value in values.items():
        page = page.replace(name, _inert(value))
    return page


def _inert(html: str) -> str:
    """Write what a template would take for its own as character references."""
    for mark, reference in (("$", "&#36;"), ("{", "&#123;"), ("}", "&#125;"), ("`", "&#96;")):
        html = html.replace(mark, reference)
    return html.replace("\\", "&#92;").replace("@", "&#64;")


def static(name: str) -> str:
    """Return a file of the folder ``static``."""
    return (files("qa.page") / "static" / name).read_text(encoding="utf-8")

"""Build the page as a Gradio app, with an API endpoint and an MCP tool for programs.

Everything that a visitor sees is one `gr.HTML` component: the frame in ``page.html``, the scripts
in ``static``, and the HTML in the replies of `qa.page.service`. Opening a port is left to
`qa.page.serving`.
"""

import json
from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.events import api

from qa.assistant import Assistant
from qa.errors import InputError, QAError
from qa.page.documents import limits_in_words, shared_documents
from qa.page.markup import bundled, render
from qa.page.service import Service
from qa.schema import Answer

TITLE = "Ask your documents"
_SCRIPTS = ("base.js", "ask.js", "reading.js", "files.js", "work.js", "start.js")
# A tab keeps the token of its visit: it sends the token when it loads, and is told which to keep.
_SEND_TOKEN = "() => sessionStorage.getItem('qa-visit') || ''"
_TELL_TOKEN = "(token) => { window.dispatchEvent(new CustomEvent('qa-visit', {detail: token})); }"
# Gradio reads the frame as a template of its own, in which these characters have a meaning.
_GRADIO_MARKS = {ord(mark): f"&#{ord(mark)};" for mark in "${}`\\"}


def build(service: Service, examples: tuple[str, ...] = ()) -> Any:
    """Return the Gradio app: the page, the endpoint ``/ask`` and the tool ``ask``."""

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
            html_template=_frame(service, examples),
            js_on_load="\n".join(bundled("static", name) for name in _SCRIPTS),
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
        answer = endpoint(service.library.shared)
        api(answer, api_name="ask", queue=False)
        api(tool(answer), api_name="ask_text", queue=False)
    return blocks


def _frame(service: Service, examples: tuple[str, ...]) -> str:
    """Return the page as it is before a question is asked."""
    limits = service.settings.limits
    return render(
        "page.html",
        examples=examples,
        shared=shared_documents(service.library.shared.documents),
        file_bytes=limits.file_bytes,
        limits=limits_in_words(limits),
    ).translate(_GRADIO_MARKS)


def endpoint(assistant: Assistant) -> Callable[[str], dict[str, Any]]:
    """Return the function behind the API endpoint ``/ask``."""

    def answer(question: str) -> dict[str, Any]:
        """Return the fields of an answer; ``error`` is null, or says what went wrong."""
        try:
            return assistant.ask(question).to_dict()
        except QAError as error:
            return {**Answer(str(question), None, 0.0).to_dict(), "error": str(error)}

    vars(answer)["_mcp_type"] = "endpoint"  # so that Gradio does not offer it as a tool as well
    return answer


def tool(answer: Callable[[str], dict[str, Any]]) -> Callable[[str], str]:
    """Return the MCP tool. It returns text, since Gradio does not pass JSON on as it is.

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
        return json.dumps(answer(question), ensure_ascii=False)

    return ask

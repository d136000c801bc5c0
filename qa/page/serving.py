"""Serve the page: load the documents, open the port, and start Gradio.

What the page holds is left to `qa.page.app`, and which requests are refused to `qa.page.guard`.
"""

import hmac
import os
import socket
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import gradio as gr

from embeddings import disable_telemetry
from qa.assistant import Assistant
from qa.errors import InputError
from qa.index import cache_folder
from qa.page.app import build
from qa.page.guard import Guard
from qa.page.library import Library
from qa.page.markup import bundled
from qa.page.service import Service
from qa.page.settings import Settings
from qa.page.visits import Visits
from qa.shipped import seeds_assistant

_ICON = (
    "<link rel='icon' href=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' "
    "viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='%230b5c68'/>"
    "<path d='M8 11h16M8 16h16M8 21h9' stroke='white' stroke-width='2.6'/>"
    "<path d='M8 16h11' stroke='%23ffe08a' stroke-width='5'/></svg>\">"
)
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
SEED_EXAMPLES = (
    "When was the Astana Regional Cooperation Panel held?",
    "What trade target was set for 2030?",
    "Who moderated the Astana panel?",
    "What is the capital of France?",
)


@dataclass(slots=True)
class Served:
    """A running page; ``problems`` says which files of the folder were left out, and why."""

    url: str
    problems: tuple[str, ...]
    visits: Visits
    blocks: Any

    def close(self) -> None:
        """Stop serving, and forget every visit."""
        self.visits.close()
        self.blocks.close(verbose=False)


def serve(settings: Settings) -> Served:
    """Load the documents, open the port, and return while the page is served in the background.

    Raise `InputError` where the port is taken, and what `Assistant.from_folder` raises.
    """
    _check_port(settings)
    _keep_to_this_machine()
    assistant = _assistant(settings)
    examples = SEED_EXAMPLES if settings.folder is None else ()
    assistant.ask("Is everything loaded?")  # so that the first visitor's question is not slower
    visits = Visits(settings.limits)
    service = Service(Library(assistant, settings.limits), visits, settings)
    blocks = build(service, examples)
    try:
        with redirect_stdout(StringIO()):  # gradio announces its MCP server even when quiet
            _, url, _ = blocks.launch(**_launch(settings))
    except OSError as error:
        message = f"{settings.host}: no port can be opened ({error}); choose one with --port"
        raise InputError(message) from error
    visits.sweep_regularly()
    return Served(url, assistant.problems, visits, blocks)


def _keep_to_this_machine() -> None:
    """Tell gradio to report nothing, write in our folder, and greet itself without a proxy."""
    disable_telemetry()
    # gradio imports matplotlib where it is installed, which keeps a list of fonts
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))
    for name in ("NO_PROXY", "no_proxy"):
        known = os.environ.get(name, "")
        os.environ[name] = ",".join(filter(None, [known, "127.0.0.1", "localhost", "::1"]))


def _check_port(settings: Settings) -> None:
    """Raise `InputError` where the port is taken, before anything is loaded."""
    if settings.port is None:
        return
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise InputError(
                f"port {settings.port} of {settings.host} cannot be opened ({error.strerror}); "
                "choose another with --port, or leave it out for the first free one"
            ) from error


def _assistant(settings: Settings) -> Assistant:
    if settings.folder is None:
        return seeds_assistant()
    return Assistant.from_folder(settings.folder)


def _launch(settings: Settings) -> dict[str, Any]:
    """Return Gradio's options: share nothing, record nothing, load nothing from elsewhere."""
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
    style = bundled("static", "page.css") + bundled("static", "answer.css")
    return {
        "server_name": settings.host,
        "server_port": settings.port,
        "auth": auth,
        "auth_message": "Any name will do; the password is the one in QA_UI_PASSWORD.",
        "app_kwargs": {"middleware": [guard], "docs_url": None, "redoc_url": None},
        "theme": gr.themes.Base(font=_FONT, font_mono=_MONO),
        "head": f"<style>{style}</style>{_ICON}",
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

"""Open the page in a browser: ``qa ui``. The page itself is `qa.page`, loaded when it is opened."""

import argparse
import ipaddress
import os
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from embeddings import disable_telemetry
from qa.commands.options import say, say_problems
from qa.errors import InputError, ModelError
from qa.page import Limits, Settings

PASSWORD = "QA_UI_PASSWORD"
INSTALL = "the page needs gradio, which is an extra: pip install 'extractive-qa[ui]'"


def add(commands: Any) -> None:
    """Register ``qa ui`` with the command line."""
    default = Limits()
    parser = commands.add_parser(
        "ui",
        help="open the page in a browser",
        description="Serve the page on this machine, with its API endpoint and MCP tool. Listening "
        f"on another --host than the loopback needs a password in the variable {PASSWORD}.",
    )
    parser.add_argument("--docs", metavar="FOLDER", help="folder (or file) to ask")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, metavar="N", help="port (the first free from 7860)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    for name, metavar, value, about in (
        ("--max-files", "N", default.files, "files that a visitor may add"),
        ("--max-file-mb", "MB", default.file_bytes / 1e6, "size of one file"),
        ("--max-total-mb", "MB", default.total_bytes / 1e6, "size of a visitor's files together"),
        ("--minutes", "N", default.idle_seconds / 60, "idle minutes until a visit is forgotten"),
        ("--grace", "SECONDS", default.grace_seconds, "until a closed tab's visit is forgotten"),
    ):
        parser.add_argument(
            name, type=_positive, metavar=metavar, default=value, help=f"{about} ({value:g})"
        )
    parser.add_argument(
        "--judgements",
        metavar="FILE",
        help="gold questions made from thumbs up and down ('' keeps none; by default judgements."
        "jsonl in your folder of application data)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve the page until it is interrupted; return the exit code."""
    settings = read_settings(arguments, os.environ.get(PASSWORD) or None)
    if find_spec("gradio") is None or find_spec("mcp") is None:
        raise ModelError(INSTALL)
    disable_telemetry()  # before the import of gradio, and of huggingface_hub with it
    from qa.page import serve

    say("loading …")
    served = serve(settings)
    say_problems(served.problems)
    say(f"the page is at {served.url}  (end it with Ctrl+C)")
    say(f"for programs: {served.url}gradio_api/run/ask, MCP at {served.url}gradio_api/mcp/")
    if not arguments.no_browser:
        import webbrowser

        webbrowser.open(served.url)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("closed; every visitor's documents are gone")
    finally:
        served.close()
    return 0


def read_settings(arguments: argparse.Namespace, password: str | None) -> Settings:
    """Return the settings; raise `InputError` for another host than the loopback, unlocked."""
    if password is None and not is_loopback(arguments.host):
        raise InputError(
            f"--host {arguments.host} lets others reach the page; set a password first: "
            f"{PASSWORD}=... qa ui --host {arguments.host}"
        )
    limits = Limits(
        files=int(arguments.max_files),
        file_bytes=int(arguments.max_file_mb * 1e6),
        total_bytes=int(arguments.max_total_mb * 1e6),
        idle_seconds=arguments.minutes * 60,
        grace_seconds=arguments.grace,
    )
    return Settings(
        host=arguments.host,
        port=arguments.port or None,
        folder=None if arguments.docs is None else Path(arguments.docs),
        password=password,
        judgements=_judgements(arguments.judgements),
        limits=limits,
    )


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine's loopback.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _judgements(chosen: str | None) -> Path | None:
    if chosen is not None:
        return Path(chosen).expanduser() if chosen else None
    from platformdirs import user_data_path

    return user_data_path("extractive-qa", appauthor=False) / "judgements.jsonl"


def _port(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else 65536
    if value > 65535:
        raise argparse.ArgumentTypeError(f"a port from 1 to 65535 is wanted, not {text!r}")
    return value


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"a number above 0 is wanted, not {text!r}")
    return value

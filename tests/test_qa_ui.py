"""Test how the page is opened and guarded: settings, passwords, foreign hosts, sizes."""

import argparse
import asyncio
import subprocess
import sys
from typing import Any

import pytest

from qa.commands.ui import add, read_settings, run
from qa.errors import InputError, ModelError
from qa.page.guard import Guard
from qa.page.settings import Limits


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
    for closed in ("/gradio_api/upload", "/gradio_api/file=/etc/hosts"):
        assert guarded(closed, host="127.0.0.1")[0] == 404


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
    code = "import sys, qa.commands.ui; raise SystemExit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_extra_the_command_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "qa.commands.ui.find_spec", lambda name: None if name == "mcp" else object()
    )
    with pytest.raises(ModelError, match=r"pip install 'extractive-qa\[ui\]'"):
        run(arguments("--no-browser"))


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

"""Guard the page's server: check host names and sizes of requests, and add security headers.

Logging in is left to Gradio, except at the MCP endpoint: Gradio leaves it open, so it is locked
here.
"""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MCP_PATH = "/gradio_api/mcp"
_CLOSED = ("/gradio_api/upload", "/gradio_api/file", "/gradio_api/proxy", "/gradio_api/process")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HEADERS = [
    # The browser loads nothing from elsewhere. Gradio's scripts need what is allowed here.
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        b"connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
        b"frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]


class Guard:
    """ASGI middleware around the page's application.

    With ``loopback_only``, requests that name another host are refused, so that another site
    cannot read the documents by pointing its name at this machine (DNS rebinding). ``longest`` is
    the largest request in bytes. ``password`` locks the MCP endpoint.
    """

    def __init__(
        self, app: App, *, loopback_only: bool, longest: int, password: str | None
    ) -> None:
        self.app = app
        self.loopback_only = loopback_only
        self.longest = longest
        self.password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        refusal = self._refusal(str(scope["path"]), headers)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        await self.app(scope, self._counted(receive), _with_headers(send))

    def _refusal(self, path: str, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
        """Return the status and the reason to refuse a request, or None."""
        if self.loopback_only:
            for value in (headers.get(b"host", b""), headers.get(b"origin", b"").split(b"//")[-1]):
                name = value.decode("latin-1")
                name = name if name.endswith("]") else name.rsplit(":", 1)[0]
                if name and name not in _LOOPBACK:
                    return 403, "this page answers on the loopback address alone"
        if path.startswith(_CLOSED):
            return 404, "not found"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.longest:
            return 413, f"a request may have {self.longest} bytes"
        if self.password is not None and path.startswith(MCP_PATH):
            wanted = f"Bearer {self.password}".encode()
            if not hmac.compare_digest(headers.get(b"authorization", b""), wanted):
                return 401, "send the password: Authorization: Bearer PASSWORD"
        return None

    def _counted(self, receive: Receive) -> Receive:
        """Wrap ``receive`` so that a request longer than allowed is cut off."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message if taken <= self.longest else {"type": "http.disconnect"}

        return counted


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return sending

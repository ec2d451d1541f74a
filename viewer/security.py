"""What stands between a browser and the pages: who may ask, and what a page may do.

A page on the web can send requests to a server on this machine, and by a name of its own that points here (DNS
rebinding) it could read the answers. So a request must name this server as its host, and one that changes something
must come from a page of this server.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""Nothing from elsewhere, and no script or style that stands in the page itself."""

HEADERS: Final[Mapping[str, str]] = {
    # No address is told elsewhere; with "no-referrer" a browser would not say either that a form is this server's own.
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def local_hosts(port: int) -> frozenset[str]:
    """What a browser on this machine may call a server on loopback."""
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))


def new_token() -> str:
    """What forms carry that change something, so that only pages of this process can send them."""
    return secrets.token_urlsafe(24)


class Guard:
    """ASGI middleware: refuses requests by another host's name or from another site's page, and sets the headers.

    Args:
        hosts: what the `Host` header may say, ports included.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], Headers(scope=scope))
        answer = self.app if refusal is None else PlainTextResponse(refusal, 403)
        await answer(scope, receive, _with_headers(send))

    def _refusal(self, method: str, headers: Headers) -> str | None:
        """Why the request is refused; None where it is not."""
        host = headers.get("host", "")
        if host.lower() not in self._hosts:
            return "This server answers by its own name alone.\n"
        if method in _READING:
            return None
        if headers.get("origin", "").lower() not in {
            f"{scheme}://{host.lower()}" for scheme in ("http", "https")
        }:
            return "Only a page of this server may change something here.\n"
        return None


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent

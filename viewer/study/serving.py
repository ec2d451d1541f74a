"""The server of a study's pages."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from ...api.evaluation.rating import RatingDesk
from ...api.store import OpenStore
from ...core.errors import ConfigError, InputError, NotFoundError, SegueError
from ..app import static_folder
from ..security import Guard, local_hosts, new_token
from ..server import HOST, listening, run_server
from .pages import ROUTES, RatingSite, page

PORT: Final = 8348
"""Where the pages are found unless another one is named: links are kept, so it must not change by itself."""

_NOWHERE: Final = ("192.0.2.1", 9)
"""An address that is nobody's (RFC 5737); nothing is sent there."""


def create_study_app(desk: RatingDesk, hosts: Collection[str], operator: str) -> Starlette:
    """The pages of one study as an ASGI application; nothing else of the store can be reached by it.

    Args:
        hosts: by which names it answers, ports included.
        operator: the secret that the operator's page ends in.
    """
    app = Starlette(
        routes=[*ROUTES, Mount("/static", StaticFiles(directory=static_folder()))],
        middleware=[Middleware(Guard, hosts=hosts)],
        exception_handlers={SegueError: _failed, HTTPException: _no_page},
    )
    app.state.rating = RatingSite(desk, operator)
    return app


def serve_study(
    store: OpenStore,
    name: str,
    ready: Callable[[str, str], None],
    *,
    host: str = HOST,
    port: int = PORT,
    address: str | None = None,
) -> None:
    """Serve the pages of a study until the process is interrupted.

    Args:
        store: open for writing.
        ready: is told the address that links begin with, and the operator's page, as soon as both answer.
        host: 0.0.0.0 for all who can reach this machine.
        port: 0 for any that is free.
        address: where raters find it, if that is another name than this machine's own.

    Raises:
        NotFoundError: there is no such study.
        ConfigError: the port cannot be had, or the address is none.
    """
    desk = RatingDesk(store, name)
    with closing(listening(port, host)) as listener:
        bound = listener.getsockname()[1]
        base = (address or f"http://{_shown_host(host)}:{bound}").rstrip("/")
        operator = new_token()
        app = create_study_app(desk, _hosts(host, bound, base), operator)
        run_server(app, listener, lambda: ready(base, f"{base}/operator/{operator}"))


def is_local(host: str) -> bool:
    """Whether only this machine reaches it."""
    return host in ("127.0.0.1", "localhost", "::1")


def _shown_host(host: str) -> str:
    """What is put into links: an address that others can reach where all may ask."""
    return _own_address() or socket.gethostname() if host == "0.0.0.0" else host


def _hosts(host: str, port: int, base: str) -> frozenset[str]:
    """What a browser may call this server."""
    named = urlsplit(base).netloc.lower()
    if not named or urlsplit(base).scheme not in ("http", "https"):
        raise ConfigError(f"--address {base!r} is no address", hint="such as http://study.example:8348")
    known = {named, *local_hosts(port)}
    if not is_local(host):
        names = {host, socket.gethostname(), socket.getfqdn(), _own_address() or host}
        known |= {f"{each.lower()}:{port}" for each in names}
    return frozenset(known)


def _own_address() -> str | None:
    """This machine's address on its network, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.connect(_NOWHERE)
        return str(asking.getsockname()[0])
    return None


def _failed(_: Request, error: Exception) -> Response:
    """What went wrong, in words for raters: nothing of the store's own."""
    if isinstance(error, InputError):
        status = 404 if isinstance(error, NotFoundError) else 400
        return page("error.html.j2", status=status, message=error.message, hint=error.hint)
    hint = "Your other answers are kept. Try again in a moment."
    return page("error.html.j2", status=500, message="This could not be kept.", hint=hint)


def _no_page(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return page("error.html.j2", status=status, message="There is no such page.", hint=None)

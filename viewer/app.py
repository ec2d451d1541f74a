"""`create_app`: the pages of one store as an ASGI application."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ..api.store import OpenStore
from ..core.errors import InputError, NotFoundError, SegueError
from .pages import (
    ablations,
    branches,
    branching,
    conversation,
    data_sets,
    findings,
    judges,
    media,
    runs,
    seen,
    talk,
    threads,
)
from .plays import Plays
from .security import Guard
from .site import Site, site_of
from .talks import Talks

_GROUPS = (
    threads,
    conversation,
    findings,
    seen,
    branches,
    branching,
    runs,
    ablations,
    data_sets,
    judges,
    media,
    talk,
)


def create_app(
    store: OpenStore, hosts: Collection[str], *, plays: Plays | None = None, talks: Talks | None = None
) -> Starlette:
    """The application.

    Args:
        store: open for as long as the application lives; it is only read.
        hosts: by which names it answers, ports included.
        plays: has conversations played, which may cost money; None where pages only read.
        talks: with a trained model; None where there is none.
    """
    app = Starlette(
        routes=[*_pages(), Mount("/static", StaticFiles(directory=static_folder()))],
        middleware=[Middleware(Guard, hosts=hosts)],
        exception_handlers={SegueError: _failed, HTTPException: _no_page},
    )
    app.state.site = Site(store, plays, talks)
    return app


def static_folder() -> Path:
    """Styles and scripts, as they lie in the package."""
    return Path(str(files(__package__))) / "static"


def _pages() -> Iterator[BaseRoute]:
    for group in _GROUPS:
        yield from group.ROUTES


def _failed(request: Request, error: Exception) -> Response:
    """An error of ours as a page: what failed, and what to do next."""
    message = error.message if isinstance(error, SegueError) else str(error)
    hint = error.hint if isinstance(error, SegueError) else None
    status = 404 if isinstance(error, NotFoundError) else 400 if isinstance(error, InputError) else 500
    return site_of(request).page(request, "error.html.j2", status=status, message=message, hint=hint)


def _no_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = "There is no such page." if status == 404 else str(getattr(error, "detail", error))
    return site_of(request).page(request, "error.html.j2", status=status, message=message, hint=None)

"""A conversation with a trained model: what was said and played so far, and a form for what is said next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...core.errors import NotFoundError
from ..forms import read_form
from ..site import Site, site_of
from ..talks import MOST_CHARACTERS, Talks


def shown(request: Request) -> Response:
    """The conversation so far, or the beginning of one."""
    site, name = site_of(request), request.path_params.get("name")
    talks = _talks(site)
    turns = talks.turns(name)
    return site.page(request, "talk.html.j2", talks=talks, name=name, turns=turns, most=MOST_CHARACTERS)


async def said(request: Request) -> Response:
    """A message: it is answered, then the conversation is shown as it stands."""
    site = site_of(request)
    talks = _talks(site)
    fields = await read_form(request, site.token)
    name = await run_in_threadpool(_answered, talks, fields, request.path_params.get("name"))
    return RedirectResponse(f"/talk/{name}#last", 303)


def _answered(talks: Talks, fields: Mapping[str, str], name: str | None) -> str:
    return talks.say(fields.get("message", ""), name)


def _talks(site: Site) -> Talks:
    if site.talks is None:
        raise NotFoundError(
            "no model is open to talk with", hint="`segue view --talkplay DIR` opens one that was trained"
        )
    return site.talks


ROUTES: list[Any] = [
    Route("/talk", shown),
    Route("/talk", said, methods=["POST"]),
    Route("/talk/{name}", shown),
    Route("/talk/{name}", said, methods=["POST"]),
]

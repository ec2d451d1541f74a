"""A branch composed: the command that plays it, and where pages may play, the playing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...core.errors import ConfigError
from ..branching import BranchForm
from ..forms import read_form
from ..plays import Plays
from ..site import Site, site_of
from .conversation import named


def form(request: Request) -> Response:
    """The form, filled with what the address says."""
    found = named(request)
    asked = {"turn": str(max(1, len(found.turns))), "agent": "recsys"} | dict(request.query_params)
    filled = BranchForm.of(asked)
    cards = found.document["tracks"]
    return site_of(request).page(
        request,
        "branch.html.j2",
        found=found,
        form=filled,
        models=found.models,
        pool=[cards[track] for track in found.document["pool"] if track in cards],
        command=_command(site_of(request), found.thread_id, filled),
    )


def command(request: Request) -> Response:
    """The command alone, while the form is filled; what is wrong with it in its place."""
    site, thread = site_of(request), request.path_params["thread"]
    try:
        told = _command(site, thread, BranchForm.of(request.query_params))
    except ConfigError as error:
        return site.page(request, "command.html.j2", command=None, problem=error.message)
    return site.page(request, "command.html.j2", command=told, problem=None)


async def play(request: Request) -> Response:
    """What was asked for, with models and cap, to be confirmed; confirmed, it is played."""
    site = site_of(request)
    plays = _plays(site)
    fields = await read_form(request, site.token)
    return await run_in_threadpool(_asked_for, request, plays, fields)


def _asked_for(request: Request, plays: Plays, fields: Mapping[str, str]) -> Response:
    site, found, asked = site_of(request), named(request), BranchForm.of(fields)
    if asked.max_cost is None:
        raise ConfigError(
            "max_cost: say how many USD it may cost at most", hint="0.01 will do for the offline model"
        )
    if fields.get("confirmed") == "yes":
        return RedirectResponse(f"/plays/{plays.start(found.thread_id, asked).name}", 303)
    models = dict(found.models)
    if asked.model:
        models[asked.agent] = asked.model
    told = _command(site, found.thread_id, asked)
    return site.page(request, "confirm.html.j2", found=found, form=asked, models=models, command=told)


def played(request: Request) -> Response:
    """How it goes with something that is played."""
    return _told(request, "play.html.j2")


def state(request: Request) -> Response:
    """The part of that page that changes."""
    return _told(request, "play_state.html.j2")


def _told(request: Request, template: str) -> Response:
    site = site_of(request)
    return site.page(request, template, play=_plays(site).find(request.path_params["name"]))


def _plays(site: Site) -> Plays:
    if site.plays is None:
        raise HTTPException(403, "Nothing is played from here: `segue view --play` allows it.")
    return site.plays


def _command(site: Site, thread: str, asked: BranchForm) -> str:
    return asked.command(thread, site.place)


ROUTES: list[Any] = [
    Route("/threads/{thread}/branch", form),
    Route("/threads/{thread}/branch", play, methods=["POST"]),
    Route("/threads/{thread}/branch/command", command),
    Route("/plays/{name}", played),
    Route("/plays/{name}/state", state),
]

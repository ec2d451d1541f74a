"""What a rater sees: an introduction, one conversation after the other, a word of thanks; and the operator's page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ...api.evaluation.rating import RatingDesk
from ...core.errors import InputError, NotFoundError
from ..rendering import render

MOST_BYTES: Final = 2000
"""Of an answer; a form of these pages has far less."""

_HEADERS: Final = {"cache-control": "no-store", "referrer-policy": "same-origin", "x-robots-tag": "noindex"}
"""No link leaves this server, and a form that is sent without scripts still says which server it is from."""
_SEE_OTHER: Final = 303


@dataclass(frozen=True)
class RatingSite:
    """What the pages of a study share.

    Attributes:
        operator: the secret that the operator's page ends in.
    """

    desk: RatingDesk
    operator: str


def rating_of(request: Request) -> RatingSite:
    """The study that a request came to."""
    found: RatingSite = request.app.state.rating
    return found


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of the study."""
    return HTMLResponse(render(f"study/{template}", values), status, _HEADERS)


def welcome(request: Request) -> Response:
    """Where a link leads: what this is, then on to where the rater left off."""
    desk, token = rating_of(request).desk, request.path_params["token"]
    rater = desk.rater(token)
    if desk.begun(rater):
        return _on(token, desk.first_open(rater))
    return page("welcome.html.j2", token=token, plan=desk.plan, total=desk.total(rater))


def conversation(request: Request) -> Response:
    """One conversation, or two, with the questions."""
    desk, token = rating_of(request).desk, request.path_params["token"]
    return _shown(desk, token, desk.rater(token), request.path_params["position"])


async def answer(request: Request) -> Response:
    """A click: it is kept, then the page is shown as it stands."""
    desk, token = rating_of(request).desk, request.path_params["token"]
    position = request.path_params["position"]
    rater = await run_in_threadpool(desk.rater, token)
    turn, question, value = await _read(request)
    await desk.rate(rater, position, turn, question, value)
    if "hx-request" not in request.headers:
        return RedirectResponse(f"/r/{token}/{position}", _SEE_OTHER, _HEADERS)
    return await run_in_threadpool(_shown, desk, token, rater, position)


def thanks(request: Request) -> Response:
    """When all is answered."""
    desk, token = rating_of(request).desk, request.path_params["token"]
    rater = desk.rater(token)
    return page("thanks.html.j2", token=token, open_=desk.first_open(rater), total=desk.total(rater))


def operator(request: Request) -> Response:
    """How far the raters are, for whoever started the server."""
    rating = rating_of(request)
    if not secrets.compare_digest(request.path_params["token"].encode(), rating.operator.encode()):
        raise NotFoundError("there is no such page")
    return page("operator.html.j2", name=rating.desk.name, raters=rating.desk.progress())


def _shown(desk: RatingDesk, token: str, rater: str, position: int) -> Response:
    shown = desk.page(rater, position)
    return page("conversation.html.j2", token=token, shown=shown, pair=desk.plan.form == "compare")


def _on(token: str, position: int | None) -> Response:
    return RedirectResponse(f"/r/{token}/{'thanks' if position is None else position}", _SEE_OTHER, _HEADERS)


async def _read(request: Request) -> tuple[int, str, int]:
    """(turn, question, value) of a form. Raises `InputError`."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise InputError("this is no answer to a question of this page")
    try:
        form = parse_qs(body.decode("ascii"), strict_parsing=True)
        return int(form["turn"][0]), form["question"][0], int(form["value"][0])
    except (ValueError, KeyError) as error:
        raise InputError("this is no answer to a question of this page") from error


ROUTES: Final = (
    Route("/r/{token}", welcome),
    Route("/r/{token}/thanks", thanks),
    Route("/r/{token}/{position:int}", conversation, methods=["GET"]),
    Route("/r/{token}/{position:int}", answer, methods=["POST"]),
    Route("/operator/{token}", operator),
)

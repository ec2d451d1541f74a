"""As seen by: what one agent was sent on one turn, everything else gone, beside the table of who may see what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...api.reading.requests import AGENTS
from ...core.errors import InputError, NotFoundError
from ..site import site_of
from .conversation import named

MARKS = {"reads": "●", "writes": "✎", "reads, writes": "●✎", "never": "·", "granted": "+", "hidden": "−"}
"""What a cell shows that is not lit; other words stand for what shows indirectly."""


@dataclass(frozen=True)
class SeenStop:
    """Where an agent was sent something; `here` is the one shown."""

    agent: str
    turn: int
    asked: bool
    here: bool


def first(request: Request) -> Response:
    """The recsys on the turn that is named, or else the first thing that anybody was sent."""
    found = named(request)
    asked = found.seen.turns()
    agent = next((each for each in reversed(AGENTS) if asked[each]), None)
    if agent is None:
        raise NotFoundError(
            f"conversation {found.thread_id}: nothing was sent to an agent here",
            hint="it was imported, or nothing of it was played yet",
        )
    return RedirectResponse(f"/threads/{found.thread_id}/seen/{agent}/{asked[agent][0]}")


def seen(request: Request) -> Response:
    """The page."""
    found, (agent, turn) = named(request), _move(request)
    sent = found.seen.request(agent, turn, _call(request))
    asked = found.seen.turns()
    on = asked[agent]
    at = on.index(turn)
    return site_of(request).page(
        request,
        "seen.html.j2",
        found=found,
        sent=sent,
        map=list(_map(asked, agent, turn)),
        turns=sorted({each for turns in asked.values() for each in turns}),
        before=on[at - 1] if at else None,
        after=on[at + 1] if at + 1 < len(on) else None,
        schema=json.dumps(sent.head["schema"], ensure_ascii=False, indent=1),
        **_table(found.seen.table(agent, turn), None),
    )


def proof(request: Request) -> Response:
    """The table once more, with what was searched for in the bytes; a part of the page."""
    found, (agent, turn) = named(request), _move(request)
    table = _table(found.seen.table(agent, turn), found.seen.prove(agent, turn))
    return site_of(request).page(
        request, "partition.html.j2", found=found, agent_here=agent, turn=turn, **table
    )


def raw(request: Request) -> Response:
    """The bytes themselves, as canonical JSON."""
    found, (agent, turn) = named(request), _move(request)
    sent = found.seen.request(agent, turn, _call(request))
    name = f"{found.thread_id}-{agent}-{turn}-{sent.call}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(sent.body, media_type="application/json", headers=headers)


def _table(rows: Sequence[Any], proof: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"table": rows, "proof": proof, "agents": AGENTS, "marks": MARKS}


def _move(request: Request) -> tuple[str, int]:
    return request.path_params["agent"], request.path_params["turn"]


def _call(request: Request) -> int:
    given = request.query_params.get("call", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 6):
        raise InputError(f"{given[:40]!r} is no number of a call", hint="calls are counted from 0")
    return int(given)


def _map(asked: Mapping[str, Sequence[int]], agent: str, turn: int) -> Iterator[tuple[str, list[SeenStop]]]:
    """Of each agent, all turns: where it was sent something, and where not."""
    turns = sorted({each for on in asked.values() for each in on})
    for one, on in asked.items():
        yield one, [SeenStop(one, each, each in on, (one, each) == (agent, turn)) for each in turns]


ROUTES = [
    Route("/threads/{thread}/seen", first),
    Route("/threads/{thread}/seen/{agent}/{turn:int}", seen),
    Route("/threads/{thread}/seen/{agent}/{turn:int}/proof", proof),
    Route("/threads/{thread}/seen/{agent}/{turn:int}/bytes", raw),
]

"""One conversation: who talks, what was said and played, what it took, what was found in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.conversation import Conversation
from ..shown import shown_turns
from ..site import site_of


def conversation(request: Request) -> Response:
    """The whole page."""
    found = named(request)
    document = found.document
    site = site_of(request)
    return site.page(
        request,
        "conversation.html.j2",
        found=found,
        document=document,
        summary=found.summary(site.store.prices()),
        preparation=[move for move in found.moves if move.turn == 0],
        turns=list(shown_turns(found)),
        closing_moves=[move for move in found.moves if move.turn > len(document["turns"])],
        verdicts=list(_by_aspect(found)),
    )


def calls(request: Request) -> Response:
    """The calls of one turn, in detail; a part of the page."""
    found, turn = named(request), request.path_params["turn"]
    moves = [move for move in found.moves if move.turn == turn]
    return site_of(request).page(request, "calls.html.j2", found=found, turn=turn, moves=moves)


def named(request: Request) -> Conversation:
    """The conversation that the path names. Raises `NotFoundError` where there is none, or are several."""
    return site_of(request).store.conversation(request.path_params["thread"])


def _by_aspect(found: Conversation) -> Iterator[Mapping[str, Any]]:
    """{model, aspect, verdicts} of judges, in order."""
    grouped = defaultdict(list)
    for verdict in found.judgements:
        grouped[verdict.model, verdict.aspect].append(verdict)
    for (model, aspect), verdicts in sorted(grouped.items()):
        yield {"model": model, "aspect": aspect, "verdicts": verdicts}


ROUTES = [
    Route("/threads/{thread}", conversation),
    Route("/threads/{thread}/calls/{turn:int}", calls),
]

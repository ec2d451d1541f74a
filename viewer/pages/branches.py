"""The tree of a conversation, and threads of it side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.evaluation.reports import compare
from ...core.errors import InputError
from ..differing_words import Pieces, differing_words
from ..site import site_of
from ..tree_picture import draw_tree
from .conversation import named

MOST = 4
"""Threads side by side."""


def tree(request: Request) -> Response:
    """The tree that a conversation belongs to."""
    found = named(request)
    document = found.tree()
    return site_of(request).page(request, "tree.html.j2", found=found, picture=draw_tree(document))


def comparison(request: Request) -> Response:
    """Threads from where they part: turn by turn, and in numbers."""
    site, threads = site_of(request), request.query_params.getlist("thread")
    if len(threads) > MOST:
        raise InputError(f"{len(threads)} threads are more than {MOST}, the most that fit side by side")
    compared = compare(threads, store=site.store)
    document = compared.to_json()
    first = next((row["turn"] for row in document["turns"] if row["differs"]), None)
    return site.page(
        request,
        "compare.html.j2",
        document=document,
        rows=list(_rows(document)),
        first=first,
        threads=[one["thread_id"] for one in document["threads"]],
    )


def _rows(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Of each turn {turn, differs, sides}: of two threads with their words held against each other."""
    for row in document["turns"]:
        moves = list(row["threads"].values())
        said = [{who: _whole(move, who) for who in ("listener", "recsys")} for move in moves]
        if len(moves) == 2:
            for who in ("listener", "recsys"):
                a, b = ((move or {}).get(who) or "" for move in moves)
                said[0][who], said[1][who] = differing_words(a, b)
        sides = [{"move": move, "said": words} for move, words in zip(moves, said, strict=True)]
        yield {"turn": row["turn"], "differs": row["differs"], "sides": sides}


def _whole(move: Mapping[str, Any] | None, who: str) -> Pieces:
    text = (move or {}).get(who)
    return [(text, False)] if text else []


ROUTES = [Route("/threads/{thread}/tree", tree), Route("/compare", comparison)]

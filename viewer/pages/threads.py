"""The list of conversations, narrowed and in order; and search in what was said and thought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...api.reading.searching import ORDERS, Kind, PageFilter, Who
from ..site import Site, site_of

PAGE = 100
"""Conversations on one page."""
FOUND = 50
"""Texts on one page of a search."""

NARROWED_BY = (
    *("run", "session", "status", "parent", "topic", "specificity"),
    *("model", "country", "progress", "failed_agent", "score"),
)


def home(request: Request) -> Response:
    return RedirectResponse("/threads")


def threads(request: Request) -> Response:
    """One page of the list, the newest first unless another order is asked for."""
    site = site_of(request)
    given = {name: value for name in NARROWED_BY if (value := request.query_params.get(name, "").strip())}
    order = request.query_params.get("order") or "created"
    turned = _turned(request, order)
    found = site.store.page(
        order=cast("Any", order),
        turned=turned,
        limit=PAGE,
        after=request.query_params.get("after"),
        **cast("PageFilter", given),
    )
    asked = {**given, "order": order, **({"turned": "1"} if turned else {})}
    return site.page(
        request,
        "threads.html.j2",
        found=found,
        given={name: given.get(name, "") for name in NARROWED_BY},
        narrowed=bool(given),
        order=order,
        turned=turned,
        links={name: _sorted_by(given, name, order, turned) for name in ORDERS},
        following=None if found.after is None else f"/threads?{urlencode({**asked, 'after': found.after})}",
        first=f"/threads?{urlencode(asked)}" if "after" in request.query_params else None,
        choices=_choices(site),
    )


def _turned(request: Request, order: str) -> bool:
    """The newest stand first where nothing else is said."""
    if "order" in request.query_params:
        return request.query_params.get("turned") == "1"
    return order == "created"


def _sorted_by(given: Mapping[str, str], name: str, order: str, turned: bool) -> str:
    """Where a column's head leads: to its order, or where that is the order, to it the other way round."""
    other = {"turned": "1"} if name == order and not turned else {}
    return f"/threads?{urlencode({**given, 'order': name, **other})}"


def _choices(site: Site) -> Mapping[str, list[str]]:
    """What the list can be narrowed to."""
    return {
        "status": ["done", "failed", "running", "stopped", "imported"],
        "topic": list("ABCDEFGHIJK"),
        "specificity": ["LL", "HL", "LH", "HH"],
        "run": [name for run in reversed(site.store.runs()) for name in (run.names or (run.run_id,))],
        "model": site.store.values("model"),
        "country": site.store.values("country"),
        "failed_agent": site.store.values("failed_agent"),
    }


def search(request: Request) -> Response:
    """The messages and thoughts in which all words stand."""
    site, asked = site_of(request), request.query_params
    words = asked.get("words", "").strip()
    given = {
        name: value for name in ("words", "who", "kind", "run") if (value := asked.get(name, "").strip())
    }
    found = None
    if words:
        found = site.store.search(
            words,
            who=cast("Who | None", given.get("who")),
            kind=cast("Kind | None", given.get("kind")),
            run=given.get("run"),
            limit=FOUND,
            after=asked.get("after"),
        )
    more = None if found is None or found.after is None else urlencode({**given, "after": found.after})
    return site.page(
        request,
        "search.html.j2",
        words=words,
        given=given,
        found=found,
        following=more and f"/search?{more}",
        whos=get_args(Who),
        kinds=get_args(Kind),
    )


ROUTES = [Route("/", home), Route("/threads", threads), Route("/search", search)]

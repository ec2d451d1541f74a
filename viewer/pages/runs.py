"""What was played together: how it stands, what failed of it, what it cost, and what it plays."""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.evaluation.reports import agents_table, cost, kinds_table, parts_table
from ...api.planning.run_plans import compare_plans, plan_fields
from ...api.store import STANDINGS, OpenStore
from ..events import streaming
from ..rendering import render
from ..site import site_of

FAILED_SHOWN = 200
"""Failed conversations that are listed; all of them are in the list of threads."""
GOING_ON = ("pending", "running")


def runs(request: Request) -> Response:
    """All runs, the newest first."""
    site = site_of(request)
    rows = [run.to_json() for run in reversed(site.store.runs())]
    return site.page(request, "runs.html.j2", rows=rows, standings=STANDINGS)


def run(request: Request) -> Response:
    """One run."""
    site, name = site_of(request), request.path_params["run"]
    found = site.store.run(name)
    others = [each for each in site.store.runs() if each.run_id != found.run_id]
    against = request.query_params.get("against", "")
    return site.page(
        request,
        "run.html.j2",
        **standing(site.store, name),
        failures=_shares(site.store, name),
        kinds=_error_kinds(site.store, name),
        others=others,
        against=against,
        plan=plan_fields(site.store, name),
        differences=compare_plans(site.store, name, against) if against else [],
    )


def standing(store: OpenStore, name: str) -> dict[str, Any]:
    """{run, standings, leases}: how it stands at this moment."""
    found = store.run(name).to_json()
    return {"run": found, "standings": STANDINGS, "leases": store.leases(name)}


def events(request: Request) -> Response:
    """How it stands, again and again while it is played."""
    store, name = site_of(request).store, request.path_params["run"]
    store.run(name)

    def look() -> tuple[str, bool]:
        values = standing(store, name)
        over = not any(values["run"][each] for each in GOING_ON)
        return render("standing.html.j2", values), over

    return streaming(request, look)


def costs(request: Request) -> Response:
    """What it cost, by agent, kind of token, model and turn; a part of the page."""
    site = site_of(request)
    document = cost(run=request.path_params["run"], store=site.store).to_json()
    tables = [
        agents_table(document["by_agent"], document["paper"]),
        kinds_table(document["by_kind"]),
        parts_table("model", document["by_model"]),
        parts_table("turn", document["by_turn"]),
    ]
    return site.page(request, "blocks.html.j2", blocks=tables)


def _shares(store: OpenStore, name: str) -> Any:
    found = store.failures(name)
    return found if found.failed else None


def _error_kinds(store: OpenStore, name: str) -> dict[str, Any]:
    """{counts: (error, agent) -> how many, shown: the first of them} of what stands failed."""
    failed = store.threads(run=name, status="failed", limit=FAILED_SHOWN, newest=True)
    counts = Counter(((each.error or {}).get("type"), (each.error or {}).get("agent")) for each in failed)
    return {"counts": counts.most_common(), "shown": failed}


ROUTES = [
    Route("/runs", runs),
    Route("/runs/{run}", run),
    Route("/runs/{run}/events", events),
    Route("/runs/{run}/cost", costs),
]

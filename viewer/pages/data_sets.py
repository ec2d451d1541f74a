"""What the store holds as data sets, imported ones too: their statistics, and their audits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.data.data_set_list import StoredDataSet, stored_data_sets
from ...api.evaluation.audits import audit_data
from ...api.evaluation.reports import SideBySide, stats
from ...core.errors import NotFoundError
from ...core.tables import Table
from ..site import Site, site_of

AT_ONCE = 300
"""Conversations up to which reports are made without being asked for."""

Blocks = Sequence[str | Table]


def data_sets(request: Request) -> Response:
    """All data sets, the newest first."""
    site = site_of(request)
    return site.page(request, "data_sets.html.j2", rows=stored_data_sets(site.store)[::-1])


def data_set(request: Request) -> Response:
    """One data set; its reports follow."""
    site = site_of(request)
    found = _named(site, request.path_params["run"])
    at_once = found.finished <= AT_ONCE
    return site.page(request, "data_set.html.j2", found=found, at_once=at_once)


def statistics(request: Request) -> Response:
    """What it is made of; a part of the page."""

    def made(site: Site, found: StoredDataSet) -> Blocks:
        measured = list(stats(runs=[found.run], include_altered=True, store=site.store))
        return list(SideBySide(measured).tables())

    return _report(request, "statistics", made)


def audits(request: Request) -> Response:
    """The known faults of such data, counted; a part of the page."""

    def made(site: Site, found: StoredDataSet) -> Blocks:
        return list(audit_data([found.run], store=site.store).blocks())

    return _report(request, "audits", made)


def _report(request: Request, kind: str, make: Callable[[Site, StoredDataSet], Blocks]) -> Response:
    site = site_of(request)
    found = _named(site, request.path_params["run"])
    key: Hashable = (kind, found.run, tuple(sorted(found.counts.items())))
    blocks = site.reports.get(key, lambda: make(site, found))
    return site.page(request, "blocks.html.j2", blocks=blocks)


def _named(site: Site, name: str) -> StoredDataSet:
    run = site.store.run(name).run_id
    for found in stored_data_sets(site.store):
        if found.run == run:
            return found
    raise NotFoundError(f"run {run} has no conversation yet", hint="nothing of it can be counted")


ROUTES = [
    Route("/data", data_sets),
    Route("/data/{run}", data_set),
    Route("/data/{run}/statistics", statistics),
    Route("/data/{run}/audits", audits),
]

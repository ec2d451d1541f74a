"""Factorial experiments: their cells as a table, their effects as a table and a picture."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.evaluation.experiments import ablation_tables
from ...api.evaluation.stored_ablations import stored_ablation, stored_ablations
from ..effect_picture import draw_effects
from ..site import site_of


def ablations(request: Request) -> Response:
    """All experiments of which branches are kept, the newest first."""
    site = site_of(request)
    return site.page(request, "ablations.html.j2", rows=stored_ablations(site.store)[::-1])


def ablation(request: Request) -> Response:
    """One experiment."""
    site, name = site_of(request), request.path_params["name"]
    found = [each for each in stored_ablations(site.store) if each.name == name]
    key = (
        "ablation",
        name,
        tuple((thread.thread_id, thread.updated) for each in found for thread, _ in each.trials),
    )
    report = site.reports.get(key, lambda: stored_ablation(site.store, name))
    cells, effects = ablation_tables(report)
    return site.page(
        request,
        "ablation.html.j2",
        report=report,
        stored=found[-1],
        cells=cells,
        effects=effects,
        panels=draw_effects(report.effects),
    )


ROUTES = [Route("/ablations", ablations), Route("/ablations/{name}", ablation)]

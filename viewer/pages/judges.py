"""What judges found, by aspect, topic and specificity, next to the published means."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.evaluation.judge_reports import SOURCE, judge_report, report_tables
from ...core.errors import NotFoundError
from ..site import site_of


def judges(request: Request) -> Response:
    """A report on the stored verdicts of each judge."""
    site = site_of(request)
    try:
        found = judge_report(store=site.store)
    except NotFoundError as error:
        return site.page(request, "judges.html.j2", reports=[], source=SOURCE, hint=error.hint)
    reports = [{"report": one, "tables": list(report_tables(one))} for one in found]
    return site.page(request, "judges.html.j2", reports=reports, source=SOURCE, hint="")


ROUTES = [Route("/judges", judges)]

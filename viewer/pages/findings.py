"""What the audits find in one conversation, marked at the turns that it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...api.conversation import Conversation
from ...api.evaluation.audits import audit, audit_data
from ...api.store import OpenStore
from ..site import site_of
from .conversation import named

AUDITED_AS_DATA = ("done", "imported")


@dataclass(frozen=True)
class Found:
    """One place that an audit points at; turn 0 is before the first turn, or the conversation as a whole."""

    turn: int
    audit: str
    what: str
    excerpt: str


def findings(request: Request) -> Response:
    """All of it as a part of the page, and a mark for each turn that has some."""
    site, conversation = site_of(request), named(request)
    key = ("findings", conversation.thread_id, conversation.thread.updated)
    found = site.reports.get(key, lambda: list(_found(site.store, conversation)))
    turns = len(conversation.turns) + (conversation.document["closing"] is not None)
    return site.page(
        request,
        "findings.html.j2",
        by_turn=_by_turn(found),
        whole=[each for each in found if not 0 < each.turn <= turns],
        turns=range(1, turns + 1),
        count=len(found),
    )


def _found(store: OpenStore, conversation: Conversation) -> Iterator[Found]:
    if conversation.status != "imported":
        proof = audit([conversation.thread_id], store=store)
        for leak in proof.findings:
            yield Found(leak.turn, "partition", f"{leak.kind}, {leak.agent}", leak.detail)
    if conversation.status in AUDITED_AS_DATA:
        for audited in audit_data(threads=[conversation.thread_id], store=store).audited:
            for result in audited.results:
                for each in result.found:
                    yield Found(each.turn, result.name, each.measure, each.excerpt)


def _by_turn(found: Sequence[Found]) -> Mapping[int, list[Found]]:
    grouped = defaultdict(list)
    for each in found:
        grouped[each.turn].append(each)
    return grouped


ROUTES = [Route("/threads/{thread}/findings", findings)]

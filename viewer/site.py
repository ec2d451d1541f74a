"""`Site`: what all pages are made from: one open store, and what may be done here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from ..api.store import OpenStore
from .plays import Plays
from .rendering import render
from .reports import Reports
from .security import new_token
from .talks import Talks

SECTIONS: Final = (
    ("threads", "Threads"),
    ("runs", "Runs"),
    ("ablations", "Ablations"),
    ("data", "Data sets"),
    ("judges", "Judges"),
)
"""(first part of the path, name in the bar on top) of the groups of pages."""
TALK: Final = ("talk", "Talk")
"""The same where there is a model to talk with."""


@dataclass(frozen=True)
class Site:
    """What the pages of one server share.

    Attributes:
        store: open for reading.
        plays: has conversations played; None where pages only read.
        talks: with a trained model; None where there is none.
        token: what forms must carry that change something.
        reports: that were made so far.
    """

    store: OpenStore
    plays: Plays | None = None
    talks: Talks | None = None
    token: str = field(default_factory=new_token, repr=False)
    reports: Reports = field(default_factory=Reports, repr=False)

    @cached_property
    def place(self) -> str:
        """The store's address, without its password."""
        return self.store.url

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page; to a request of htmx for a part of one, its main block is what it looks for."""
        section = request.url.path.strip("/").partition("/")[0]
        sections = (*SECTIONS, TALK) if self.talks else SECTIONS
        given = {"sections": sections, "section": section, "site": self, "request": request}
        return HTMLResponse(render(template, {**given, **values}), status, {"cache-control": "no-store"})


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site: Site = request.app.state.site
    return site

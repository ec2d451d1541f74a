"""Branches by the reason that they were made for."""

from __future__ import annotations

import sqlalchemy as sa

from .rows import read_as
from .schema import THREADS
from .store import Store
from .threads import Thread


def branches_made_for(store: Store, reason: str) -> list[Thread]:
    """Branches whose reason begins so, in order of creation."""
    # A text is searched quicker than a document is read; what it finds beside them is left out below.
    maybe = sa.cast(THREADS.c.fork, sa.Text).like('%"reason": "%')
    query = THREADS.select().where(THREADS.c.parent.is_not(None), maybe)
    beginning = THREADS.c.fork["reason"].as_string().startswith(reason, autoescape=True)
    query = query.where(beginning).order_by(THREADS.c.created, THREADS.c.thread_id)
    with store.read() as connection:
        return [read_as(Thread, row) for row in connection.execute(query)]

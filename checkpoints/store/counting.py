"""How many conversations there are, by the runs that they belong to."""

from __future__ import annotations

import sqlalchemy as sa

from .schema import THREADS
from .store import Store


def count_by_run(store: Store) -> dict[str, tuple[dict[str, int], int]]:
    """Run id -> (status -> conversations, how many of them all are branches)."""
    branch = THREADS.c.parent.is_not(None)
    query = sa.select(THREADS.c.run_id, THREADS.c.status, branch, sa.func.count())
    found: dict[str, tuple[dict[str, int], int]] = {}
    with store.read() as connection:
        for run, status, branched, count in connection.execute(
            query.group_by(THREADS.c.run_id, THREADS.c.status, branch)
        ):
            counts, branches = found.get(run, ({}, 0))
            counts[status] = counts.get(status, 0) + count
            found[run] = (counts, branches + (count if branched else 0))
    return found

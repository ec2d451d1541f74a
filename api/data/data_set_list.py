"""The data sets that a store holds: each run's finished conversations, and what was imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...checkpoints.store.counting import count_by_run

if TYPE_CHECKING:
    from ..store import OpenStore


@dataclass(frozen=True)
class StoredDataSet:
    """One run as a data set.

    Attributes:
        run, title: its id, and its names or what it was imported from.
        counts: status -> conversations, branches included.
        branches: how many of all are branches.
    """

    run: str
    title: str
    created: str
    counts: Mapping[str, int]
    branches: int

    @property
    def imported(self) -> bool:
        """Whether it was brought in rather than played."""
        return "imported" in self.counts

    @property
    def finished(self) -> int:
        """Conversations that count as data."""
        return self.counts.get("imported", 0) + self.counts.get("done", 0)


def stored_data_sets(store: OpenStore) -> list[StoredDataSet]:
    """The runs that have conversations to show, in order of creation."""
    counted = count_by_run(store.store)
    found = []
    for run in store.runs():
        counts, branches = counted.get(run.run_id, ({}, 0))
        if counts:
            title = ", ".join(run.names) or run.catalog
            found.append(StoredDataSet(run.run_id, title, run.created, counts, branches))
    return found

"""What a store loses when it is pruned, counted or done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..checkpoints.store.maintenance import plan_prune, prune_threads, sweep, thread_ids

if TYPE_CHECKING:
    from .store import OpenStore


@dataclass(frozen=True)
class Pruned:
    """What pruning removes, or without `removed` would remove.

    Attributes:
        packs: swept because nothing names them any more; None where nothing was removed.
    """

    removed: bool
    threads: int
    checkpoints: int
    writes: int
    packs: int | None


def prune(store: OpenStore, threads: Sequence[str], *, really: bool) -> Pruned:
    """See `OpenStore.prune`."""
    known = store.threads_table
    ids = [known.get(name).thread_id for name in threads] if threads else thread_ids(store.store)
    counted = prune_threads(store.store, ids) if really else plan_prune(store.store, ids)
    swept = sweep(store.store) if really else None
    return Pruned(really, len(ids), counted.checkpoints, counted.writes, swept)

"""What a store loses when it is pruned, counted or done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..checkpoints.store.maintenance import plan_prune, prune_threads, sweep, thread_ids
from ..checkpoints.store.reader import StoreReader


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


def prune(reader: StoreReader, threads: Sequence[str], *, really: bool) -> Pruned:
    """See `OpenStore.prune`."""
    known = reader.threads
    ids = [known.get(name).thread_id for name in threads] if threads else thread_ids(reader.store)
    counted = prune_threads(reader.store, ids) if really else plan_prune(reader.store, ids)
    swept = sweep(reader.store) if really else None
    return Pruned(really, len(ids), counted.checkpoints, counted.writes, swept)

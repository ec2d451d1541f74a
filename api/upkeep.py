"""What a store loses when it is pruned, counted or done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

from ..checkpoints import Store
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.run_sessions import StoredRun
from ..core.settings import items
from .names import named

if TYPE_CHECKING:
    from ..checkpoints.store.upkeep.deletion import Deletion
    from ..checkpoints.store.upkeep.maintenance import Report


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


class Upkeep:
    """What a store is looked after by.

    Attributes:
        store, reader: see `OpenStore`.
    """

    store: Store
    reader: StoreReader

    def check(self) -> Report:
        """Read everything and compare it with its digests; nothing is changed."""
        from ..checkpoints.store.upkeep.maintenance import check

        return check(self.store)

    def backup(self, file: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Copy a SQLite store to a new file while others go on using it.

        Args:
            overwrite: replace the file where it exists, once the copy is whole.

        Raises:
            InputError: the file exists and is not to be replaced, or it is the store itself.
            StoreError: the store is no SQLite file, or the copy cannot be written.
        """
        from ..checkpoints.store.upkeep.maintenance import backup

        backup(self.store, file, overwrite=overwrite)

    def prune(self, threads: Sequence[str] | None = None, *, really: bool = False) -> Pruned:
        """Keep only the newest checkpoint of each thread; of all threads when none is named.

        Pruned conversations can be read, but not replayed or branched. Without `really` nothing is removed.

        Raises:
            NotFoundError: a name is no thread, or several; or the list of names is empty.
        """
        return _prune(self.reader, named(threads, "thread"), really=really)

    def delete(
        self, names: str | Sequence[str], *, with_branches: bool = False, really: bool = False
    ) -> Deletion:
        """Delete conversations and runs, with their checkpoints, calls, judgements and names; imported ones, too.

        What other conversations need stays: texts and values that they share, and calls on which they rest, which
        count as theirs from then on. All goes in one transaction, so that a deletion that is cut off did nothing.

        Args:
            names: ids of threads and runs, unique starts of them, or names of runs; one or several.
            with_branches: also what was branched from the conversations.
            really: without it nothing is removed, and it is told what would be.

        Raises:
            NotFoundError: a name is no thread and no run, or several.
            InputError: a conversation has branches, or somebody is at work on it or on its run.
        """
        from ..checkpoints.search.index import forget
        from ..checkpoints.store.upkeep.deletion import delete
        from ..evaluation.judging.judge import place_of_case

        told = delete(self.reader, items(names), place_of_case, with_branches=with_branches, really=really)
        if really:
            forget(self.store, told.threads)
        return told

    def rename(self, run: str, name: str) -> StoredRun:
        """Give a run another name.

        Args:
            run: the name to replace; or the run's id, or the start of it, where it has no more than one name.

        Raises:
            NotFoundError: there is no such run, or more than one.
            InputError: the new name is taken, cannot be one, or it is not said which of several is to go.
        """
        from ..runs.run_start import check_name

        check_name(name)
        return self.reader.runs.runs(self.reader.runs.rename(run, name))[0]


def _prune(reader: StoreReader, threads: Sequence[str] | None, *, really: bool) -> Pruned:
    """See `Upkeep.prune`."""
    from ..checkpoints.store.upkeep.maintenance import plan_prune, prune_threads, sweep, thread_ids

    known = reader.threads
    ids = [known.get(name).thread_id for name in threads] if threads is not None else thread_ids(reader.store)
    counted = prune_threads(reader.store, ids) if really else plan_prune(reader.store, ids)
    swept = sweep(reader.store) if really else None
    return Pruned(really, len(ids), counted.checkpoints, counted.writes, swept)

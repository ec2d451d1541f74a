"""The proof of the partition for many threads, in this process or spread over several."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache, partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.store import Store
from ..checkpoints.store.threads import Thread
from ..core.errors import WorkerLostError
from ..runs.workers.processes import signals_ignored
from .partition_audit import AuditReport
from .partition_proof import PartitionProof


def prove_partition(
    found: Sequence[Thread],
    reader: StoreReader,
    *,
    workers: int = 1,
    ended: Callable[[str], None] = lambda _: None,
) -> AuditReport:
    """Audit every request behind the threads; the report is the same however many workers make it.

    Args:
        workers: processes; 1 works in this one.
        ended: called with each thread, in order, when it is through.

    Raises:
        WorkerLostError: a process ended without a word.
        SegueError: what the first thread that cannot be audited came to.
    """
    report = AuditReport()
    with _proofs(found, reader, min(workers, len(found))) as proofs:
        for at, thread in enumerate(found):
            try:
                report.add(next(proofs))
            except BrokenProcessPool as error:
                raise WorkerLostError(
                    f"a process ended while conversation {thread.thread_id} was audited, or one of the "
                    f"{len(found) - at - 1:,} after it",
                    hint="look at the memory of this machine, or use fewer --workers; a script audits under "
                    '`if __name__ == "__main__":`',
                ) from error
            ended(thread.thread_id)
    return report


@contextmanager
def _proofs(found: Sequence[Thread], reader: StoreReader, workers: int) -> Iterator[Iterator[AuditReport]]:
    """The report of each thread, in order. Processes that make them end with the context, whatever they do."""
    if workers <= 1:
        yield map(PartitionProof(reader), found)
        return
    context = get_context("spawn")  # not forked: threads and event loops may be here
    theirs, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with, initargs=(theirs,))
    try:
        with signals_ignored():
            proofs = pool.map(partial(_proof, reader.store.address), found)
        yield proofs
    finally:
        ours.close()
        pool.shutdown(cancel_futures=True)
        theirs.close()


def _end_with(command: Connection) -> None:
    """In each process: end as soon as nobody holds the other end, even in the middle of a thread."""

    def wait() -> None:
        with suppress(EOFError, OSError):
            command.recv()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _proof(address: str, thread: Thread) -> AuditReport:
    return _opened(address)(thread)


@cache
def _opened(address: str) -> PartitionProof:
    """A process opens the store once, and reads each plan's templates once."""
    return PartitionProof(StoreReader.of(Store.open(address, read_only=True)))

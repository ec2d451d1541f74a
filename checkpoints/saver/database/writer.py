"""The writer: one thread through which everything is written, many jobs to a transaction."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from ....core.errors import StoreError

_MOST = 512
"""Jobs in one transaction, at most."""


class Batch(Protocol):
    """Runs jobs in one transaction; a job may be run again when its transaction failed over another one."""

    def run(self, jobs: list[Any]) -> list[Any]:
        """Each job's result, after the commit. Nothing is written when it raises."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Reservation:
    """A job in the queue and where its result goes."""

    job: Any
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    outcome: Any = None
    error: BaseException | None = None

    def resolve(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.outcome)


class Writer:
    """The thread, its queue and the two ways into it."""

    def __init__(self, batch: Batch, *, name: str = "segue-writer") -> None:
        self._batch = batch
        self._queue: queue.SimpleQueue[list[Reservation] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[Reservation]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._name = name
        self._thread: threading.Thread | None = None

    def run(self, job: Any) -> Any:
        """Run the job and wait for its commit.

        Raises:
            StoreError: the store is closed, or the database refused.
        """
        future: Future[Any] = Future()
        self._send([Reservation(job, future)])
        return future.result()

    def submit(self, job: Any) -> asyncio.Future[Any]:
        """Put the job into the queue of the running event loop; the future is done after the commit."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._require_open()
        gathered = self._gathered.get(loop)
        if gathered is None:
            gathered = self._gathered[loop] = []
            # Jobs that other tasks put in during the same turn of the loop share the transaction.
            loop.call_soon(self._flush, loop)
        gathered.append(Reservation(job, future, loop))
        return future

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        tickets = self._gathered.pop(loop)
        try:
            self._send(tickets)
        except StoreError as error:
            for ticket in tickets:
                ticket.error = error
                ticket.resolve()

    def _send(self, tickets: list[Reservation]) -> None:
        with self._lock:
            self._require_open()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._queue.put(tickets)

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError("the store is closed", hint="open it again, or close it after the last use")

    def close(self) -> None:
        """Finish what is in the queue and end the thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        open_ = True
        while open_:
            first = self._queue.get()
            if first is None:
                break
            tickets = list(first)
            while len(tickets) < _MOST and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    open_ = False
                    break
                tickets += more
            self._run(tickets)
            _resolve(tickets)
        self._batch.close()

    def _run(self, tickets: list[Reservation]) -> None:
        """Run the tickets together; when that fails, each alone, so that a failure stays with its own job."""
        try:
            results = self._batch.run([ticket.job for ticket in tickets])
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the job
            if len(tickets) == 1:
                tickets[0].error = error
                return
            for ticket in tickets:
                self._run([ticket])
            return
        for ticket, result in zip(tickets, results, strict=True):
            ticket.outcome = result


def _resolve(tickets: Iterable[Reservation]) -> None:
    """Tell the waiting: threads directly, event loops in one call each."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Reservation]] = {}
    for ticket in tickets:
        if ticket.loop is None:
            ticket.resolve()
        else:
            by_loop.setdefault(ticket.loop, []).append(ticket)
    for loop, theirs in by_loop.items():
        _call(loop, theirs)


def _call(loop: asyncio.AbstractEventLoop, tickets: list[Reservation]) -> None:
    def resolve() -> None:
        for ticket in tickets:
            ticket.resolve()

    try:
        loop.call_soon_threadsafe(resolve)
    except RuntimeError:
        # The loop was closed with jobs under way: they are committed, and nobody is left to be told.
        return

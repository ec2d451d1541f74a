"""The writer: one thread through which everything is written, many jobs to a transaction."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ....core.errors import StoreError
from .transaction import Transactions, WriteJob

_MOST = 512
"""Jobs in one transaction, at most."""


@dataclass(slots=True)
class QueuedJob:
    """A job in the queue and where its result goes."""

    job: WriteJob
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

    def __init__(self, transactions: Transactions, *, read_only: bool = False) -> None:
        self._transactions = transactions
        self._read_only = read_only
        self._queue: queue.SimpleQueue[list[QueuedJob] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[QueuedJob]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._process = os.getpid()
        self._thread: threading.Thread | None = None

    def run(self, job: WriteJob) -> Any:
        """Run the job and wait for its commit.

        Raises:
            StoreError: the store is closed, or the database refused.
        """
        future: Future[Any] = Future()
        self._send([QueuedJob(job, future)])
        return future.result()

    def submit(self, job: WriteJob) -> asyncio.Future[Any]:
        """Put the job into the queue of the running event loop; the future is done after the commit."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self.require_writable()
        gathered = self._gathered.get(loop)
        if gathered is None:
            gathered = self._gathered[loop] = []
            # Jobs that other tasks put in during the same turn of the loop share the transaction.
            loop.call_soon(self._flush, loop)
        gathered.append(QueuedJob(job, future, loop))
        return future

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        queued = self._gathered.pop(loop)
        try:
            self._send(queued)
        except StoreError as error:
            for each in queued:
                each.error = error
                each.resolve()

    def _send(self, queued: list[QueuedJob]) -> None:
        with self._lock:
            self.require_writable()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="segue-writer", daemon=True)
                self._thread.start()
            self._queue.put(queued)

    @property
    def is_inherited(self) -> bool:
        """Whether this process is a fork of the one that made it, whose thread and connections are not its own."""
        return os.getpid() != self._process

    def require_open(self) -> None:
        """Raises `StoreError` where the database was closed, or opened before a fork."""
        if self.is_inherited:
            raise StoreError(
                "the store was opened before this process was forked", hint="open it anew in each process"
            )
        if self._closed:
            raise StoreError("the store is closed", hint="open it again, or close it after the last use")

    def require_writable(self) -> None:
        """Raises `StoreError` also where the database was opened for reading alone."""
        self.require_open()
        if self._read_only:
            raise StoreError("the store was opened for reading alone", hint="open it without read_only")

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
            queued = list(first)
            while len(queued) < _MOST and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    open_ = False
                    break
                queued += more
            self._run(queued)
            _resolve(queued)
        self._transactions.close()

    def _run(self, queued: list[QueuedJob]) -> None:
        """Run the queued together; when that fails, each alone, so that a failure stays with its own job."""
        try:
            results = self._transactions.run([each.job for each in queued])
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the job
            if len(queued) == 1:
                queued[0].error = error
                return
            for each in queued:
                self._run([each])
            return
        for each, result in zip(queued, results, strict=True):
            each.outcome = result


def _resolve(queued: Iterable[QueuedJob]) -> None:
    """Tell the waiting: threads directly, event loops in one call each."""
    by_loop: dict[asyncio.AbstractEventLoop, list[QueuedJob]] = {}
    for each in queued:
        if each.loop is None:
            each.resolve()
        else:
            by_loop.setdefault(each.loop, []).append(each)
    for loop, theirs in by_loop.items():
        _call(loop, theirs)


def _call(loop: asyncio.AbstractEventLoop, queued: list[QueuedJob]) -> None:
    def resolve() -> None:
        for each in queued:
            each.resolve()

    try:
        loop.call_soon_threadsafe(resolve)
    except RuntimeError:
        # The loop was closed with jobs under way: they are committed, and nobody is left to be told.
        return

"""Worker processes of this machine: started, given jobs, and seen to their end by the process of the command."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from ...core.errors import SegueError, WorkerLostError
from ...core.told import TOLD
from ..queue import Elsewhere, Job
from .channel import Channel
from .coordinator import Coordinator
from .pool import OpenWorker, Perform, Stop

GRACE_S = 5.0
"""How long a worker may take to end once it has to, before it is cut off."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ProcessWorker:
    """`RemoteWorker` in a process of this machine."""

    def __init__(self, process: SpawnProcess, channel: Channel) -> None:
        self._process = process
        self._channel = channel
        self._ending: asyncio.Future[None] | None = None

    async def perform(self, job: Job) -> Any | Elsewhere:
        """See `RemoteWorker`."""
        try:
            return await self._channel.ask(Perform(job))
        except ConnectionResetError:
            await self._end()
            raise WorkerLostError(_told(self._process)) from None

    def stop(self, reason: SegueError | None) -> None:
        """See `RemoteWorker`."""
        self._channel.tell(Stop(reason))

    async def close(self) -> None:
        """See `RemoteWorker`. Without its channel the worker ends by itself."""
        self._channel.close()
        await self._channel.settled()
        await self._end()

    async def _end(self) -> None:
        if self._ending is None:
            self._ending = asyncio.ensure_future(_see_off(self._process))
        await asyncio.shield(self._ending)


@dataclass(frozen=True)
class ProcessEngine:
    """`Engine` of this machine; the coordinator lives in this process's event loop."""

    coordinator: Coordinator
    open_worker: OpenWorker

    async def start(self, name: str) -> ProcessWorker:
        """See `Engine`. The worker ends by itself when this process does."""
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")  # not forked: threads and event loops are here
        process = context.Process(target=main, args=(theirs, self.open_worker), name=name, daemon=True)
        try:
            with theirs, signals_ignored():
                process.start()
        except OSError as error:
            ours.close()
            raise SegueError(
                f"worker {name}: no process could be started: {error}", hint="try fewer --workers"
            ) from error
        return ProcessWorker(process, Channel(ours, partial(self.coordinator.handle, name)))

    async def forget(self, name: str) -> None:
        """See `Engine`."""
        await self.coordinator.forget(name)


def main(connection: Connection, open_worker: OpenWorker) -> None:
    """The life of a worker process; whoever stops the command stops it through the channel."""
    os.dup2(2, 1)  # what it prints is no data
    for told in TOLD:  # by the command
        warnings.simplefilter("ignore", told)
    asyncio.run(_live(connection, open_worker))


async def _live(connection: Connection, open_worker: OpenWorker) -> None:
    async def handle(message: Perform | Stop) -> Any:
        worker = await asyncio.shield(opening)
        match message:
            case Perform(job):
                return await worker.perform(job)
            case Stop(reason):
                worker.signal.stop(reason)
        return None

    channel = Channel(connection, handle, served=True)
    async with AsyncExitStack() as stack:
        opening = asyncio.ensure_future(stack.enter_async_context(open_worker(channel)))
        await channel.closed
        # The command is gone, or wants no more: nobody would miss a process that hangs at its end.
        last = threading.Timer(GRACE_S, os._exit, (1,))
        last.daemon = True
        last.start()
        await channel.settled()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    os._exit(0)  # all is kept and closed; a clip that a thread is still preparing is of no use to anybody


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Ctrl-C is for the command: a process that is started in here never hears of it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _see_off(process: SpawnProcess) -> None:
    """Wait for the process to end, for a while; then it is ended."""
    await asyncio.to_thread(process.join, GRACE_S)
    if process.exitcode is None:
        process.kill()
        await asyncio.to_thread(process.join)


def _told(process: SpawnProcess) -> str:
    """How the process ended, for people."""
    code = process.exitcode or 0
    if code >= 0:
        return f"process {process.pid} ended with code {code}"
    return f"process {process.pid} was ended by {signal.Signals(-code).name}"

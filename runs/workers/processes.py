"""Worker processes of this machine: started, answered, and seen to their end by the process of the command."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import SegueError, WorkerLostError
from .coordinator import Coordinator, DirectLine
from .pool import OpenWorker
from .process_worker import GRACE_S, main, sendable
from .transport import Ask, Begin, Farewell, Frames, Reply

_STDERR = 2
_DYING_S = 1.0
"""How long a process that left its line may take to be gone."""


@dataclass
class ProcessSite:
    """`Site` on this machine: a process for each worker, the control in this one's event loop."""

    control: Coordinator
    open_worker: OpenWorker
    line: DirectLine = field(init=False)

    def __post_init__(self) -> None:
        self.line = DirectLine(self.control)

    async def employ(self, name: str) -> None:
        """See `Site`. The worker ends by itself when this process does."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await _start(theirs.fileno(), name)
        desk = Desk(self.control)
        patience = GRACE_S
        try:
            desk.frames = await Frames.open(ours, desk.heard)
            desk.frames.send(Begin(name, self.open_worker))
            await asyncio.shield(desk.frames.closed)
            patience = GRACE_S if desk.farewell else _DYING_S
        finally:
            await desk.close()
            await _see_off(process, patience)
        if desk.farewell is None:
            raise WorkerLostError(_ending(process), dead=True)
        if desk.farewell.error is not None:
            raise desk.farewell.error


class Desk:
    """Answers one worker; each question in a task of its own, since some wait long."""

    def __init__(self, control: Coordinator) -> None:
        self.frames: Frames | None = None
        self.farewell: Farewell | None = None
        self._control = control
        self._answering: set[asyncio.Task[None]] = set()

    def heard(self, message: Any) -> None:
        if isinstance(message, Farewell):
            self.farewell = message
            return
        assert isinstance(message, Ask), "a worker sends nothing else"
        task = asyncio.ensure_future(self._answer(message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, ask: Ask) -> None:
        try:
            failed, value = False, await getattr(self._control, ask.method)(*ask.values)
        except Exception as error:  # it is the asker's
            if ask.number is None:
                raise
            failed, value = True, sendable(error)
        if ask.number is not None and self.frames is not None:
            self.frames.send(Reply(ask.number, failed, value))

    async def close(self) -> None:
        """Nobody asks any more: what was waited for is given to nobody."""
        if self.frames is not None:
            self.frames.close()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)


async def _start(descriptor: int, name: str) -> Process:
    """A fresh interpreter, in a session of its own: Ctrl-C is for the command, which tells its workers.

    Raises:
        SegueError: the machine has no place for one more.
    """
    # Not forked: threads and event loops are here. What it prints is no data.
    code = f"from {main.__module__} import main; main({descriptor})"
    path = os.pathsep.join(each or os.getcwd() for each in sys.path)
    try:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", code),
            stdin=DEVNULL,
            stdout=_STDERR,
            pass_fds=(descriptor,),
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
    except OSError as error:
        raise SegueError(
            f"worker {name}: no process could be started: {error}", hint="try fewer --workers"
        ) from error


async def _see_off(process: Process, patience: float) -> None:
    """Wait for the process to end, `patience` seconds at most; then it is ended."""
    try:
        await asyncio.wait_for(process.wait(), patience)
    except TimeoutError:
        pass  # ended below
    finally:
        if process.returncode is None:
            process.kill()
        # When it is waited for no longer, its end is still seen: the event loop would be told too late.
        await process.wait()


def _ending(process: Process) -> str:
    """How the process ended, for people."""
    code = process.returncode or 0
    if code >= 0:
        return f"process {process.pid} ended with code {code}"
    return f"process {process.pid} was ended by {signal.Signals(-code).name}"

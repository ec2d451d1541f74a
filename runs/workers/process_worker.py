"""The worker's side of a worker process: its line to the control, and its life from the first word to the last."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import threading
import traceback
from typing import Any

from .transport import Ask, Begin, Farewell, Frames, Reply

GRACE_S = 5.0
"""How long a worker may take to end once it has to, before it is cut off."""


class SocketLine:
    """`Line` over a socket. When the control is gone, whoever asks it is cancelled, as all work here then is."""

    def __init__(self) -> None:
        self.begin: asyncio.Future[Begin] = asyncio.get_running_loop().create_future()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._frames: Frames

    @classmethod
    async def open(cls, connection: socket.socket) -> SocketLine:
        line = cls()
        line._frames = await Frames.open(connection, line._heard)
        line._frames.closed.add_done_callback(line._hang_up)
        return line

    @property
    def closed(self) -> asyncio.Future[None]:
        """Done when the control is gone."""
        return self._frames.closed

    async def call(self, method: str, *values: Any) -> Any:
        """See `Line`."""
        if self.closed.done():
            raise asyncio.CancelledError
        self._number += 1
        number, answer = self._number, asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self._frames.send(Ask(number, method, values))
        try:
            return await answer
        finally:
            self._asked.pop(number, None)

    def tell(self, method: str, *values: Any) -> None:
        """See `Line`."""
        self._frames.send(Ask(None, method, values))

    async def leave(self, word: Farewell) -> None:
        """Say it and close the line."""
        self._frames.send(word)
        self._frames.close()
        await self.closed

    def _heard(self, message: Any) -> None:
        if isinstance(message, Begin):
            self.begin.set_result(message)
            return
        assert isinstance(message, Reply), "a control sends nothing else"
        answer = self._asked.get(message.number)
        if answer is None or answer.done():  # nobody waits for it any more
            return
        if message.failed:
            answer.set_exception(message.value)
        else:
            answer.set_result(message.value)

    def _hang_up(self, _: asyncio.Future[None]) -> None:
        for waiting in (self.begin, *self._asked.values()):
            waiting.cancel()


def main(descriptor: int) -> None:
    """The life of a worker process; `descriptor` is its end of the line."""
    # Whoever stops the command stops the worker through the line, so that calls in flight are kept.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.set_inheritable(descriptor, False)
    asyncio.run(_live(socket.socket(fileno=descriptor)))


async def _live(connection: socket.socket) -> None:
    line = await SocketLine.open(connection)
    working = asyncio.create_task(_work(line))
    await asyncio.wait({working, line.closed}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        # The command is gone, or wants no more: nobody would miss a process that hangs at its end.
        last = threading.Timer(GRACE_S, os._exit, (1,))
        last.daemon = True
        last.start()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        os._exit(1)  # all is kept and closed; a clip that a thread is still preparing is of no use to anybody
    elif not working.cancelled():
        await line.leave(Farewell(sendable(working.exception())))


async def _work(line: SocketLine) -> None:
    name, open_worker = await line.begin
    async with open_worker(name, line) as worker:
        try:
            await worker.work()
        except asyncio.CancelledError:
            # Nothing is played here any more, so whoever runs the same command again need not wait for it.
            await worker.leases.release(worker.name)
            raise


def sendable(error: BaseException | None) -> BaseException | None:
    """The error, or one that can be sent in its place; what segue did not foresee comes with its trace."""
    from ...core.errors import SegueError

    if error is None:
        return None
    trace = "".join(traceback.format_exception(error))
    try:
        copy: BaseException = pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever it cannot do, its trace tells what it was
        return RuntimeError(f"a worker failed:\n{trace}")
    if not isinstance(copy, SegueError):
        copy.add_note(f"in a worker:\n{trace}")
    return copy

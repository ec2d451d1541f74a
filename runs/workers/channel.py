"""`Channel`: two processes of this machine that ask each other, over a pipe that only they hold."""

from __future__ import annotations

import asyncio
import itertools
import pickle
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from ...core.errors import SegueError


@dataclass(frozen=True)
class _Asked:
    """`number` is None where nobody waits for the answer."""

    number: int | None
    message: Any


@dataclass(frozen=True)
class _AnsweredCall:
    number: int
    value: Any
    error: BaseException | None


class Channel:
    """One end, in an event loop. What is sent arrives in order and is handled side by side.

    Args:
        handle: gives the answer to a message of the other end, which is raised there where it is raised here.
        served: this end lives for the other one: whoever waits here for an answer of it is cancelled when it goes.

    Attributes:
        closed: done when the other end is gone, or this one was closed.
    """

    def __init__(
        self, connection: Connection, handle: Callable[[Any], Awaitable[Any]], *, served: bool = False
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self._connection = connection
        self._handle = handle
        self._served = served
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._handling: set[asyncio.Task[None]] = set()
        # In a thread: two ends that wait for each other to read would wait for ever.
        self._sending = ThreadPoolExecutor(1, thread_name_prefix="segue-channel")
        self._loop.add_reader(connection.fileno(), self._receive)

    async def ask(self, message: Any) -> Any:
        """The other end's answer.

        Raises:
            ConnectionResetError: it is gone, or went before it answered.
        """
        number = next(self._numbers)
        answer = self._asked[number] = self._loop.create_future()
        self._send(_Asked(number, message))
        try:
            return await answer
        finally:
            del self._asked[number]

    def tell(self, message: Any) -> None:
        """Send it; nobody waits. Lost when the other end is gone: nobody is there to act on it."""
        self._send(_Asked(None, message))

    def close(self) -> None:
        """What was sent still goes out; whatever is being handled is cancelled."""
        if self.closed.done():
            return
        self.closed.set_result(None)
        self._loop.remove_reader(self._connection.fileno())
        for answer in self._asked.values():
            self._leave_open(answer)
        for task in self._handling:
            task.cancel()
        self._sending.submit(self._connection.close)
        self._sending.shutdown(wait=False)

    async def settled(self) -> None:
        """Wait until nothing is handled any more."""
        await asyncio.gather(*self._handling, return_exceptions=True)

    def _send(self, message: _Asked | _AnsweredCall) -> None:
        if not self.closed.done():
            self._sending.submit(self._put, pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        elif isinstance(message, _Asked) and message.number is not None:
            self._leave_open(self._asked[message.number])

    def _leave_open(self, answer: asyncio.Future[Any]) -> None:
        if self._served:
            answer.cancel()
        elif not answer.done():
            answer.set_exception(ConnectionResetError("the process at the other end is gone"))

    def _put(self, data: bytes) -> None:
        try:
            self._connection.send_bytes(data)
        except OSError:  # the other end is gone, which the reader is told of
            return

    def _receive(self) -> None:
        try:
            message = pickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            self.close()
            return
        if isinstance(message, _Asked):
            task = asyncio.ensure_future(self._answer(message))
            self._handling.add(task)
            task.add_done_callback(self._handling.discard)
            return
        answer = self._asked.get(message.number)
        if answer is None or answer.done():  # nobody waits for it any more
            return
        if message.error is not None:
            answer.set_exception(message.error)
        else:
            answer.set_result(message.value)

    async def _answer(self, asked: _Asked) -> None:
        value, error = None, None
        try:
            value = await self._handle(asked.message)
        except Exception as raised:  # noqa: BLE001 - it is the asker's and raised there, whatever it is
            error = sendable(raised)
        if asked.number is not None:
            self._send(_AnsweredCall(asked.number, value, error))
        elif error is not None:
            raise error


def sendable(error: Exception) -> Exception:
    """The error, or one that can be sent in its place; what segue did not foresee comes with its trace."""
    trace = "".join(traceback.format_exception(error))
    try:
        copy: Exception = pickle.loads(pickle.dumps(error))
    except (pickle.PickleError, AttributeError, TypeError, ValueError):  # its trace tells what it was
        return RuntimeError(f"a worker failed:\n{trace}")
    if not isinstance(copy, SegueError):
        copy.add_note(f"in a worker:\n{trace}")
    return copy

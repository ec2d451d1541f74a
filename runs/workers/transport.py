"""Frames: whole messages between two processes of this machine, over a socket that only they hold."""

from __future__ import annotations

import asyncio
import pickle
import socket
import struct
from collections.abc import Callable
from typing import Any, NamedTuple, cast

_LENGTH = struct.Struct(">I")


class Begin(NamedTuple):
    """To a worker, first of all: its name, and what opens it."""

    name: str
    open_worker: Any


class Ask(NamedTuple):
    """To the control. `number` is None where nobody waits for the answer."""

    number: int | None
    method: str
    values: tuple[Any, ...]


class Reply(NamedTuple):
    """From the control; `value` is the error where it failed."""

    number: int
    failed: bool
    value: Any


class Farewell(NamedTuple):
    """A worker's last word: why it could not go on, or None when it is through."""

    error: BaseException | None


class Frames(asyncio.Protocol):
    """One end. Messages are pickled: both ends are this very program.

    Attributes:
        closed: done when the other end is gone, or this one was closed.
    """

    def __init__(self, heard: Callable[[Any], None]) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard = heard
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, connection: socket.socket, heard: Callable[[Any], None]) -> Frames:
        """The end that has `connection`, which is its own from now on; `heard` is told of each message."""
        loop = asyncio.get_running_loop()
        _, frames = await loop.connect_accepted_socket(lambda: cls(heard), connection)
        return frames

    def send(self, message: tuple[Any, ...]) -> None:
        """Send it, after all that was sent before. Lost when the other end is gone: nobody is there to act on it."""
        if self._transport is None or self._transport.is_closing():
            return
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._transport.write(_LENGTH.pack(len(data)) + data)

    def close(self) -> None:
        """What was sent still goes out."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        at = 0
        while len(self._received) >= at + _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._received, at)
            start, end = at + _LENGTH.size, at + _LENGTH.size + length
            if len(self._received) < end:
                break
            at = end
            self._heard(pickle.loads(self._received[start:end]))
        del self._received[:at]

    def connection_lost(self, error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

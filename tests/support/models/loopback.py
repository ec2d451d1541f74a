"""A small HTTP/1.1 server on the loopback address, in a thread of its own, for any handler of requests."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class HttpRequest:
    """`headers` in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpResponse:
    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] | None = None

    def to_bytes(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in (self.headers or {}).items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass
class StreamedResponse:
    """Pieces that are sent one by one; the connection is closed at the end.

    Attributes:
        sent: pieces that went out before the end, or before the client went away.
    """

    pieces: AsyncIterator[bytes]
    content_type: str = "text/event-stream"
    sent: int = 0

    def head(self) -> bytes:
        return f"HTTP/1.1 200 OK\r\nContent-Type: {self.content_type}\r\nConnection: close\r\n\r\n".encode()


TLS = b"\x16"
"""The first byte of a client that speaks TLS."""


class TlsHelloError(ConnectionError):
    """A client speaks TLS, which this server does not."""


Handler = Callable[[HttpRequest], Awaitable[HttpResponse | StreamedResponse | None]]
"""None drops the connection without an answer."""


class Loopback:
    """Runs `handler` for each request; connections are kept alive. All handlers run on one event loop.

    A failure of `handler` drops the connection and is raised again at the end of the `with` block.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken: list[Exception] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the loopback server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._loop is not None and self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        if self._thread.is_alive():
            raise RuntimeError("the loopback server did not stop")
        if self._broken:
            raise self._broken[0]

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 20, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (request := await _read(reader)) is not None:
                response = await self._guarded(request)
                if response is None:
                    break
                if isinstance(response, StreamedResponse):
                    await _stream(response, reader, writer)
                    break
                writer.write(response.to_bytes())
                await writer.drain()
        except TlsHelloError:
            writer.write(HttpResponse(400, b"no request").to_bytes())
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the server is closing: nobody is left to answer
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _guarded(self, request: HttpRequest) -> HttpResponse | StreamedResponse | None:
        """A handler's own failure is no answer of the service: it comes out of the `with` block."""
        try:
            return await self._handler(request)
        except Exception as error:  # noqa: BLE001  # a fake fails loudly, whatever went wrong
            self._broken.append(error)
            print(f"the loopback server's handler failed: {error!r}", file=sys.stderr)
            return None


async def _stream(
    response: StreamedResponse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Send the pieces until the client closes its end."""
    writer.write(response.head())
    gone = asyncio.ensure_future(reader.read(1))
    try:
        async for piece in response.pieces:
            if gone.done():
                return
            writer.write(piece)
            await writer.drain()
            response.sent += 1
    finally:
        gone.cancel()
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request; None when the client closed the connection between two."""
    try:
        begin = await reader.readexactly(1)
        if begin == TLS:
            raise TlsHelloError
        head = begin + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return HttpRequest(method, path, headers, body)

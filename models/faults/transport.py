"""What comes over the wire, before a client reads it: bounded in size, told from HTML, and noticed to have come."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from ...core.errors import HtmlBody, OversizedBody
from ...core.text import ESCAPE

MOST_BYTES: Final = 16 << 20
"""Of one answer, unpacked: sixty times what the longest answers come to, tokens streamed one by one included."""
HEAD_BYTES: Final = 4096
"""Of an answer's beginning, kept to be quoted where the answer cannot be read."""

_ESCAPE: Final = re.compile(ESCAPE.encode(), re.DOTALL)
_LONGEST_ESCAPE: Final = len(rb"\ud83d\ude00")


@dataclass
class Arrival:
    """One request and what is known of its answer.

    Attributes:
        answered: its answer's head has come, so that what fails now fails over what the provider sent.
        head: the answer's first bytes.
        replaced: characters of it that no text holds, for each of which U+FFFD was put.
        cut_off: why it was not read to its end; empty where it was.
        in_pieces: it came as a stream of events.
        uncounted: it came in pieces, and its end told no tokens.
    """

    answered: bool = False
    head: bytes = b""
    replaced: int = 0
    cut_off: str = ""
    in_pieces: bool = False
    uncounted: bool = False


_ARRIVAL: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


@contextmanager
def arrival() -> Iterator[Arrival]:
    """What the client sends within is answered here."""
    here = Arrival()
    token = _ARRIVAL.set(here)
    try:
        yield here
    finally:
        _ARRIVAL.reset(token)


class Intake:
    """Watches one answer's bytes as they come, for any client.

    U+FFFD is put for what JSON can escape and no text holds: half a surrogate pair, and NUL.
    """

    def __init__(self, *, ok: bool, most: int = MOST_BYTES) -> None:
        self._ok, self._most, self._size, self._held = ok, most, 0, b""
        self.arrival = _ARRIVAL.get() or Arrival()
        self.arrival.answered, self.arrival.head = True, b""

    def take(self, piece: bytes) -> bytes:
        """What may be read on: all but an escape that is not whole yet.

        Raises:
            OversizedBody, HtmlBody: reading on is of no use.
        """
        self._size += len(piece)
        if self._size > self._most:
            raise OversizedBody(f"more than {self._most >> 20} MiB")
        came = self.arrival
        if len(came.head) < HEAD_BYTES:
            came.head += piece[: HEAD_BYTES - len(came.head)]
            if self._ok and is_html(came.head):
                raise HtmlBody(first_line(came.head.decode(errors="replace")))
        text = self._held + piece
        whole = _end_of_whole(text)
        self._held = text[whole:]
        return self._mended(text[:whole])

    def end(self) -> bytes:
        """What was held back."""
        return self._mended(self._held)

    def _mended(self, text: bytes) -> bytes:
        def mend(escape: re.Match[bytes]) -> bytes:
            if escape[1] is None:
                return escape[0]
            self.arrival.replaced += 1
            return rb"\ufffd"

        return _ESCAPE.sub(mend, text) if b"\\u" in text else text


def _end_of_whole(text: bytes) -> int:
    """Where the first escape begins that more bytes could belong to."""
    least, end = len(text) - _LONGEST_ESCAPE, 0
    if b"\\" not in text[max(0, least) :]:
        return len(text)
    for escape in _ESCAPE.finditer(text):
        if escape.start() > least:
            return escape.start()
        end = escape.end()
    begun = text.find(b"\\", end)
    return len(text) if begun < 0 else begun


def is_html(head: bytes) -> bool:
    """Whether a text that should be JSON begins like a page."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def first_line(page: str) -> str:
    """What is quoted of a page."""
    return page.lstrip("\ufeff \t\r\n").partition("\n")[0].strip()[:120]


class PieceReader(Protocol):
    """Reads an answer that comes piece by piece, and hands on what the client is to read.

    `ended`: what follows is not wanted.
    """

    @property
    def ended(self) -> bool: ...
    def take(self, piece: bytes) -> bytes: ...
    def end(self) -> bytes: ...


class PassingReader:
    """Hands on all that comes."""

    ended = False

    def take(self, piece: bytes) -> bytes:
        return piece

    def end(self) -> bytes:
        return b""


async def watch_response(response: Any, reading: Callable[[Arrival], PieceReader] | None = None) -> None:
    """Hook for the responses of an httpx client of either generation: the body is unpacked and watched as it comes."""
    library = sys.modules[type(response).__module__.partition(".")[0]]
    packed = type(response)(response.status_code, headers=response.headers, stream=response.stream)
    if "content-encoding" in response.headers:
        del response.headers["content-encoding"]
    intake = Intake(ok=response.status_code < 300)
    reader = PassingReader() if reading is None else reading(intake.arrival)
    response.stream = _watched_stream(library.AsyncByteStream)(packed, intake, reader)


@cache
def _watched_stream(base: Any) -> Any:
    """The class of watched bodies, for a library's own class of streams."""

    class WatchedStream(base):  # type: ignore[misc]
        def __init__(self, packed: Any, intake: Intake, reader: PieceReader) -> None:
            self._packed, self._intake, self._reader = packed, intake, reader

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async with aclosing(self._packed.aiter_bytes()) as pieces:
                async for piece in pieces:
                    yield self._reader.take(self._intake.take(piece))
                    if self._reader.ended:
                        break
            if self._reader.ended:
                await self._packed.aclose()
            else:
                yield self._reader.take(self._intake.end())
            yield self._reader.end()

        async def aclose(self) -> None:
            await self._packed.aclose()

    return WatchedStream

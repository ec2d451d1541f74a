"""A recommender behind an address: the view is posted as JSON, the answer is read as JSON, both within bounds."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from ...core.errors import LostAnswerError, ModelSetupError, RecommenderError, SegueError, TransientModelError
from ...core.text import one_line, received
from ...models.reply import Finish, Reply, Usage
from .spec import RecommenderSpec
from .threads import Errand

KEY_VARIABLE: Final = "SEGUE_RECSYS_KEY"
"""The key that is sent as a bearer token, where it is set."""

MOST_BYTES: Final = 4 << 20
"""Of an answer; the rest is left unread."""

_LOOK_S: Final = 10.0
_QUOTED: Final = 4096
_PIECE: Final = 64 << 10
_LOST_STATUS: Final = frozenset({408, 425, 429, *range(500, 600)})


@dataclass(frozen=True)
class _Came:
    """An answer as it came: status, headers, and a body that was read to its end unless it is `cut`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool


class HttpRecommender:
    """Asks a server. Each call has a thread of its own; connections are kept and used again."""

    def __init__(self, spec: RecommenderSpec) -> None:
        self._spec = spec
        parts = urlsplit(spec.target)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret = os.environ.get(KEY_VARIABLE, "")
        self._idle: deque[HTTPConnection] = deque()
        self._connect: Callable[..., HTTPConnection] = partial(
            HTTPConnection, parts.hostname or "", parts.port
        )
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._connect = partial(HTTPSConnection, parts.hostname or "", parts.port, context=context)

    async def ask(self, body: str, timeout_s: float) -> Reply:
        """See `Occupant`."""
        stop = threading.Event()
        errand = Errand(partial(self._post, body.encode(), monotonic() + timeout_s, stop))
        try:
            ended = await errand.end()
        except asyncio.CancelledError:
            stop.set()
            raise
        if ended.error is not None or ended.value is None:
            raise self._lost(ended.error)
        return self._reply(ended.value)

    async def look(self) -> None:
        """Open a connection, and keep it for the first call."""

        def connect() -> HTTPConnection:
            connection = self._connect(timeout=_LOOK_S)
            connection.connect()
            return connection

        ended = await Errand(connect).end()
        if ended.value is not None:
            self._idle.append(ended.value)
            return
        error = self._lost(ended.error)
        hint = f"{error.hint or 'see whether its server runs'}; --no-preflight goes on in spite of it"
        raise ModelSetupError(error.message, hint=hint)

    async def aclose(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()

    def _post(self, body: bytes, until: float, stop: threading.Event) -> _Came:
        with suppress(IndexError):
            known = self._idle.pop()
            with suppress(ConnectionError):  # the server has closed it since: a new one is as good
                return self._exchange(known, body, until, stop)
            known.close()
        return self._exchange(self._connect(timeout=_left(until)), body, until, stop)

    def _exchange(
        self, connection: HTTPConnection, body: bytes, until: float, stop: threading.Event
    ) -> _Came:
        kept = False
        try:
            connection.timeout = _left(until)
            if connection.sock is not None:
                connection.sock.settimeout(_left(until))
            connection.request("POST", self._path, body, self._headers())
            answer = connection.getresponse()
            came = _read(answer, connection, until, stop)
            kept = not came.cut and not answer.will_close
            return came
        finally:
            if kept:
                self._idle.append(connection)
            else:
                connection.close()

    def _headers(self) -> dict[str, str]:
        sent = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "segue"}
        return sent | ({"Authorization": f"Bearer {self._secret}"} if self._secret else {})

    def _reply(self, came: _Came) -> Reply:
        text, replaced = received(came.body.decode("utf-8", "replace"))
        if came.status == 200:
            return self._answered(came, text, replaced)
        said = self._quoted(text)
        told = f"{self._spec.name} answers with status {came.status}{f': {said}' if said else ''}"
        if came.status in _LOST_STATUS:
            raise TransientModelError(told, retry_after=_seconds(came.headers.get("retry-after", "")))
        raise RecommenderError(told, raw=text[:_QUOTED], hint=_hint(came))

    def _answered(self, came: _Came, text: str, replaced: int) -> Reply:
        if came.cut:
            told = f"its answer is longer than {MOST_BYTES >> 20} MiB; the rest was not read"
            return _refused("length", told, text[:_QUOTED])
        try:
            came.body.decode()
        except UnicodeDecodeError as error:
            return _refused("other", f"its answer is not UTF-8 at byte {error.start}", text[:_QUOTED])
        return Reply(text=text, finish="stop", usage=Usage(), replaced=replaced)

    def _quoted(self, text: str) -> str:
        said = one_line(text, 200)
        return said.replace(self._secret, "…") if len(self._secret) >= 8 else said

    def _lost(self, error: BaseException | None) -> SegueError:
        """Our error for what failed on the way."""
        name = self._spec.name
        if isinstance(error, ssl.SSLCertVerificationError):
            return RecommenderError(
                f"the certificate of {name} is not trusted: {error.verify_message}",
                hint="SSL_CERT_FILE names a file with the certificates that you trust",
            )
        if isinstance(error, ssl.SSLError):
            return RecommenderError(f"{name} does not speak TLS", hint="write http:// in place of https://")
        if isinstance(error, ConnectionRefusedError):
            return TransientModelError(
                f"nothing listens at {name}",
                hint="start the server; running the same command again resumes here",
            )
        if isinstance(error, TimeoutError):
            return LostAnswerError(f"{name}: no answer in time")
        if isinstance(error, (OSError, HTTPException)):
            said = one_line(str(error), 200) or type(error).__name__
            return LostAnswerError(f"{name}: the connection was lost: {said}")
        raise error or RuntimeError(f"{name}: a call ended without an answer")


def _read(answer: HTTPResponse, connection: HTTPConnection, until: float, stop: threading.Event) -> _Came:
    """The body, piece by piece, so that neither a flood nor a trickle is read on without end."""
    body = bytearray()
    while len(body) <= MOST_BYTES:
        if stop.is_set():
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(_left(until))
        piece = answer.read1(_PIECE)
        if not piece:
            break
        body += piece
    cut = len(body) > MOST_BYTES
    headers = {name.lower(): value for name, value in answer.getheaders()}
    if not cut and answer.length:
        raise HTTPException(f"{answer.length:,} bytes of the answer are missing")
    answer.close()  # it does so by itself only where one reads on after its end
    return _Came(answer.status, headers, bytes(body[:MOST_BYTES]), cut)


def _left(until: float) -> float:
    """Seconds. Raises `TimeoutError` where there are none."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _refused(finish: Finish, why: str, text: str) -> Reply:
    return Reply(text=text, finish=finish, finish_reason=why, usage=Usage())


def _seconds(value: str) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:  # a date, or nothing: our own pace is as good
        return None


def _hint(came: _Came) -> str:
    if came.status in {401, 403}:
        return f"set {KEY_VARIABLE} to the key that the server wants"
    if came.status in {404, 405}:
        return "check the address; the view is sent by POST to exactly that"
    if 300 <= came.status < 400:
        return f"give the address it points to: {one_line(came.headers.get('location', ''), 200)}"
    return "an answer must have status 200; docs/recommenders.md says what is sent and what may come back"

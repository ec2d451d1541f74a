"""`RecommenderServer`: a recommender behind HTTP on this machine, with faults as real servers have them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Answering = Callable[[dict[str, Any]], Any]
"""From the view, as it was sent, to an answer that is written as JSON; or to a `Raw`."""

HANG_S = 60.0
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"


class Raw:
    """An answer as it goes over the wire: its pieces are sent as they come, `length` and all."""

    def __init__(
        self,
        *pieces: bytes,
        status: int = 200,
        length: int | None = None,
        wait_s: float = 0.0,
        pause_s: float = 0.0,
        hangs_up: bool = False,
        **headers: str,
    ) -> None:
        self.pieces, self.status, self.length = pieces, status, length
        self.wait_s, self.pause_s, self.hangs_up = wait_s, pause_s, hangs_up
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def first(view: dict[str, Any]) -> list[str]:
    """The first track that may be played."""
    found: list[str] = view["open_ids"][:1]
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, mine: RecommenderServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mine = mine


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        self.server.mine.connections += 1
        super().setup()

    def do_POST(self) -> None:
        mine, body = self.server.mine, self.rfile.read(int(self.headers["Content-Length"]))
        view = json.loads(body)
        mine.bodies.append(body)
        mine.asked.append(view)
        mine.headers.append(dict(self.headers.items()))
        with suppress(ConnectionError):
            self.answer(mine.answering(view))

    def answer(self, answer: Any) -> None:
        raw = answer if isinstance(answer, Raw) else Raw(json.dumps(answer).encode())
        length = sum(map(len, raw.pieces)) if raw.length is None else raw.length
        time.sleep(raw.wait_s)
        self.send_response(raw.status)
        for name, value in {"Content-Type": "application/json", **raw.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.close_connection = self.close_connection or raw.hangs_up
        for piece in raw.pieces:
            self.wfile.write(piece)
            time.sleep(raw.pause_s)
        if length > sum(map(len, raw.pieces)):
            self.flood(length)

    def flood(self, length: int) -> None:
        """The rest of what was promised, in zeros; until whoever asked has gone."""
        piece = b"0" * 65536
        for _ in range(length // len(piece)):
            self.wfile.write(piece)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class RecommenderServer:
    """A context; `asked` holds the bodies that came, `connections` how many connections were opened."""

    def __init__(self, answering: Answering = first) -> None:
        self.answering = answering
        self.asked: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self._server = _Server(self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/recommend"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def faulty(every: int) -> Answering:
    """One fault in so many answers, each time another one."""

    def answer(view: dict[str, Any]) -> Any:
        if view["seed"] % every:
            return first(view)
        kinds: list[Any] = [
            Raw(b"[]", wait_s=HANG_S),
            Raw(PAGE),
            Raw(b"{not json"),
            Raw(b"", status=500),
            Raw(b"[", length=1 << 30),
            ["nobody-knows-it"],
            {"track_ids": [view["open_ids"][0]] * 2},
            {"ids": []},
            None,
        ]
        return kinds[view["seed"] // every % len(kinds)]

    return answer

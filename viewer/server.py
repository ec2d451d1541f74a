"""The server: one port on loopback, until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from ..api.store import Address, OpenStore
from ..core.errors import ConfigError
from .app import create_app
from .plays import Plays
from .security import local_hosts
from .talks import Talks

HOST: Final = "127.0.0.1"
PORT: Final = 8347
"""Where the pages are found unless it is in use."""

_PATIENCE: Final = 1
"""Seconds that open answers have to end in when the server is told to stop."""


def serve(
    store: OpenStore,
    ready: Callable[[str], None],
    *,
    port: int | None = None,
    playing_in: Address | None = None,
    talks: Talks | None = None,
) -> None:
    """Serve the pages of `store` until the process is interrupted.

    Args:
        ready: is told the address as soon as it answers.
        port: 0 for any that is free; by default `PORT`, or any where that is in use.
        playing_in: where the store is, to have branches played in it; None where pages only read.
        talks: with a trained model; None where there is none.

    Raises:
        ConfigError: the port cannot be had.
    """
    with closing(listening(port)) as listener:
        bound = listener.getsockname()[1]
        plays = None if playing_in is None else Plays(playing_in)
        app = create_app(store, local_hosts(bound), plays=plays, talks=talks)
        try:
            run_server(app, listener, lambda: ready(f"http://{HOST}:{bound}/"))
        finally:
            if plays is not None:
                plays.close()


def listening(port: int | None, host: str = HOST) -> socket.socket:
    """A socket that is bound. For the arguments see `serve`."""
    wanted = [PORT, 0] if port is None else [port]
    for number in wanted:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
        except (OSError, OverflowError) as error:
            listener.close()
            if number == wanted[-1]:
                hint = "--port 0 takes any that is free"
                raise ConfigError(f"--port {number}: {_reason(error)}", hint=hint) from error
        else:
            return listener
    raise AssertionError("a port was tried")


def run_server(app: ASGIApp, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Answer on the socket until the process is interrupted, which is how a server ends, and no failure."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    with suppress(KeyboardInterrupt):
        _Announcing(config, ready).run(sockets=[listener])


class _Announcing(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _reason(error: OSError | OverflowError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it must be from 0 to 65535"

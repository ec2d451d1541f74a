"""Server-sent events: a part of a page again whenever it has changed, until it changes no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

PAUSE_S: Final = 1.0
"""Between two looks."""
BEAT: Final = 15
"""Looks without a change after which a line is sent that keeps the connection."""


def streaming(request: Request, look: Callable[[], tuple[str, bool]]) -> StreamingResponse:
    """The stream of what `look` gives.

    Args:
        look: (the part as HTML, whether it will change no more); it may block.
    """
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(request, look), headers=headers, media_type="text/event-stream")


async def _stream(request: Request, look: Callable[[], tuple[str, bool]]) -> AsyncIterator[str]:
    shown, silent = "", 0
    while not await request.is_disconnected():
        part, over = await run_in_threadpool(look)
        silent += 1
        if part != shown:
            shown, silent = part, 0
            yield _event("part", part)
        elif silent % BEAT == 0:
            yield ": still here\n\n"
        if over:
            yield _event("over", "")
            return
        await asyncio.sleep(PAUSE_S)


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\n{lines}\n"

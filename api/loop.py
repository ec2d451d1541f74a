"""Coroutines run to their end from plain code, also where an event loop is running already, as in a notebook."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def run_blocking(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of `main()`. Where a loop is running, it gets a loop of its own in a thread of its own, and this
    thread waits.

    An interrupt (Ctrl-C, or a notebook's stop button) cancels it, waits until it has put its things in order, and
    is raised again.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(main())
    begun: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = []

    async def watched() -> T:
        begun.append((asyncio.get_running_loop(), asyncio.current_task()))
        return await main()

    with ThreadPoolExecutor(1, thread_name_prefix="segue-loop") as pool:
        try:
            return pool.submit(copy_context().run, lambda: asyncio.run(watched())).result()
        except KeyboardInterrupt:
            for loop, task in begun:
                if task is not None:
                    loop.call_soon_threadsafe(task.cancel)
            raise


def blocking(main: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """The same as a plain call that returns when it has ended; see `run_blocking`."""

    @functools.wraps(main)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return run_blocking(lambda: main(*args, **kwargs))

    call.__name__ = call.__qualname__ = main.__name__.removesuffix("_async")
    return call

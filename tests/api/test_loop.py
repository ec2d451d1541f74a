"""Plain calls of what is asynchronous inside, wherever they are made."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest
from segue.api.loop import run_blocking

NAME = ContextVar("NAME", default="nobody")


async def where() -> tuple[str, str]:
    await asyncio.sleep(0)
    return threading.current_thread().name, NAME.get()


def test_without_a_loop_it_runs_here() -> None:
    assert run_blocking(where) == (threading.current_thread().name, "nobody")


async def test_beside_a_running_loop_it_runs_in_a_thread_with_the_same_context() -> None:
    NAME.set("somebody")
    thread, name = run_blocking(where)
    assert thread.startswith("segue-loop") and name == "somebody"


async def test_what_it_raises_is_raised() -> None:
    async def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_blocking(fails)


@pytest.fixture
def interrupting() -> Iterator[None]:
    """An interrupt raises at once, as in a notebook's kernel."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_cancels_it_and_waits_for_its_end(interrupting: None) -> None:
    ended: list[str] = []
    main = threading.main_thread()

    async def long() -> None:
        await asyncio.sleep(0.3)  # until the main thread waits
        signal.pthread_kill(main.ident or 0, signal.SIGINT)
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("in order")

    async def cell() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run_blocking(long)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(cell())
    assert ended == ["in order"]

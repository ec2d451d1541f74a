"""Channels: answers find their askers, what is sent arrives whole and in order, and nobody waits for a dead end."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from segue.core.errors import BudgetError
from segue.runs.workers.channel import Channel, sendable

Handle = Callable[[Any], Awaitable[Any]]


@asynccontextmanager
async def connected(handle: Handle) -> AsyncIterator[tuple[Channel, Channel]]:
    """Two ends in this process: the one that asks and lives for the other, and the one that answers."""
    ours, theirs = multiprocessing.Pipe()
    asking, answering = Channel(theirs, handle, served=True), Channel(ours, handle)
    try:
        yield asking, answering
    finally:
        answering.close()
        await asyncio.wait_for(asking.closed, 5)


async def echo(message: Any) -> Any:
    return message


async def test_answers_find_their_askers_while_others_wait() -> None:
    free = asyncio.Event()

    async def handle(message: Any) -> Any:
        if message == "slow":
            await free.wait()
        return message

    async with connected(handle) as (asking, answering):
        waiting = asyncio.create_task(asking.ask("slow"))
        assert await asyncio.gather(*(asking.ask(n) for n in range(200))) == list(range(200))
        assert not waiting.done()
        free.set()
        assert await waiting == "slow"
        assert await answering.ask("either way") == "either way"


async def test_what_is_told_arrives_in_order_and_whole_however_long_it_is() -> None:
    heard: list[str] = []

    async def handle(message: Any) -> Any:
        if message is not None:
            heard.append(message)
        return heard

    async with connected(handle) as (asking, answering):
        long = [f"{n} " + "x" * 200_000 for n in range(20)]
        for message in long:
            asking.tell(message)
            answering.tell(message)  # both ends at once: nobody waits for the other to read
        await asyncio.gather(asking.ask(None), answering.ask(None))
        assert heard[::2] == long or sorted(heard) == sorted(long * 2)


async def test_an_error_of_the_answerer_is_its_asker_s() -> None:
    async def handle(message: Any) -> Any:
        raise message

    async with connected(handle) as (asking, _):
        with pytest.raises(BudgetError, match="spent") as caught:
            await asking.ask(BudgetError("spent", hint="more"))
        assert caught.value.hint == "more"
        with pytest.raises(ZeroDivisionError) as defect:
            await asking.ask(ZeroDivisionError("a defect"))
        assert "in a worker:" in defect.value.__notes__[0] and "test_channel.py" in defect.value.__notes__[0]


class Unsendable(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def test_an_error_that_cannot_be_sent_is_sent_as_its_trace() -> None:
    assert "Unsendable: one two" in str(sendable(Unsendable("one", "two")))


async def test_who_asks_an_end_that_is_gone_is_told_or_cancelled_where_it_lives_for_it() -> None:
    async def handle(message: Any) -> Any:
        await asyncio.Event().wait()

    async with connected(handle) as (asking, answering):
        served, commanding = (asyncio.create_task(each.ask("x")) for each in (asking, answering))
        await asyncio.sleep(0.05)
        answering.close()
        await answering.settled()
        with pytest.raises(ConnectionResetError):
            await commanding
        with pytest.raises(asyncio.CancelledError):
            await served
        with pytest.raises(ConnectionResetError):
            await answering.ask("too late")
        with pytest.raises(asyncio.CancelledError):
            await asking.ask("too late")
        asking.tell("nobody is there")

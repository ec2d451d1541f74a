"""Where a user's code runs: how a coroutine ends comes back as a value, and its loop goes on."""

from __future__ import annotations

import asyncio

import pytest
from segue.agents.chair.threads import SideLoop


class Odd(BaseException):
    """What hardly anybody raises."""


async def raising(error: BaseException) -> str:
    await asyncio.sleep(0)
    raise error


async def word() -> str:
    return "a word"


@pytest.mark.parametrize(
    "error",
    [ValueError("no"), SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), Odd("odd")],
    ids=repr,
)
async def test_whatever_a_coroutine_raises_comes_back_and_the_loop_goes_on(error: BaseException) -> None:
    side = SideLoop()
    try:
        ended = await side.run(raising(error))
        assert type(ended.error) is type(error) and ended.value is None
        assert (await side.run(word())).value == "a word" and await side.is_alive()
    finally:
        side.close()


async def test_what_is_not_waited_for_any_more_is_cancelled_there() -> None:
    side, gone = SideLoop(), asyncio.Event()
    here = asyncio.get_running_loop()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            here.call_soon_threadsafe(gone.set)

    task = asyncio.create_task(side.run(waits()))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(gone.wait(), 5)
    side.close()

"""Where a user's code runs: threads that nobody waits for at the end, and event loops of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

ResultT = TypeVar("ResultT")

ALIVE_S: Final = 1.0
"""An event loop that does nothing for so long is held up by the code that runs on it."""


@dataclass(frozen=True)
class Ended(Generic[ResultT]):
    """How a call of a user's code ended: with a value, or with an error of any kind."""

    value: ResultT | None = None
    error: BaseException | None = None


class Errand(Generic[ResultT]):
    """A call in a thread of its own, begun at once. Where it is not waited for any more, the thread is left to itself,
    and ends with the process at the latest."""

    def __init__(self, call: Callable[[], ResultT]) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Ended[ResultT]] = self._loop.create_future()
        self.thread = threading.Thread(target=self._work, name="recommender", daemon=True)
        self.thread.start()

    async def end(self) -> Ended[ResultT]:
        """How it ended, when it has."""
        return await self._ended

    def _work(self) -> None:
        try:
            how = Ended(self._call())
        except BaseException as error:  # noqa: BLE001 - a user's code may raise anything, and it is told of
            how = Ended(error=error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._deliver, how)

    def _deliver(self, how: Ended[ResultT]) -> None:
        if not self._ended.done():
            self._ended.set_result(how)


class SideLoop:
    """An event loop in a thread of its own: what holds it up holds up nothing else."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="recommender-loop", daemon=True)
        self._thread.start()

    async def run(self, call: Coroutine[Any, Any, ResultT]) -> Ended[ResultT]:
        """What comes of the coroutine. It is cancelled where it is not waited for any more."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_ended(call), self._loop))

    async def is_alive(self) -> bool:
        """Whether it still goes round."""
        turned = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop)
        done, _ = await asyncio.wait([asyncio.wrap_future(turned)], timeout=ALIVE_S)
        return bool(done)

    def close(self) -> None:
        """End it, if it still goes round; otherwise leave it to itself."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ALIVE_S)
        if not self._thread.is_alive():
            self._loop.close()


async def _ended(call: Coroutine[Any, Any, ResultT]) -> Ended[ResultT]:
    """How the coroutine ended; only its being cancelled from outside goes further."""
    [how] = await asyncio.gather(_without_exit(call), return_exceptions=True)
    return how if isinstance(how, Ended) else Ended(error=how)


async def _without_exit(call: Coroutine[Any, Any, ResultT]) -> Ended[ResultT]:
    """Without what would end the event loop, too."""
    try:
        return Ended(await call)
    except (SystemExit, KeyboardInterrupt) as error:
        return Ended(error=error)

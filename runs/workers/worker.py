"""A worker of a crew: claims sessions, plays them, keeps its leases, and heeds the control."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from ...checkpoints.store.leases import Leases
from ...checkpoints.store.threads import Thread
from ..conversation import Conversations
from ..runner import STOPS
from ..stopping import StopSignal
from .coordinator import Finished, Line, Stop

BEATS = 4
"""How often a lease is renewed while it holds."""


@dataclass
class Worker:
    """Plays what it can claim, at most `width` conversations at once, until nothing of the crew's work is left.

    Attributes:
        name: of this worker in the crew; never used twice.
    """

    name: str
    conversations: Conversations
    leases: Leases
    line: Line
    width: int
    _running: dict[asyncio.Task[Thread], str] = field(default_factory=dict, init=False)
    _seen: int = field(default=0, init=False)
    _changing: asyncio.Future[int] | None = field(default=None, init=False)

    async def work(self) -> int:
        """Play to the end; how many conversations were finished here.

        Raises:
            SegueError: the store failed, and nothing could go on here.
        """
        beating, listening = asyncio.create_task(self._beat()), asyncio.create_task(self._listen())
        count = 0
        try:
            self._heed(await self.line.call("stopped"))
            while not beating.done():
                outstanding = await self._fill()
                if not self._running:
                    if self._signal.stopped or not outstanding:
                        return count
                    await self._idle()
                    continue
                done, _ = await asyncio.wait(
                    self._running, timeout=self._interval, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    count += await self._settle(task)
            beating.result()
            return count
        finally:
            await self._leave(beating, listening)

    @property
    def _signal(self) -> StopSignal:
        return self.conversations.stage.signal

    @property
    def _interval(self) -> float:
        return self.leases.seconds / BEATS

    async def _fill(self) -> bool:
        """Claim and begin as many conversations as there are places; whether any of the crew's are outstanding."""
        if self._signal.stopped:
            return False
        free = self.width - len(self._running)
        if free < 1:
            return True
        claim = await self.leases.claim(self.name, free)
        for session_id in claim.sessions:
            task = asyncio.create_task(self.conversations.play(session_id), name=session_id)
            self._running[task] = session_id
        return claim.outstanding

    async def _settle(self, task: asyncio.Task[Thread]) -> int:
        session_id = self._running.pop(task)
        if task.cancelled():  # its lease was lost: whoever has it now goes on with it
            return 0
        error = task.exception()
        if error is not None and not isinstance(error, STOPS):
            raise error
        await self.leases.settle(self.name, session_id)
        if error is not None:
            await self.line.call("stop", Stop.of(self._signal.reason))
            return 0
        await self.line.call("finish", Finished(session_id, task.result().thread_id))
        return 1

    async def _beat(self) -> None:
        """Renew the leases and give up what was given away."""
        while True:
            await asyncio.sleep(self._interval)
            claimed = dict(self._running)
            held = await self.leases.renew(self.name, claimed.values())
            for task, session_id in claimed.items():
                if session_id not in held and task in self._running:
                    task.cancel()

    async def _listen(self) -> None:
        """Hear of a stop as soon as anybody asks for one."""
        self._heed(await self.line.call("wait_for_stop"))

    def _heed(self, stop: Stop | None) -> None:
        if stop is not None:
            self._signal.stop(stop.error())

    async def _idle(self) -> None:
        """Wait until something may be free or all is done: word comes, or a lost worker's lease runs out."""
        if self._changing is None:
            self._changing = asyncio.ensure_future(self.line.call("wait_for_change", self._seen))
        done, _ = await asyncio.wait([self._changing], timeout=self._interval)
        if done:
            self._seen, self._changing = self._changing.result(), None

    async def _leave(self, *others: asyncio.Future[None]) -> None:
        tasks: list[asyncio.Future[Any]] = [*others, *self._running]
        if self._changing is not None:
            tasks.append(self._changing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

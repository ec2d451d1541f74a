"""A worker of a crew: claims sessions, plays them, keeps its leases, and heeds the control."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ..checkpoints.leases import Leases
from ..checkpoints.threads import Thread
from .control import Finished, Line, Stop
from .conversation import Conversations
from .runner import STOPS
from .stopping import StopSignal

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

    async def work(self) -> int:
        """Play to the end; how many conversations were finished here.

        Raises:
            SegueError: the store failed, and nothing could go on here.
        """
        beating = asyncio.create_task(self._beat())
        count = 0
        try:
            while not beating.done():
                outstanding = await self._fill()
                if not self._running:
                    if self._signal.stopped or not outstanding:
                        return count
                    await asyncio.sleep(self._interval)
                    continue
                done, _ = await asyncio.wait(
                    self._running, timeout=self._interval, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    count += await self._settle(task)
            beating.result()
            return count
        finally:
            await self._leave(beating)

    @property
    def _signal(self) -> StopSignal:
        return self.conversations.stage.signal

    @property
    def _interval(self) -> float:
        return self.leases.seconds / BEATS

    async def _fill(self) -> int:
        """Claim and begin as many conversations as there are places; how many are outstanding in the crew."""
        if self._signal.stopped:
            return 0
        claim = await self.leases.claim(self.name, self.width - len(self._running))
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
        """Renew the leases, give up what was given away, and hear whether to stop."""
        while True:
            await asyncio.sleep(self._interval)
            claimed = dict(self._running)
            held = await self.leases.renew(self.name, claimed.values())
            for task, session_id in claimed.items():
                if session_id not in held and task in self._running:
                    task.cancel()
            stop: Stop | None = await self.line.call("stopped")
            if stop is not None:
                self._signal.stop(stop.error())

    async def _leave(self, beating: asyncio.Task[None]) -> None:
        tasks: list[asyncio.Task[Thread] | asyncio.Task[None]] = [beating, *self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

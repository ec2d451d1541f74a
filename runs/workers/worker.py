"""A worker: does jobs where it is, each under a lease that it renews until the job is done."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from ...checkpoints.store.leases import Leases
from ...core.stopping import StopSignal
from ..queue import ELSEWHERE, Elsewhere, Handler, Job

BEATS = 4
"""How often a lease is renewed while it holds."""


class Worker:
    """Does what it is given, as much of it at once as it is given. A context, in which leases are renewed.

    Attributes:
        signal: heeded by the handler.
    """

    def __init__(self, handler: Handler, leases: Leases, signal: StopSignal) -> None:
        self.handler = handler
        self.leases = leases
        self.signal = signal
        self._begun: set[tuple[str, str]] = set()
        self._doing: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self._beating: asyncio.Task[None]

    async def perform(self, job: Job) -> Any | Elsewhere:
        """See `Workers`.

        Raises:
            StoreError: leases could not be renewed, or the store failed otherwise.
        """
        known = await self.handler.known(job)
        if known is not None:
            return known
        if self._beating.done():
            self._beating.result()
        name = (job.kind, job.key)
        if name in self._begun:  # the same is wanted twice
            return ELSEWHERE
        self._begun.add(name)
        try:
            return await self._leased(job)
        finally:
            self._begun.discard(name)

    async def _leased(self, job: Job) -> Any | Elsewhere:
        if not await self.leases.claim(job.kind, job.key):
            return ELSEWHERE
        try:
            return await self._held(job)
        finally:
            await self.leases.release(job.kind, job.key)

    async def _held(self, job: Job) -> Any | Elsewhere:
        task = asyncio.ensure_future(self.handler.perform(job))
        self._doing[job.kind, job.key] = task
        try:
            await asyncio.wait([task])
            # Cancelled from within: its lease was lost, and whoever has it now goes on with the job.
            return ELSEWHERE if task.cancelled() else task.result()
        finally:
            del self._doing[job.kind, job.key]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _beat(self) -> None:
        """Renew the leases and give up what was given away."""
        while True:
            await asyncio.sleep(self.leases.seconds / BEATS)
            claimed = dict(self._doing)
            held = await self.leases.renew() if claimed else set()
            for name, task in claimed.items():
                if name not in held and name in self._doing:
                    task.cancel()

    async def __aenter__(self) -> Self:
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beating.cancel()
        await asyncio.gather(self._beating, return_exceptions=True)

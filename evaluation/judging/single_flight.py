"""`SingleFlight`: questions under way, so that the same one is not asked twice at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any


class SingleFlight:
    """Shares the outcome of a call with all that ask the same before it has arrived. Of one event loop."""

    def __init__(self) -> None:
        self._flying: dict[Hashable, asyncio.Future[Any]] = {}

    async def share(self, name: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The outcome of the call under way under `name`, or of `ask()` when there is none.

        A failure is the asker's own: others that waited for it ask by themselves, one after another.
        """
        while name in self._flying:
            landed = self._flying[name]
            await asyncio.wait([landed])
            if landed.result() is not None:
                return landed.result()
        landed = asyncio.get_running_loop().create_future()
        self._flying[name] = landed
        outcome = None
        try:
            outcome = await ask()
            return outcome
        finally:
            del self._flying[name]
            landed.set_result(outcome)

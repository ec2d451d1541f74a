"""Workers of few words for tests of where workers work: what they do is told by the first letters of their task."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from segue.checkpoints import Store
from segue.checkpoints.store.leases import Leases
from segue.core.errors import ModelSetupError
from segue.runs.workers.coordinator import Finished, Line


@dataclass
class Labourer:
    """What `runs.shift` knows of a worker."""

    name: str
    leases: Leases
    line: Line
    task: str

    async def work(self) -> int:
        work = getattr(self, f"_{self.task}")
        await work()
        return 0

    async def _settle(self) -> None:
        """Play all, as it were, with words on stdout; the first worker dies over what it has claimed."""
        print("no data", flush=True)
        while sessions := (await self.leases.claim(self.name, 2)).sessions:
            await self.line.call("enter", self.name, f"{self.name}'s", "offline", 0)
            if self.name == "w0":
                os.kill(os.getpid(), signal.SIGKILL)
            for session_id in sessions:
                await self.leases.settle(self.name, session_id)
                await self.line.call("finish", Finished(session_id, f"thread of {session_id}"))
            await self.line.call("leave", f"{self.name}'s")

    async def _die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def _exit(self) -> None:
        os._exit(7)

    async def _heed(self) -> None:
        """Told by what it finishes that it is there, it waits for the stop."""
        await self.line.call("finish", Finished(str(os.getpid()), self.name))
        stop = await self.line.call("wait_for_stop")
        await self.line.call("finish", Finished(stop.message, self.name))

    async def _hang(self) -> None:
        """Claims, tells of its process, and waits for what never comes."""
        await self.leases.claim(self.name, 1)
        await self.line.call("finish", Finished(str(os.getpid()), self.name))
        await asyncio.Event().wait()

    async def _refuse(self) -> None:
        raise ModelSetupError("no key for the model", hint="export KEY=...")

    async def _stumble(self) -> None:
        raise ZeroDivisionError("a defect")


@dataclass(frozen=True)
class Opening:
    """Opens a worker; goes where it works."""

    url: str
    crew: str
    task: str

    @asynccontextmanager
    async def __call__(self, name: str, line: Line) -> AsyncIterator[Any]:
        with Store.open(self.url) as store:
            yield Labourer(name, Leases(store, "run", self.crew), line, self.task)

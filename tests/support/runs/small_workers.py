"""Workers of few words for tests of where workers work: what they do is told by their jobs' kinds of payload."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.checkpoints import Store
from segue.checkpoints.store.leases import Leases
from segue.core.errors import ModelSetupError
from segue.core.stopping import StopSignal
from segue.runs.queue import Job
from segue.runs.workers.coordinator import Enter, Link
from segue.runs.workers.worker import Worker


@dataclass
class SmallJobs:
    """`Handler` that does what a job's payload says."""

    link: Link
    signal: StopSignal
    folder: Path

    async def known(self, job: Job) -> Any:
        return None

    async def perform(self, job: Job) -> Any:
        return await getattr(self, f"_{job.payload}")(job)

    async def _say(self, job: Job) -> int:
        print("no data", flush=True)
        return os.getpid()

    async def _die_once(self, job: Job) -> str:
        """Dies over the job, with a slot of the coordinator's in its hands; the next one lives."""
        await self.link.ask(Enter(job.key, "offline", 0))
        mark = self.folder / job.key
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    async def _die(self, job: Job) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def _exit(self, job: Job) -> None:
        sys.stderr.flush()
        os._exit(7)

    async def _heed(self, job: Job) -> str:
        """Waits for the stop."""
        (self.folder / job.key).touch()
        stopped = asyncio.Event()
        self.signal.heeded_by(stopped.set)
        await stopped.wait()
        return str(self.signal.reason)

    async def _hang(self, job: Job) -> None:
        (self.folder / job.key).write_text(str(os.getpid()))
        await asyncio.Event().wait()

    async def _refuse(self, job: Job) -> None:
        raise ModelSetupError("no key for the model", hint="export KEY=...")

    async def _stumble(self, job: Job) -> None:
        raise ZeroDivisionError("a defect")


@dataclass(frozen=True)
class Opening:
    """Opens a worker; goes where it works."""

    url: str
    folder: Path

    @asynccontextmanager
    async def __call__(self, link: Link) -> AsyncIterator[Worker]:
        with Store.open(self.url) as store:
            signal_ = StopSignal()
            async with Worker(SmallJobs(link, signal_, self.folder), Leases(store), signal_) as worker:
                yield worker

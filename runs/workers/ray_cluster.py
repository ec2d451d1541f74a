"""Workers on the machines of a Ray cluster, and the coordinator in an actor beside them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TextIO, cast

from ...core.errors import ConfigError, SegueError, WorkerLostError
from ...models.costs.budget import CappedBudget, UnlimitedBudget
from ...models.limits import RateLimits
from ..events import Events
from ..queue import Elsewhere, Job
from .coordinator import Coordinator, Message
from .pool import OpenWorker

Share = Callable[[], tuple[RateLimits, CappedBudget | UnlimitedBudget]]
"""Makes the limits and the budget that all workers share."""

_AT_ONCE = 10_000
"""Calls that the coordinator may have waiting: each of all workers' calls may be one."""


@dataclass(frozen=True)
class RayLink:
    """A worker's way to a coordinator that lives in an actor."""

    handle: Any
    worker: str

    async def ask(self, message: Message) -> Any:
        """See `Link`. What the coordinator raises is raised as it is, not as Ray wraps it."""
        from ray.exceptions import RayTaskError

        try:
            return await self.handle.handle.remote(self.worker, message)
        except RayTaskError as error:
            raise _own(error) from None

    def tell(self, message: Message) -> None:
        """See `Link`."""
        self.handle.handle.remote(self.worker, message)


class _Worker:
    """The actor around one worker."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()

    async def open(self, link: RayLink, open_worker: OpenWorker) -> None:
        self._worker = await self._stack.enter_async_context(open_worker(link))

    async def perform(self, job: Job) -> Any:
        return await self._worker.perform(job)

    async def stop(self, reason: SegueError | None) -> None:
        self._worker.signal.stop(reason)

    async def close(self) -> None:
        await self._stack.aclose()


@dataclass(frozen=True)
class RayWorker:
    """`RemoteWorker` in an actor."""

    ray: Any
    actor: Any

    async def perform(self, job: Job) -> Any | Elsewhere:
        """See `RemoteWorker`. A lost worker's machine may only be out of reach, so that its leases must run out."""
        try:
            return await self.actor.perform.remote(job)
        except self.ray.exceptions.RayActorError as error:
            raise WorkerLostError(_first_line(error)) from None
        except self.ray.exceptions.RayTaskError as error:
            raise _own(error) from None

    def stop(self, reason: SegueError | None) -> None:
        """See `RemoteWorker`."""
        self.actor.stop.remote(reason)

    async def close(self) -> None:
        """See `RemoteWorker`."""
        # One that hangs or is gone is ended all the same.
        with contextlib.suppress(TimeoutError, self.ray.exceptions.RayError):
            await asyncio.wait_for(self.actor.close.remote(), _GRACE_S)
        self.ray.kill(self.actor)


_GRACE_S = 5.0


@dataclass(frozen=True)
class RayEngine:
    """`Engine` on a cluster: an actor for each worker, and one for the coordinator."""

    ray: Any
    coordinator: Any
    open_worker: OpenWorker

    @classmethod
    def of(cls, ray: Any, share: Share, open_worker: OpenWorker) -> RayEngine:
        """An engine with its coordinator set up; `share` makes what it keeps, in the actor where it lives."""
        actor = ray.remote(_CoordinatorActor).options(max_concurrency=_AT_ONCE, num_cpus=0)
        return cls(ray, actor.remote(share), open_worker)

    async def start(self, name: str) -> RayWorker:
        """See `Engine`."""
        # No restart by Ray itself: what a worker held must be let go of first.
        actor = (
            self.ray.remote(_Worker).options(num_cpus=1, max_restarts=0, max_concurrency=_AT_ONCE).remote()
        )
        try:
            await actor.open.remote(RayLink(self.coordinator, name), self.open_worker)
        except self.ray.exceptions.RayActorError as error:
            raise WorkerLostError(_first_line(error)) from None
        except self.ray.exceptions.RayTaskError as error:
            raise _own(error) from None
        return RayWorker(self.ray, actor)

    async def forget(self, name: str) -> None:
        """See `Engine`."""
        await self.coordinator.forget.remote(name)

    @asynccontextmanager
    async def relaying(self, events: Events) -> AsyncIterator[None]:
        """What workers say is said here, too."""

        async def relay() -> None:
            while True:
                for text in await self.coordinator.said.remote():
                    events.say(text)

        task = asyncio.create_task(relay())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def paid(self) -> float:
        """USD that the budget has paid."""
        return float(await self.coordinator.paid.remote())


def _own(error: Any) -> Exception:
    """The error that a task raised, where it is one of ours."""
    return error.cause if isinstance(error.cause, SegueError) else error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


@asynccontextmanager
async def open_cluster(workers: int, address: str | None) -> AsyncIterator[Any]:
    """Ray, connected at `address` (such as `auto` or `ray://head:10001`) or started on this machine.

    Raises:
        ConfigError: Ray is not installed, or the address does not answer.
    """
    if find_spec("ray") is None:
        raise ConfigError("--engine ray needs Ray", hint="pip install 'segue[ray]'")
    # Read when Ray is first imported: nothing of a run is reported to anybody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    where: dict[str, Any] = {"address": address} if address else {}
    if not where:
        # One more for the coordinator; Ray counts places, not cores.
        where = {"address": "local", "num_cpus": workers + 1, "include_dashboard": False}
    with contextlib.redirect_stdout(cast(TextIO, _DataOnly(sys.stdout))):
        try:
            await asyncio.to_thread(
                ray.init, **where, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=False
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ConfigError(
                f"no Ray cluster at {address or 'this machine'}: {error}",
                hint="`ray status` on the head node tells whether it is up",
            ) from error
        try:
            yield ray
        finally:
            ray.shutdown()


class _CoordinatorActor(Coordinator):
    """`Coordinator` in an actor, made there: limits belong to one event loop."""

    def __init__(self, share: Share) -> None:
        limits, self._counted = share()
        self._said: asyncio.Queue[str] = asyncio.Queue()
        super().__init__(limits, self._counted, self._said.put_nowait)

    async def said(self) -> list[str]:
        """What was said since it was last asked; waits for the first line."""
        lines = [await self._said.get()]
        while not self._said.empty():
            lines.append(self._said.get_nowait())
        return lines

    async def paid(self) -> float:
        return self._counted.paid


class _DataOnly:
    """stdout for the main thread, which prints data; what Ray's threads print goes to stderr."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def __getattr__(self, name: str) -> Any:
        main = threading.current_thread() is threading.main_thread()
        return getattr(self._stdout if main else sys.stderr, name)

"""Workers on the machines of a Ray cluster, and the control in an actor beside them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from ...core.errors import ConfigError, SegueError, WorkerLostError
from ...models.budget import Budget
from ...models.limits import RateLimits
from .coordinator import Coordinator
from .pool import OpenWorker

Share = Callable[[], tuple[RateLimits, Budget | None]]
"""Makes the limits and the budget that all workers share."""

_AT_ONCE = 10_000
"""Calls that the control may have waiting: each of all workers' calls may be one."""


@dataclass(frozen=True)
class Cluster:
    """Where the workers are.

    Attributes:
        address: of a running cluster, such as `auto` or `ray://head:10001`; None starts one on this machine.
        workers: how many there are at a time.
    """

    workers: int
    address: str | None = None


@dataclass(frozen=True)
class RayLine:
    """A line to a control that lives in an actor."""

    handle: Any

    async def call(self, method: str, *values: Any) -> Any:
        return await getattr(self.handle, method).remote(*values)

    def tell(self, method: str, *values: Any) -> None:
        getattr(self.handle, method).remote(*values)


class _Work:
    """The actor around one worker."""

    async def work(self, name: str, handle: Any, open_worker: OpenWorker) -> int:
        async with open_worker(name, RayLine(handle)) as worker:
            return await worker.work()

    async def process(self) -> int:
        """Its process id, for whoever wants to see what happens when it dies."""
        return os.getpid()


@dataclass(frozen=True)
class RaySite:
    """`Site` on a cluster: an actor for each worker, and one for the control."""

    ray: Any
    line: RayLine
    open_worker: OpenWorker

    @classmethod
    def of(cls, ray: Any, share: Share, open_worker: OpenWorker) -> RaySite:
        """A site with its control set up; `share` makes what it keeps, in the actor where it lives."""
        actor = ray.remote(_CoordinatorActor).options(max_concurrency=_AT_ONCE, num_cpus=0)
        return cls(ray, RayLine(actor.remote(share)), open_worker)

    async def employ(self, name: str) -> None:
        """See `Site`. A lost worker's machine may only be out of reach, so its leases must run out."""
        # No restart by Ray itself: a worker's name must never come again.
        actor = self.ray.remote(_Work).options(num_cpus=1, max_restarts=0).remote()
        try:
            await actor.work.remote(name, self.line.handle, self.open_worker)
        except self.ray.exceptions.RayActorError as error:
            raise WorkerLostError(_first_line(error)) from None
        except self.ray.exceptions.RayTaskError as error:
            raise (error.cause if isinstance(error.cause, SegueError) else error) from None
        except asyncio.CancelledError:
            self.ray.kill(actor)
            raise


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


@asynccontextmanager
async def open_cluster(cluster: Cluster) -> AsyncIterator[Any]:
    """Ray, connected or started on this machine.

    Raises:
        ConfigError: Ray is not installed, or the address does not answer.
    """
    if find_spec("ray") is None:
        raise ConfigError("--engine ray needs Ray", hint="pip install 'segue[ray]'")
    # Read when Ray is first imported: nothing of a run is reported to anybody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    where: dict[str, Any] = {"address": cluster.address} if cluster.address else {}
    if not where:
        # One more for the control; Ray counts places, not cores.
        where = {"address": "local", "num_cpus": cluster.workers + 1, "include_dashboard": False}
    try:
        await asyncio.to_thread(
            ray.init, **where, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=False
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConfigError(
            f"no Ray cluster at {cluster.address or 'this machine'}: {error}",
            hint="`ray status` on the head node tells whether it is up",
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


class _CoordinatorActor(Coordinator):
    """`Coordinator` in an actor, made there: limits belong to one event loop."""

    def __init__(self, share: Share) -> None:
        super().__init__(*share())

"""The distributed runner: workers of a Ray cluster, one store, one control; a lost worker is replaced."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from ..checkpoints.leases import Leases
from ..core.errors import ConfigError, SegueError
from ..models.limits import Paces
from ..models.purse import Purse
from .control import Control, Finished, Line, Stop
from .crew import Worker
from .stopping import StopSignal

OpenWorker = Callable[[str, Line], AbstractAsyncContextManager[Worker]]
"""Makes a worker from its name and its line; sent to the machine where it works."""

Share = Callable[[], tuple[Paces, Purse | None]]
"""Makes the limits and the purse that all workers share."""

_AT_ONCE = 10_000
"""Calls that the control may have waiting: each of all workers' calls may be one."""
_POLL_S = 0.25


class WorkersLostError(SegueError):
    """Workers were lost again and again."""


@dataclass(frozen=True)
class Cluster:
    """Where the workers are.

    Attributes:
        address: of a running cluster, such as `auto` or `ray://head:10001`; None starts one on this machine.
        workers: how many there are at a time.
        losses: how many may be lost, and are replaced, before the run gives up.
    """

    workers: int
    address: str | None = None
    losses: int = 10


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


@dataclass
class _Crew:
    """The workers at work, as the driver sees them."""

    ray: Any
    cluster: Cluster
    handle: Any
    open_worker: OpenWorker
    working: dict[Any, tuple[str, Any]] = field(default_factory=dict)
    begun: int = 0
    lost: int = 0

    def begin(self) -> None:
        """Set one more worker to work."""
        name = f"w{self.begun}"
        self.begun += 1
        # No restart by Ray itself: a worker's name, and with it its leases, must never come again.
        actor = self.ray.remote(_Work).options(num_cpus=1, max_restarts=0).remote()
        self.working[actor.work.remote(name, self.handle, self.open_worker)] = (name, actor)

    async def look(self, line: Line, say: Callable[[str], None]) -> None:
        """See who is through and who is lost; whoever is lost is replaced.

        Raises:
            SegueError: a worker failed for a reason that would meet the next one too.
            WorkersLostError: too many were lost.
        """
        through, _ = self.ray.wait(list(self.working), num_returns=len(self.working), timeout=0)
        for reference in through:
            name, _ = self.working.pop(reference)
            try:
                await reference
            except self.ray.exceptions.RayActorError:
                await line.call("forget", name)
                self.lost += 1
                if self.lost > self.cluster.losses:
                    raise WorkersLostError(
                        f"{self.lost} workers were lost, the last was {name}",
                        hint="everything is kept; look at the machines' memory, then run the same command again",
                    ) from None
                say(f"worker {name} was lost; another takes over what it had claimed")
                self.begin()

    def end(self) -> None:
        """Let go of whoever is left."""
        for _, actor in self.working.values():
            self.ray.kill(actor)


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


async def play_on(
    ray: Any,
    cluster: Cluster,
    share: Share,
    open_worker: OpenWorker,
    leases: Leases,
    signal: StopSignal,
    say: Callable[[str], None],
) -> AsyncIterator[Finished]:
    """Play all that is enlisted; conversations in the order in which they end.

    Args:
        share: makes what the control keeps, in the actor where it lives.
        say: tells the user of workers lost.
    """
    actor = ray.remote(_ControlActor).options(max_concurrency=_AT_ONCE, num_cpus=0)
    line = RayLine(actor.remote(share))
    crew = _Crew(ray, cluster, line.handle, open_worker)
    for _ in range(cluster.workers):
        crew.begin()
    told = False
    try:
        while crew.working:
            await asyncio.sleep(_POLL_S)
            if signal.stopped and not told:
                told = True
                await line.call("stop", Stop.of(signal.reason))
            await crew.look(line, say)
            for finished in await line.call("drain"):
                yield finished
        await _heed(line, signal)
    finally:
        crew.end()
        await leases.dismiss()


async def _heed(line: Line, signal: StopSignal) -> None:
    """A stop that came from a worker is the run's."""
    stop: Stop | None = await line.call("stopped")
    if stop is not None:
        signal.stop(stop.error())


class _ControlActor(Control):
    """`Control` in an actor, made there: limits belong to one event loop."""

    def __init__(self, share: Share) -> None:
        super().__init__(*share())

"""Engines: where a command's jobs are done, from its settings: this process, others of this machine, or a cluster."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...checkpoints import Store
from ...checkpoints.store.leases import Leases
from ...core.errors import ConfigError
from ...models.costs.budget import CappedBudget, UnlimitedBudget
from ...models.limits import Limits, RateLimit, RateLimits
from ...models.providers import OFFLINE
from ..queue import Dispatcher, Handler, Job, JobQueue, Workers
from ..rate_limits import provider_limits
from ..runtime import Runtime, make_runtime
from ..servers import Servers
from ..settings.config import PlaySettings
from ..settings.provider_numbers import per_provider
from .coordinator import Coordinator, Link, SharedBudget, SharedEvents, SharedRateLimits
from .pool import Pool
from .processes import ProcessEngine
from .worker import Worker

OpenHandler = Callable[[Runtime], Handler]
"""Makes what does the jobs, given a runtime; it travels to where the workers are."""


async def perform_all(
    runtime: Runtime,
    config: PlaySettings,
    queue: JobQueue,
    handler: Handler,
    open_handler: OpenHandler,
    *,
    jobs: int,
    ordered: bool = True,
) -> AsyncGenerator[tuple[Job, Any], None]:
    """Do all jobs of the queue where the settings say; each with its result.

    What another command is doing is waited for and not done twice. After the runtime's stop signal, jobs in flight end
    at their next call and nothing new begins.

    Args:
        handler: does the jobs in this process.
        open_handler: makes one like it in another process.
        jobs: how many there will be, so that no more workers are started.
        ordered: see `Dispatcher`.

    Raises:
        WorkersLostError: workers were lost again and again.
        SegueError: an error after which nothing could go on.
    """
    with collecting_rarely():
        async with open_workers(runtime, config, handler, open_handler, jobs) as workers:
            dispatcher = Dispatcher(
                queue, workers, runtime.signal, runtime.events, config.concurrency, ordered=ordered
            )
            async with aclosing(dispatcher.results()) as results:
                async for outcome in results:
                    yield outcome


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Calls make many objects and hardly a cycle: looking for cycles at the usual pace took an eighth of the CPU."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@asynccontextmanager
async def open_workers(
    runtime: Runtime, config: PlaySettings, handler: Handler, open_handler: OpenHandler, jobs: int
) -> AsyncIterator[Workers]:
    """What does the jobs.

    Raises:
        ConfigError: the engine cannot be had as the settings name it.
    """
    if config.engine == "local":
        leases = Leases(runtime.store, seconds=config.lease_seconds)
        async with Worker(handler, leases, runtime.signal) as worker:
            yield worker
        return
    size = max(1, min(config.workers, config.concurrency, jobs))
    setup = WorkerSetup(
        _reachable(runtime.store, config),
        _placed(config),
        open_handler,
        width=-(-config.concurrency // size),
        capped=runtime.meter.budget.limited,
        timeout_s=runtime.timeout_s,
        servers=runtime.servers,
    )
    opening = _on_cluster if config.engine == "ray" else _on_processes
    async with opening(runtime, config, setup, size) as pool:
        yield pool


@asynccontextmanager
async def _on_processes(
    runtime: Runtime, config: PlaySettings, setup: WorkerSetup, size: int
) -> AsyncIterator[Pool]:
    coordinator = Coordinator(runtime.limits, runtime.meter.budget, runtime.events.say)
    engine = ProcessEngine(coordinator, setup.open_worker)
    async with Pool(engine, size, runtime.signal, runtime.events) as pool:
        yield pool


@asynccontextmanager
async def _on_cluster(
    runtime: Runtime, config: PlaySettings, setup: WorkerSetup, size: int
) -> AsyncIterator[Pool]:
    from .ray_cluster import RayEngine, open_cluster

    budget = runtime.meter.budget
    cap, paid = (budget.cap, budget.paid) if isinstance(budget, CappedBudget) else (None, 0.0)
    async with open_cluster(size, config.ray_address) as ray:
        engine = RayEngine.of(ray, partial(_share, config, cap, paid), setup.open_worker)
        async with (
            Pool(engine, size, runtime.signal, runtime.events) as pool,
            engine.relaying(runtime.events),
        ):
            yield pool
        if isinstance(budget, CappedBudget):
            budget.paid = await engine.paid()


def _share(
    config: PlaySettings, cap: float | None, paid: float
) -> tuple[RateLimits, CappedBudget | UnlimitedBudget]:
    return provider_limits(config), UnlimitedBudget() if cap is None else CappedBudget(cap, paid)


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker in another process needs to know to open its part of the work.

    Attributes:
        url: of the store, with its password.
        width: jobs at once in one worker.
        capped: money is counted by the coordinator.
    """

    url: str
    config: PlaySettings
    open_handler: OpenHandler
    width: int
    capped: bool
    timeout_s: float
    servers: Servers = field(default_factory=Servers)

    @asynccontextmanager
    async def open_worker(self, link: Link) -> AsyncIterator[Worker]:
        """A worker with everything it needs opened; where it works."""
        with collecting_rarely(), Store.open(self.url, wait=self.config.lock_seconds) as store:
            budget = SharedBudget(link) if self.capped else UnlimitedBudget()
            limits = SharedRateLimits(link, self._own())
            runtime = make_runtime(
                store,
                self.config,
                limits,
                budget,
                events=SharedEvents(link),
                timeout_s=self.timeout_s,
                servers=self.servers,
            )
            leases = Leases(store, seconds=self.config.lease_seconds)
            try:
                async with Worker(self.open_handler(runtime), leases, runtime.signal) as worker:
                    yield worker
            finally:
                await runtime.aclose()

    def _own(self) -> Mapping[str, RateLimit]:
        """The offline model refuses no call: unless the user limits it, its calls need no slot of the coordinator's."""
        config = self.config
        given = (config.concurrent_requests, config.requests_per_minute, config.tokens_per_minute)
        limited = {provider for items in given for provider in per_provider("", items)}
        return {} if limited & {OFFLINE, ""} else {OFFLINE: Limits(self.width)}


def _reachable(store: Store, config: PlaySettings) -> str:
    """The store's address for a process that works in another folder, or on another machine."""
    if config.ray_address and store.dialect != "postgresql":
        raise ConfigError(
            "--ray-address: workers on other machines need a store that they all reach",
            hint="use --store postgresql+psycopg://…; a SQLite file does for --engine ray on this machine alone",
        )
    return store.address


def _placed(config: PlaySettings) -> PlaySettings:
    """The same for a process that works in another folder."""
    return config.changed(prices=config.prices.resolve()) if config.prices else config

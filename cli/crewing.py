"""What the engines that spread a run over workers share: the crew, its leases, and a worker wired from the flags."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy.engine import make_url

from ..catalog.opening import open_catalog
from ..checkpoints import Store
from ..checkpoints.store.leases import Leases
from ..core.errors import ConfigError
from ..models.budget import Budget, CappedBudget
from ..models.limits import Limits, RateLimit, RateLimits
from ..models.meter import Meter
from ..models.prices import load_prices
from ..models.spec import OFFLINE
from ..prompts.library import PromptLibrary
from ..runs.conversation import Conversations
from ..runs.costs.bill import paid
from ..runs.plan import RunPlan
from ..runs.preparation import Preparation
from ..runs.stage import Stage
from ..runs.workers.coordinator import Finished, Line, SharedBudget, SharedRateLimits
from ..runs.workers.pool import Site, Terms, play_shift
from ..runs.workers.worker import Worker
from .collecting import collecting_rarely
from .delivering import delivery_of, delivery_options
from .options import Options
from .output import say
from .paying import limits_of, per_provider
from .reading import Reading
from .wiring import catalog_place, open_stage

if TYPE_CHECKING:
    from ..checkpoints.store.threads import Thread

_LOOK_S = 0.5


@dataclass(frozen=True)
class Crew:
    """What every worker needs to know to open its part of the work.

    Attributes:
        name: of the crew, under which its sessions are leased.
        workers: how many share the work.
        capped: money is counted, by the control.
    """

    options: Options
    plan: RunPlan
    name: str
    workers: int
    capped: bool

    @classmethod
    def of(cls, options: Options, stage: Stage, plan: RunPlan, sessions: int) -> Crew:
        """The crew of one command, no larger than its work.

        Args:
            stage: of this process; its meter has the cap.
        """
        workers = min(options.workers, options.concurrency, sessions)
        return cls(_placed(options), plan, uuid4().hex[:8], workers, stage.meter is not None)

    @property
    def width(self) -> int:
        """Conversations at once in one worker."""
        return -(-self.options.concurrency // self.workers)


async def play_crew(
    crew: Crew, site: Site, reading: Reading, stage: Stage, session_ids: list[str]
) -> AsyncGenerator[Thread, None]:
    """Play the sessions with the crew at the site; threads come in order of sessions.

    Args:
        stage: of this process, which plays nothing itself: its signal stops the crew.
    """
    options, plan = crew.options, crew.plan
    leases = Leases(reading.store, plan.run_id, crew.name, seconds=options.lease_seconds)
    due = await _enlist(leases, session_ids, stage)
    terms = Terms(crew.workers)
    async with aclosing(play_shift(site, terms, leases, stage.signal, say)) as ended:
        async for session_id in in_order(due, ended):
            yield reading.threads.get(plan.thread_id(session_id))
    if stage.meter is not None and isinstance(stage.meter.budget, CappedBudget):
        # The workers paid from the control's budget: ours learns of it from the ledger.
        stage.meter.budget.paid = paid(reading.store, plan.run_id, load_prices(options.prices))


def _placed(options: Options) -> Options:
    """The same for a process that works in another folder."""
    url = make_url(options.store)
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    return options.changed(
        store=url.render_as_string(hide_password=False),
        catalog=catalog_place(options),
        prices=options.prices.resolve() if options.prices else None,
    )


async def in_order(due: Sequence[str], ended: AsyncIterator[Finished]) -> AsyncIterator[str]:
    """Sessions in the order in which they are due, each as soon as all before it have ended."""
    known: set[str] = set()
    at = 0
    async for finished in ended:
        known.add(finished.session_id)
        while at < len(due) and due[at] in known:
            yield due[at]
            at += 1
    for session_id in due[at:]:  # the crew was stopped before some of them
        if session_id in known:
            yield session_id


async def _enlist(leases: Leases, session_ids: list[str], stage: Stage) -> list[str]:
    """Enlist the sessions, waiting for the leases of a command that was killed to be given back or run out."""
    others = len(session_ids) - await leases.enlist(session_ids)
    if others:
        say(f"{others} conversations are leased to another command; waiting {leases.seconds:g} s for it")
    waited = 0.0
    while others and waited <= leases.seconds and not stage.signal.stopped:
        await asyncio.sleep(_LOOK_S)
        waited += _LOOK_S
        mine = set(await leases.enlisted(session_ids))
        others -= await leases.enlist([session_id for session_id in session_ids if session_id not in mine])
    return await leases.enlisted(session_ids)


def shared(options: Options, meter: Meter | None) -> tuple[RateLimits, Budget | None]:
    """What the control keeps."""
    budget = meter.budget if meter is not None else None
    assert budget is None or isinstance(budget, CappedBudget)
    return limits_of(options), CappedBudget(budget.cap, budget.paid) if budget else None


@asynccontextmanager
async def open_worker(crew: Crew, name: str, line: Line) -> AsyncIterator[Worker]:
    """One worker with everything it needs opened; where it works."""
    options, plan = crew.options, crew.plan
    with collecting_rarely(), Store.open(options.store) as store:
        reading = Reading.of(store)
        catalog = open_catalog(options.catalog, session_gap=options.session_gap)
        if catalog.digest != plan.catalog_digest:
            raise ConfigError(
                f"the catalogue {options.catalog} holds other data here than where the run was started",
                hint="give every machine the same files under the same path",
            )
        async with open_stage(reading, concurrency=crew.width, latency=options.latency) as stage:
            prices = load_prices(options.prices)
            stage.delivery = delivery_of(store, stage.media, prices, delivery_options(options))
            stage.open_models(plan)
            stage.limits = SharedRateLimits(line, name, _own(crew))
            stage.meter = Meter(prices, SharedBudget(line, name)) if crew.capped else None
            stage.delivery.meter = stage.meter
            prompts = PromptLibrary(plan.prompt_overrides)
            preparation = Preparation(plan, catalog, stage.media, prompts, options.allow_missing_media)
            conversations = Conversations(plan, preparation, stage, reading.threads)
            leases = Leases(store, plan.run_id, crew.name, seconds=options.lease_seconds)
            yield Worker(name, conversations, leases, line, crew.width)


def _own(crew: Crew) -> Mapping[str, RateLimit]:
    """The offline model refuses no call: unless the user limits it, no place among its calls need be asked for."""
    options = crew.options
    given = (options.concurrent_requests, options.requests_per_minute, options.tokens_per_minute)
    limited = {provider for items in given for provider in per_provider("", items)}
    return {} if limited & {OFFLINE, ""} else {OFFLINE: Limits(crew.width)}

"""`segue run --engine ray`: the crew, its control and its workers, wired from the flags."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast
from uuid import uuid4

from sqlalchemy.engine import make_url

from ..catalog.opening import open_catalog
from ..checkpoints import Store
from ..checkpoints.leases import Leases
from ..core.errors import ConfigError
from ..models.limits import Paces
from ..models.meter import Meter
from ..models.prices import load_prices
from ..models.purse import CappedPurse, Purse
from ..prompts.library import PromptLibrary
from ..runs.cluster import Cluster, open_cluster, play_on
from ..runs.control import Finished, Line, SharedPaces, SharedPurse
from ..runs.conversation import Conversations
from ..runs.costs import paid
from ..runs.crew import Worker
from ..runs.plan import RunPlan
from ..runs.preparation import Preparation
from ..runs.stage import Stage
from .delivering import delivery_of, delivery_options
from .options import Options
from .output import say
from .paying import limits_of
from .reading import Reading
from .wiring import catalog_place, open_stage

if TYPE_CHECKING:
    from ..checkpoints.threads import Thread

_LOOK_S = 1.0


class _DataOnly:
    """stdout for the main thread, which prints data; what Ray's threads print goes to stderr."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def __getattr__(self, name: str) -> Any:
        main = threading.current_thread() is threading.main_thread()
        return getattr(self._stdout if main else sys.stderr, name)


@dataclass(frozen=True)
class Crew:
    """What every worker needs to know to open its part of the work.

    Attributes:
        capped: money is counted, by the control.
    """

    options: Options
    plan: RunPlan
    name: str
    capped: bool

    @property
    def width(self) -> int:
        """Conversations at once in one worker."""
        return -(-self.options.concurrency // self.options.workers)


def require_cluster_options(options: Options) -> None:
    """Raises `ConfigError` for flags that a cluster cannot follow."""
    if options.batch:
        raise ConfigError(
            "--batch and --engine ray do not go together", hint="batch jobs need no workers: leave one out"
        )
    if options.ray_address and make_url(options.store).get_backend_name() != "postgresql":
        raise ConfigError(
            "--ray-address: workers on other machines need a store that they all reach",
            hint="use --store postgresql+psycopg://…; a SQLite file does for --engine ray on this machine alone",
        )


async def play_on_cluster(
    options: Options, reading: Reading, stage: Stage, plan: RunPlan, session_ids: list[str]
) -> AsyncIterator[Thread]:
    """Play the sessions on a Ray cluster; threads come in order of sessions.

    Args:
        stage: of this process, which plays nothing itself: its signal stops the crew, its meter has the cap.
    """
    leases = Leases(reading.store, plan.run_id, uuid4().hex[:8], seconds=options.lease_seconds)
    crew = Crew(_placed(options), plan, leases.crew, stage.meter is not None)
    cluster = Cluster(options.workers, options.ray_address)
    with contextlib.redirect_stdout(cast(TextIO, _DataOnly(sys.stdout))):
        async with open_cluster(cluster) as ray:
            played = await _enlist(leases, session_ids, stage)
            share, opening = partial(_shared, options, stage.meter), partial(open_worker, crew)
            ended = play_on(ray, cluster, share, opening, leases, stage.signal, say)
            async for session_id in in_order(played, ended):
                yield reading.threads.get(plan.thread_id(session_id))
    _count_paid(reading, stage, plan, options)


def _count_paid(reading: Reading, stage: Stage, plan: RunPlan, options: Options) -> None:
    """The workers paid from the control's purse: ours learns of it from the ledger."""
    if stage.meter is not None and isinstance(stage.meter.purse, CappedPurse):
        stage.meter.purse.paid = paid(reading.store, plan.run_id, load_prices(options.prices))


def _placed(options: Options) -> Options:
    """The same for a process that works in another folder."""
    url = make_url(options.store)
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    return replace(
        options,
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
    """Enlist the sessions, waiting for the leases of a command that was killed to run out."""
    got = await leases.enlist(session_ids)
    if got < len(session_ids):
        say(
            f"{len(session_ids) - got} conversations are leased to another command; waiting {leases.seconds:g} s for it"
        )
        await asyncio.sleep(leases.seconds + _LOOK_S)
        if not stage.signal.stopped:
            await leases.enlist(session_ids)
    return await leases.enlisted(session_ids)


def _shared(options: Options, meter: Meter | None) -> tuple[Paces, Purse | None]:
    """What the control keeps."""
    purse = meter.purse if meter is not None else None
    assert purse is None or isinstance(purse, CappedPurse)
    return limits_of(options), CappedPurse(purse.cap, purse.paid) if purse else None


@asynccontextmanager
async def open_worker(crew: Crew, name: str, line: Line) -> AsyncIterator[Worker]:
    """One worker with everything it needs opened; on the machine where it works."""
    options, plan = crew.options, crew.plan
    with Store.open(options.store) as store:
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
            stage.limits = SharedPaces(line, name)
            stage.meter = Meter(prices, SharedPurse(line, name)) if crew.capped else None
            stage.delivery.meter = stage.meter
            prompts = PromptLibrary(plan.prompt_overrides)
            preparation = Preparation(plan, catalog, stage.media, prompts, options.allow_missing_media)
            conversations = Conversations(plan, preparation, stage, reading.threads)
            leases = Leases(store, plan.run_id, crew.name, seconds=options.lease_seconds)
            yield Worker(name, conversations, leases, line, crew.width)

"""Branches of one conversation, drawn as often as asked, under a runtime of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from ...catalog.opening import open_catalog
from ...checkpoints import SQLAlchemySaver, Store
from ...checkpoints.store.run_sessions import RunSessions
from ...checkpoints.store.threads import Thread
from ...core.errors import ConfigError
from ...state.values import Agent
from ..costs.bill import paid_for
from ..events import Events, Silent
from ..jobs import ConversationJobs, OpenConversationJobs, branches
from ..plan import RunPlan, load_config
from ..preparation.pools import require_same_catalog
from ..queue import JobQueue
from ..rate_limits import widened
from ..reporting.totals import say_totals
from ..run import catalog_location
from ..runtime import Runtime, open_runtime
from ..settings.config import PlaySettings
from ..workers.engine import perform_all
from .branch import plan_branch
from .edits import edit_of
from .fork import Change, find_fork


@dataclass(frozen=True)
class Branches:
    """Draws of one change, planned and not yet stored."""

    planned: tuple[Thread, ...]
    change: Change
    config: PlaySettings
    runtime: Runtime
    jobs: OpenConversationJobs

    async def play(self) -> AsyncGenerator[Thread, None]:
        """Play them; threads come in order of draws, each however it ended, those that were stopped left out.

        Raises:
            StoreError, WorkersLostError: nothing else could go on either; what was finished is kept.
        """
        runtime, count = self.runtime, len(self.planned)
        queue = JobQueue(branches((thread, self.change) for thread in self.planned))
        runtime.events.begin(count, "branches")
        handler = ConversationJobs(runtime)
        performed = perform_all(runtime, self.config, queue, handler, self.jobs, jobs=count)
        async with aclosing(performed) as outcomes:
            async for _, thread in outcomes:
                runtime.events.ended(thread.thread_id)
                yield thread
        say_totals(runtime)


@asynccontextmanager
async def open_branches(
    store: Store,
    parent: Thread,
    turn: int,
    agent: Agent,
    change: Change,
    config: PlaySettings,
    *,
    count: int = 1,
    catalog: str | None = None,
    events: Events | None = None,
) -> AsyncIterator[Branches]:
    """`count` draws of a branch, with models opened under its limits and its cap.

    What these very branches have cost before counts into the cap. `catalog`: where the one is by now that the
    conversation searches; as its run was started when left out.

    Raises:
        ConfigError, InputError: no draw, another catalogue, or a change that is not the agent's to make.
        NotFoundError: the parent has no such turn of the agent.
        ModelSetupError: a model cannot be used.
    """
    if count < 1:
        raise ConfigError(f"--count {count}: it must be 1 or more")
    events = events or Silent()
    fork = find_fork(SQLAlchemySaver(store), parent, turn, agent)
    planned = tuple(plan_branch(fork, change, draw=draw) for draw in range(count))
    plan, _ = load_config(planned[0].config)
    searched = plan.shortlist_size is not None
    if not searched:
        edit_of(fork, change, plan)
    config, before = widened(config, count, events), partial(paid_for, store, [t.thread_id for t in planned])
    async with open_runtime(store, config, plan.models.values(), paid=before, events=events) as runtime:
        if (recommender := plan.recommender) is not None:
            runtime.recommenders.opened(recommender)
        jobs = _known_catalog(runtime, parent, plan, catalog) if searched else OpenConversationJobs()
        if searched:
            await asyncio.to_thread(runtime.pools.open, parent.thread_id, plan)
            edit_of(fork, change, plan, runtime.pools)
        yield Branches(planned, change, config, runtime, jobs)


def _known_catalog(
    runtime: Runtime, parent: Thread, plan: RunPlan, named: str | None
) -> OpenConversationJobs:
    """Open the catalogue that is named, if one is, here and wherever else branches are played."""
    if named is None:
        return OpenConversationJobs()
    start = RunSessions(runtime.store).start(parent.run_id)
    gap, lacking = start.get("session_gap"), bool(start.get("allow_missing_media"))
    catalog = open_catalog(named, session_gap=gap)
    require_same_catalog(catalog, plan, named)
    runtime.pools.know(catalog, lacking)
    return OpenConversationJobs(catalog_location(named), gap, catalog.digest, lacking)

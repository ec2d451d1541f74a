"""Branches of one conversation, drawn as often as asked, under a runtime of their own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from ...checkpoints import SQLAlchemySaver, Store
from ...checkpoints.store.threads import Thread
from ...core.errors import ConfigError
from ...state.values import Agent
from ..config import PlaySettings
from ..costs.bill import paid_for
from ..events import Events, Silent
from ..jobs import ConversationJobs, OpenConversationJobs, branches
from ..plan import load_config
from ..queue import JobQueue
from ..rate_limits import widened
from ..runtime import Runtime, open_runtime, say_totals
from ..workers.engine import perform_all
from .branch import Change, edit_of, find_fork, plan_branch


@dataclass(frozen=True)
class Branches:
    """Draws of one change, planned and not yet stored."""

    planned: tuple[Thread, ...]
    change: Change
    config: PlaySettings
    runtime: Runtime

    async def play(self) -> AsyncGenerator[Thread, None]:
        """Play them; threads come in order of draws, each however it ended, those that were stopped left out.

        Raises:
            StoreError, WorkersLostError: nothing else could go on either; what was finished is kept.
        """
        runtime, count = self.runtime, len(self.planned)
        queue = JobQueue(branches((thread, self.change) for thread in self.planned))
        runtime.events.begin(count, "branches")
        handler = ConversationJobs(runtime)
        performed = perform_all(runtime, self.config, queue, handler, OpenConversationJobs(), jobs=count)
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
    events: Events | None = None,
) -> AsyncIterator[Branches]:
    """`count` draws of a branch, with models opened under its limits and its cap.

    What these very branches have cost before counts into the cap.

    Raises:
        ConfigError: there is no draw.
        NotFoundError: the parent has no such turn of the agent.
        InputError: the change is not the agent's to make.
        ModelSetupError: a model cannot be used.
    """
    if count < 1:
        raise ConfigError(f"--count {count}: it must be 1 or more")
    events = events or Silent()
    fork = find_fork(SQLAlchemySaver(store), parent, turn, agent)
    planned = tuple(plan_branch(fork, change, draw=draw) for draw in range(count))
    plan, _ = load_config(planned[0].config)
    edit_of(fork, change, plan)
    config, before = widened(config, count, events), partial(paid_for, store, [t.thread_id for t in planned])
    async with open_runtime(store, config, plan.models.values(), paid=before, events=events) as runtime:
        yield Branches(planned, change, config, runtime)

"""A runtime on a store in a folder, with the offline model and the demo catalogue; threads as users have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from segue.catalog.demo import open_demo
from segue.catalog.media import MediaLibrary
from segue.checkpoints import Store
from segue.checkpoints.store.ledger import StoredLedger
from segue.checkpoints.store.threads import Thread, Threads
from segue.checkpoints.store.timeline import steps
from segue.core.hashing import digest_of
from segue.models.costs.budget import UnlimitedBudget
from segue.models.limits import Limits
from segue.prompts.library import PromptLibrary
from segue.runs.conversation import Conversations
from segue.runs.experiments.branch import plan_branch
from segue.runs.experiments.fork import Change, find_fork
from segue.runs.experiments.replay import Replayer
from segue.runs.jobs import ConversationJobs, branches
from segue.runs.plan import RunPlan
from segue.runs.preparation.first_states import Preparation
from segue.runs.runtime import Runtime, make_runtime
from segue.runs.settings.config import PlaySettings, RunConfig
from segue.state.values import Agent


@cache
def catalog() -> Any:
    return open_demo()


@cache
def prompts() -> PromptLibrary:
    return PromptLibrary()


def session(number: int) -> str:
    return str(catalog().session_ids(min_tracks=21)[number])


@dataclass
class Staged:
    """Everything on one store."""

    runtime: Runtime

    @property
    def store(self) -> Store:
        return self.runtime.store

    @property
    def threads(self) -> Threads:
        return self.runtime.threads

    @property
    def ledger(self) -> StoredLedger:
        return StoredLedger(self.store)

    @property
    def media(self) -> MediaLibrary:
        return self.runtime.media

    def change(self, **fields: Any) -> None:
        """Go on with another runtime: models are opened anew."""
        self.runtime = replace(self.runtime, **fields)

    def plan(self, **changes: Any) -> RunPlan:
        plan = RunPlan.of(RunConfig(modalities="text"), catalog(), prompts())
        return RunPlan.model_validate({**plan.model_dump(mode="json"), **changes}) if changes else plan

    def conversations(self, **changes: Any) -> Conversations:
        plan = self.plan(**changes)
        preparation = Preparation(plan, catalog(), self.media, prompts())
        return Conversations(plan, preparation, self.runtime)

    async def trunk(self, number: int = 0, **changes: Any) -> Thread:
        """A finished conversation on the demo catalogue's session of that number."""
        return await self.conversations(**changes).play(session(number))

    async def branch(
        self, parent: Thread, turn: int, agent: Agent, change: Change, *, draw: int = 0
    ) -> Thread:
        """A finished branch."""
        planned = plan_branch(find_fork(self.runtime.saver, parent, turn, agent), change, draw=draw)
        [job] = branches([(planned, change)])
        return await ConversationJobs(self.runtime).perform(job)

    def replayer(self, **plan_changes: Any) -> Replayer:
        return Replayer(self.runtime, self.ledger, plan_changes)

    def line(self, thread: Thread) -> list[Any]:
        """Every checkpoint of the thread, as plain values."""
        return [
            [step.checkpoint_id, step.number, step.created, dict(step.after)]
            for step in steps(self.runtime.saver, thread.thread_id)
        ]

    def digest(self, thread: Thread) -> str:
        """One digest of all of a thread's checkpoints."""
        return digest_of(self.line(thread))


@contextmanager
def staged(url: str, folder: Path) -> Iterator[Staged]:
    """Open a store and a runtime on it; media are prepared under `folder`."""
    with Store.open(url) as store:
        media = MediaLibrary(folder / "media")
        yield Staged(make_runtime(store, PlaySettings(), Limits(8), UnlimitedBudget(), media=media))

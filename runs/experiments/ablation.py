"""The ablation: trunks played once, every combination of levels branched off each, all cells drawn alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ...catalog.catalog import Catalog
from ...checkpoints.store.threads import Thread
from ...models.spec import ModelSpec
from ...state.values import Agent
from ..jobs import ConversationJobs, OpenConversationJobs, branches, trunks
from ..plan import RunPlan, SessionRepeat
from ..queue import Job, JobQueue
from ..run import catalog_location
from ..runtime import Runtime
from ..settings.config import RunConfig
from ..workers.engine import perform_all
from .ablation_cells import Cell
from .ablation_plan import AblationPlan
from .branch import plan_branch
from .fork import Change, find_fork


@dataclass(frozen=True)
class Trial:
    """One conversation of the experiment. `trunk_seed`: of the run that its trunk belongs to."""

    session_id: str
    trunk_seed: int
    repetition: int
    levels: Mapping[str, str]
    thread: Thread

    @property
    def block(self) -> tuple[object, ...]:
        """What the trials of all cells share."""
        return self.trunk_seed, self.repetition


@dataclass
class AblationOutcome:
    """Everything that was played. A trunk that failed has no trials; `planned` counts them all the same."""

    planned: int
    trunks: list[Thread] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)

    @property
    def failed(self) -> list[Thread]:
        ended = [*self.trunks, *(trial.thread for trial in self.trials)]
        return [thread for thread in ended if thread.status == "failed"]

    @property
    def threads(self) -> list[Thread]:
        """Every thread once, trunks first."""
        every = [*self.trunks, *(trial.thread for trial in self.trials)]
        return list({thread.thread_id: thread for thread in every}.values())


def draw_trunks(session_ids: Sequence[str], wanted: int, seed: int) -> list[tuple[int, str]]:
    """(run seed, session id) of each trunk: all sessions under `seed`, then again under the next, ..."""
    return [(seed + i // len(session_ids), session_ids[i % len(session_ids)]) for i in range(wanted)]


@dataclass(frozen=True)
class Planned:
    """One conversation of the experiment before it is played: a repetition of a cell on a finished trunk."""

    cell: Cell
    repetition: int
    change: Change
    thread: Thread


@dataclass(frozen=True)
class TrunkRun:
    """Trunks of one seed and one size of pool, and the cells that branch off them; or whole conversations of cells that
    one model writes, as often as there are repetitions.

    Attributes:
        repeats: conversations on each session; 0 for trunks, which there is one of.
    """

    run: RunPlan
    seed: int
    cells: Sequence[Cell]
    session_ids: Sequence[str]
    repeats: int = 0

    @property
    def conversations(self) -> list[SessionRepeat]:
        """What is played before anything branches."""
        numbers = range(1, max(1, self.repeats) + 1)
        return [SessionRepeat(session_id, number) for number in numbers for session_id in self.session_ids]

    @property
    def thread_ids(self) -> list[str]:
        """The same as they are stored."""
        return [self.run.repeated(number).thread_id(session) for session, number in self.conversations]


@dataclass(frozen=True)
class Ablation:
    """An experiment that can be played.

    Attributes:
        base: the plan of the trunks under the plan's own seed and pool.
        trunks: (run seed, session id) of each.
        config: how it is carried out, and what may be missing of its catalogue's media.
    """

    plan: AblationPlan
    base: RunPlan
    cells: Sequence[Cell]
    trunks: Sequence[tuple[int, str]]
    config: RunConfig
    catalog: Catalog

    @property
    def plans(self) -> list[RunPlan]:
        """Under which is played, trunks and branches together."""
        base = self.base.model_dump()
        return [self.base, *(RunPlan.model_validate({**base, **cell.changes}) for cell in self.cells)]

    @property
    def models(self) -> list[ModelSpec]:
        """What will be asked."""
        return [spec for plan in self.plans for spec in plan.models.values()]

    @property
    def size(self) -> int:
        """Conversations in all, trunks included."""
        pools = len({cell.pool_size for cell in self.cells if not cell.single})
        return len(self.trunks) * (pools + len(self.cells) * self.plan.repetitions)

    def runs(self) -> Iterator[TrunkRun]:
        """The runs of the trunks: one for each seed and each size of pool; and those that one model writes."""
        branching = [cell for cell in self.cells if not cell.single]
        for pool_size in dict.fromkeys(cell.pool_size for cell in branching):
            own = [cell for cell in branching if cell.pool_size == pool_size]
            for seed in dict.fromkeys(seed for seed, _ in self.trunks):
                changes = {"seed": seed, "pool_size": pool_size or self.base.pool_size}
                sessions = [session for s, session in self.trunks if s == seed]
                yield TrunkRun(self.base.model_copy(update=changes), seed, own, sessions)
        base = self.base.model_dump()
        for cell in (cell for cell in self.cells if cell.single):
            for seed in dict.fromkeys(seed for seed, _ in self.trunks):
                run = RunPlan.model_validate({**base, **cell.changes, "seed": seed})
                sessions = [session for s, session in self.trunks if s == seed]
                yield TrunkRun(run, seed, [cell], sessions, self.plan.repetitions)

    async def play(self, runtime: Runtime) -> AblationOutcome:
        """Play what is not done yet. After a stop, what was finished by then; the runtime's signal knows why.

        Raises:
            NotFoundError: a trunk has no such turn.
            StoreError, WorkersLostError: nothing else could go on either.
        """
        lacking = self.config.allow_missing_media
        await asyncio.to_thread(runtime.pools.ready, self.catalog, self.base, lacking)
        runs: dict[str, TrunkRun] = {}
        for each in self.runs():
            known = runs.get(each.run.run_id)
            cells = [*known.cells, *each.cells] if known else each.cells
            runs[each.run.run_id] = replace(each, cells=cells)
        for each in runs.values():
            data = each.run.model_dump(mode="json")
            await runtime.threads.add_run(each.run.run_id, data, self.catalog.source)
        queue = JobQueue(job for each in runs.values() for job in trunks(each.run, each.conversations))
        ended: dict[str, Thread] = {}
        planned: dict[str, list[Planned]] = {}
        runtime.events.begin(self.size, "conversations")
        async with aclosing(self._performed(runtime, queue)) as outcomes:
            async for job, thread in outcomes:
                runtime.events.ended(thread.thread_id)
                ended[thread.thread_id] = thread
                branching = job.kind == "trunk" and not runs[thread.run_id].repeats
                if branching and thread.status == "done":
                    own = await self._branches(runtime, thread, runs[thread.run_id].cells)
                    planned[thread.thread_id] = own
                    # Cells that turn out the same conversation share one thread.
                    distinct = {each.thread.thread_id: (each.thread, each.change) for each in own}
                    queue.enlist(branches(distinct.values()))
        return self._outcome(runs, ended, planned)

    def _performed(self, runtime: Runtime, queue: JobQueue) -> AsyncGenerator[tuple[Job, Any], None]:
        config = self.config
        location = catalog_location(config.catalog)
        elsewhere = OpenConversationJobs(
            location, config.session_gap, self.catalog.digest, config.allow_missing_media
        )
        handler = ConversationJobs(runtime, self.catalog, config.allow_missing_media)
        return perform_all(runtime, config, queue, handler, elsewhere, jobs=self.size, ordered=False)

    async def _branches(self, runtime: Runtime, trunk: Thread, cells: Sequence[Cell]) -> list[Planned]:
        """All cells of one trunk, repetition by repetition."""
        find = partial(find_fork, runtime.saver, trunk, self.plan.turn, Agent(self.plan.agent))
        fork = await runtime.store.reading(find)
        planned = []
        for repetition in range(self.plan.repetitions):
            for cell in cells:
                change = cell.change(self.plan, repetition)
                planned.append(Planned(cell, repetition, change, plan_branch(fork, change)))
        return planned

    def _outcome(
        self,
        runs: Mapping[str, TrunkRun],
        ended: Mapping[str, Thread],
        planned: Mapping[str, list[Planned]],
    ) -> AblationOutcome:
        outcome = AblationOutcome(len(self.trunks) * len(self.cells) * self.plan.repetitions)
        for each in runs.values():
            if each.repeats:
                outcome.trials += _whole(each, ended)
                continue
            for trunk in (ended[i] for i in each.thread_ids if i in ended):
                outcome.trunks.append(trunk)
                outcome.trials += [
                    Trial(
                        trunk.session_id,
                        each.seed,
                        one.repetition,
                        one.cell.levels,
                        ended[one.thread.thread_id],
                    )
                    for one in planned.get(trunk.thread_id, ())
                    if one.thread.thread_id in ended
                ]
        return outcome


def _whole(run: TrunkRun, ended: Mapping[str, Thread]) -> Iterator[Trial]:
    """The conversations of cells that do not branch."""
    for (session_id, number), thread_id in zip(run.conversations, run.thread_ids, strict=True):
        if thread_id in ended:
            for cell in run.cells:
                yield Trial(session_id, run.seed, number - 1, cell.levels, ended[thread_id])

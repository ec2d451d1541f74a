"""The ablation: trunks played once, every combination of levels branched off each, all cells drawn alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...checkpoints.store.threads import Thread, Threads
from ...state.values import Agent
from ..conversation import Conversations, play_thread
from ..plan import RunPlan
from ..runner import STOPS, play_all
from ..stage import Stage
from .ablation_cells import Cell
from .ablation_plan import AblationPlan
from .branch import Change, Fork, begin_branch, find_fork, plan_branch


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
class Outcome:
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
class Ablation:
    """Plays an experiment.

    Attributes:
        conversations: makes the player of trunks of one run plan.
        base: the plan of the trunks under the plan's own seed and pool.
        advance: called with the id of each thread that ended.
    """

    plan: AblationPlan
    base: RunPlan
    cells: Sequence[Cell]
    stage: Stage
    threads: Threads
    conversations: Callable[[RunPlan], Conversations]
    concurrency: int
    advance: Callable[[str], None] = lambda _: None

    async def play(self, trunks: Sequence[tuple[int, str]]) -> Outcome:
        """Play what is not done yet. After a stop, what was finished by then; the signal knows why.

        Raises:
            StoreError: nothing else could go on either.
        """
        outcome = Outcome(len(trunks) * len(self.cells) * self.plan.repetitions)
        grown: list[tuple[Thread, int, list[Cell]]] = []
        for run, seed, cells_, session_ids in self._groups(trunks):
            await self.threads.add_run(run.run_id, run.model_dump(mode="json"), self._source(run))
            player = self.conversations(run)
            async for thread in play_all(player, session_ids, concurrency=self.concurrency):
                self.advance(thread.thread_id)
                outcome.trunks.append(thread)
                if thread.status == "done":
                    grown.append((thread, seed, cells_))
        outcome.trials = await self._branch_out(grown)
        return outcome

    def _source(self, run: RunPlan) -> str:
        return self.conversations(run).preparation.catalog.source

    def _groups(
        self, trunks: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[RunPlan, int, list[Cell], list[str]]]:
        """(plan, seed, cells, sessions) for each run of trunks: one for each seed and each size of pool."""
        for pool_size in dict.fromkeys(cell.pool_size for cell in self.cells):
            own = [cell for cell in self.cells if cell.pool_size == pool_size]
            for seed in dict.fromkeys(seed for seed, _ in trunks):
                run = self.base.model_copy(
                    update={"seed": seed, "pool_size": pool_size or self.base.pool_size}
                )
                yield run, seed, own, [session for s, session in trunks if s == seed]

    async def _branch_out(self, grown: Sequence[tuple[Thread, int, list[Cell]]]) -> list[Trial]:
        room = asyncio.Semaphore(self.concurrency)
        tasks = [asyncio.create_task(self._trials(room, *trunk)) for trunk in grown]
        try:
            return [trial for trials in await asyncio.gather(*tasks) for trial in trials]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _trials(
        self, room: asyncio.Semaphore, trunk: Thread, seed: int, own: Sequence[Cell]
    ) -> list[Trial]:
        """All cells of one trunk. Cells that turn out the same conversation share one thread."""
        async with room:
            if self.stage.signal.stopped:
                return []
            fork = find_fork(self.stage, trunk, self.plan.turn, Agent(self.plan.agent))
        drawn = [(cell, draw) for draw in range(self.plan.repetitions) for cell in own]
        changes = [cell.change(self.plan, draw) for cell, draw in drawn]
        planned = [plan_branch(fork, change) for change in changes]
        distinct: dict[str, tuple[Change, Thread]] = {}
        for change, branch in zip(changes, planned, strict=True):
            distinct.setdefault(branch.thread_id, (change, branch))
        tasks = {
            name: asyncio.create_task(self._play(room, fork, change, branch))
            for name, (change, branch) in distinct.items()
        }
        try:
            ended = {name: await task for name, task in tasks.items()}
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        return [
            Trial(trunk.session_id, seed, draw, cell.levels, thread)
            for (cell, draw), branch in zip(drawn, planned, strict=True)
            if (thread := ended[branch.thread_id]) is not None
        ]

    async def _play(
        self, room: asyncio.Semaphore, fork: Fork, change: Change, branch: Thread
    ) -> Thread | None:
        """The branch as it ended; None when it was stopped."""
        async with room:
            if self.stage.signal.stopped:
                return None
            thread = await begin_branch(self.stage, self.threads, fork, change, branch)
            if thread.status != "done":
                try:
                    thread = await play_thread(self.stage, self.threads, thread)
                except STOPS:
                    return None
            self.advance(thread.thread_id)
            return thread

"""Replay: the graph run again from the ledger alone, each checkpoint compared with the stored one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from ...agents.asking import AnsweredCall, Calls
from ...checkpoints.store.ledger import StoredLedger
from ...checkpoints.store.threads import Thread, Threads
from ...checkpoints.store.timeline import Step, steps
from ...core.errors import LedgerMissError, Place, ReplayDifference
from ...core.hashing import digest_of
from ...models.request import AnswerFormat, Request
from ...state.values import Agent
from ...state.views import RecsysView, shortlist_of
from ..plan import RunPlan, load_config
from ..runtime import Runtime, thread_config
from .differences import diff_request, diff_state


class ReplaySaver(InMemorySaver):
    """Keeps the replayed line in memory, with plain numbers as versions, as the stored one has them."""

    def get_next_version(self, current: Any, channel: None) -> Any:
        return 1 if current is None else current + 1


@dataclass(frozen=True)
class Replayed:
    """What a replay proved.

    Attributes:
        checkpoints: compared and found equal.
        recorded_calls: answered by the ledger; every other way to a model was closed.
    """

    thread_id: str
    checkpoints: int
    recorded_calls: int


@dataclass
class ReplayCalls:
    """`Calls` that count what the ledger answers, and explain what it cannot."""

    calls: Calls
    ledger: StoredLedger
    records: Sequence[Mapping[str, Any]]
    answered: int = 0

    async def call(self, request: Request, *, place: Place, attempt: int) -> AnsweredCall:
        try:
            found = await self.calls.call(request, place=place, attempt=attempt)
        except LedgerMissError:
            raise self._explain(request, place, attempt) from None
        self.answered += 1
        return found

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat:
        return self.calls.answer_format(agent, turn)

    def _explain(self, request: Request, place: Place, attempt: int) -> ReplayDifference:
        asked = f"{place}: the replay asks what was never asked (attempt {attempt + 1})"
        for record in self.records:
            same = (record["turn"], record["agent"]) == (place.turn, place.agent)
            if same and attempt < len(record["calls"]):
                key = record["calls"][attempt]
                stored = self.ledger.read_request(key)
                if stored is not None:
                    row = self.ledger.rows(keys=[key])[0]
                    return ReplayDifference(asked, diff_request(stored, request, row))
        return ReplayDifference(asked, "the stored conversation has no such call")


@dataclass(frozen=True)
class RecordedShortlists:
    """`Shortlister` that finds what was found before. `after`: states of the thread, oldest first."""

    after: Sequence[Mapping[str, Any]]

    async def __call__(self, view: RecsysView, session_id: str) -> Mapping[str, dict[str, Any]]:
        for state in self.after:
            if ids := shortlist_of(state, view.turn):
                return {track_id: state["tracks"][track_id] for track_id in ids}
        raise ReplayDifference(f"the replay wants a shortlist for turn {view.turn}, and none was made", "")


@dataclass
class Replayer:
    """Replays threads of one store, answered for by its ledger alone."""

    runtime: Runtime
    ledger: StoredLedger
    plan_changes: Mapping[str, Any] = field(default_factory=dict)

    async def verify(self, thread: Thread) -> Replayed:
        """Re-execute the thread's whole line, its parents' part included.

        Raises:
            ReplayDifference: at the first checkpoint or call that differs.
        """
        line = list(steps(self.runtime.saver, thread.thread_id))
        checked = calls = 0
        for owner, part in segments(self.runtime.threads, thread, line):
            made = await self._replay(owner, part)
            checked, calls = checked + made.checkpoints, calls + made.recorded_calls
        return Replayed(thread.thread_id, checked, calls)

    async def _replay(self, owner: Thread, part: list[Step]) -> Replayed:
        """Play one segment from its first state and compare each further one."""
        plan, stream = load_config(owner.config)
        plan = RunPlan.model_validate({**plan.model_dump(mode="json"), **self.plan_changes})
        replaying = self.runtime.replaying(ReplaySaver())
        records = [step.record for step in part if step.record]
        calls = ReplayCalls(replaying.calls(plan, stream), self.ledger, records)
        start, rest = part[0], list(part[1:])
        while rest and rest[0].edited:
            start, rest = rest[0], rest[1:]
        if rest:
            await self._compare(replaying, plan, calls, stream, owner, start, rest)
        return Replayed(owner.thread_id, len(rest) + 1, calls.answered)

    async def _compare(
        self,
        replaying: Runtime,
        plan: RunPlan,
        calls: ReplayCalls,
        stream: str,
        owner: Thread,
        start: Step,
        rest: list[Step],
    ) -> None:
        graph = replaying.graph(plan)
        config = thread_config(owner.thread_id, plan.turns)
        context = replaying.context(owner.thread_id, plan, calls, stream, retries=owner.retries)
        context = replace(context, shortlister=RecordedShortlists([step.after for step in rest]))
        first: dict[str, Any] | None = dict(start.after)
        if "setup" in start.before:
            self._seed(replaying, owner.thread_id, start)
            first = None
        waiting = iter(rest)
        # The first state that the stream gives is the one it starts from.
        async for values in graph.astream(first, config, context=context, stream_mode="values"):
            if digest_of(values) == digest_of(dict(start.after)):
                continue
            step = next(waiting, None)
            if step is None:
                break
            if digest_of(values) != digest_of(dict(step.after)):
                place = f"conversation {owner.thread_id}, turn {step.turn}, agent {step.agent}"
                raise ReplayDifference(
                    f"{place}: the replayed checkpoint differs", diff_state(step.after, values)
                )
            start = step
            if step is rest[-1]:
                return
        left = next(waiting, None)
        if left is not None:
            raise ReplayDifference(
                f"conversation {owner.thread_id}: the replay ended before {left.agent} of turn {left.turn}",
                "",
            )

    def _seed(self, replaying: Runtime, thread_id: str, start: Step) -> None:
        """Begin where a branch began: put the stored checkpoint under the replay's own saver."""
        config: RunnableConfig = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
        at = {**config["configurable"], "checkpoint_id": start.checkpoint_id}
        found = self.runtime.saver.get_tuple({"configurable": at})
        if found is None:
            raise ReplayDifference(f"conversation {thread_id}: checkpoint {start.checkpoint_id} is gone", "")
        replaying.saver.put(config, found.checkpoint, found.metadata, found.checkpoint["channel_versions"])


def segments(threads: Threads, thread: Thread, line: list[Step]) -> list[tuple[Thread, list[Step]]]:
    """The line cut where one thread's settings end and the next one's begin, oldest first.

    Each part begins with the state that it goes on from, which ends the part before.
    """
    owners = [thread]
    while owners[0].parent is not None:
        owners.insert(0, threads.get(owners[0].parent))
    begins = next((i for i, step in enumerate(line) if "setup" in step.after), len(line))
    parts: list[tuple[Thread, list[Step]]] = []
    for owner, heir in zip(owners, [*owners[1:], None], strict=True):
        end = len(line)
        if heir is not None and heir.fork is not None:
            end = 1 + next(i for i, s in enumerate(line) if s.checkpoint_id == heir.fork["checkpoint"])
        parts.append((owner, line[begins:end]))
        begins = end - 1
    return parts

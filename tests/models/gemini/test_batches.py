"""Waves: who waits is sent together, each call is in one job, and a later process finds the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from segue.core.errors import ModelSetupError, TransientModelError
from segue.models.gemini.batches import Filed, Waves
from segue.models.gemini.resources import BatchJob, Item


class MemoryBatches:
    """A registry in memory."""

    def __init__(self) -> None:
        self.jobs: dict[str, tuple[str | None, list[str]]] = {}
        self.calls: dict[str, str] = {}
        self.states: dict[str, str] = {}

    async def find_batch(self, key: str) -> Filed | None:
        label = self.calls.get(key)
        return None if label is None else Filed(label, self.jobs[label][0])

    async def plan_batch(self, label: str, model: str, keys: Sequence[str]) -> None:
        self.jobs[label] = (None, list(keys))
        self.calls |= dict.fromkeys(keys, label)

    async def begin_batch(self, label: str, name: str) -> None:
        self.jobs[label] = (name, self.jobs[label][1])

    async def end_batch(self, label: str, state: str) -> None:
        self.states[label] = state

    async def batch_keys(self, label: str) -> Sequence[str]:
        return self.jobs[label][1]

    async def drop_calls(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.calls.pop(key, None)


class Office:
    """Answers every item with its own name after `polls` looks; `spoiled` items fail once."""

    def __init__(self, polls: int = 1, spoiled: Sequence[str] = ()) -> None:
        self.jobs: dict[str, list[str]] = {}
        self.labels: dict[str, str] = {}
        self.state = "JOB_STATE_SUCCEEDED"
        self.refuse: Exception | None = None
        self.polls, self.spoiled = polls, set(spoiled)
        self.looks = 0
        self.looked = asyncio.Event()

    async def create_batch(self, items: Sequence[Any], label: str) -> str:
        if self.refuse is not None:
            raise self.refuse
        name = f"batches/{len(self.jobs)}"
        self.jobs[name], self.labels[label] = list(items), name
        return name

    async def batch(self, name: str, keys: Sequence[str]) -> BatchJob:
        self.looks += 1
        self.looked.set()
        if self.looks < self.polls:
            return BatchJob(name, "JOB_STATE_RUNNING", {})
        if self.state != "JOB_STATE_SUCCEEDED":
            return BatchJob(name, self.state, {})
        answers = {key: self._item(item) for key, item in zip(keys, self.jobs[name], strict=True)}
        self.spoiled -= set(self.jobs[name])
        return BatchJob(name, self.state, answers)

    async def find_batch(self, label: str) -> str | None:
        return self.labels.get(label)

    def _item(self, item: str) -> Item:
        if item in self.spoiled:
            return Item(None, "13: an internal error")
        return Item(AIMessage(f"answer to {item}"))


def waves(registry: MemoryBatches, **changes: Any) -> Waves:
    return Waves(
        registry, **{"quiet_s": 0.05, "settle_s": 0.01, "poll_s": 0.01, "poll_cap_s": 0.02, **changes}
    )


async def ask(shared: Waves, office: Office, name: str, model: str = "m", size: int = 10) -> str:
    answer = await shared.ask(f"key {name}", model, name, size, office)
    return str(answer.text)


async def test_those_who_wait_go_together() -> None:
    office, registry = Office(polls=3), MemoryBatches()
    shared = waves(registry)
    said = await asyncio.gather(*(ask(shared, office, str(n)) for n in range(12)))
    assert said == [f"answer to {n}" for n in range(12)]
    assert [len(items) for items in office.jobs.values()] == [12]
    assert list(registry.states.values()) == ["JOB_STATE_SUCCEEDED"]
    await shared.aclose()


async def test_a_wave_does_not_wait_for_quiet_when_every_conversation_waits() -> None:
    office, shared = Office(), waves(MemoryBatches(), quiet_s=3600, playing=3)
    async with asyncio.timeout(10):
        await asyncio.gather(*(ask(shared, office, str(n)) for n in range(3)))
    await shared.aclose()


async def test_jobs_keep_to_the_limits_and_to_one_model() -> None:
    office, shared = Office(), waves(MemoryBatches(), most_items=5, most_bytes=100)
    small = [ask(shared, office, f"s{n}") for n in range(8)]
    large = [ask(shared, office, f"l{n}", size=60) for n in range(3)]
    other = [ask(shared, office, "o", model="other")]
    await asyncio.gather(*small, *large, *other)
    assert all(len(items) <= 5 for items in office.jobs.values())
    assert sum(len(items) for items in office.jobs.values()) == 12
    assert ["o"] in office.jobs.values()
    await shared.aclose()


async def test_a_failed_item_goes_with_a_later_wave() -> None:
    office, registry = Office(spoiled=["1"]), MemoryBatches()
    shared = waves(registry)
    first = await asyncio.gather(*(ask(shared, office, str(n)) for n in range(3)), return_exceptions=True)
    assert isinstance(first[1], TransientModelError) and first[0] == "answer to 0"
    assert await ask(shared, office, "1") == "answer to 1"
    assert list(office.jobs.values()) == [["0", "1", "2"], ["1"]]
    await shared.aclose()


@pytest.mark.parametrize("state", ["JOB_STATE_EXPIRED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"])
async def test_a_lost_job_is_asked_anew(state: str) -> None:
    office, registry = Office(), MemoryBatches()
    shared, office.state = waves(registry), state
    lost = await asyncio.gather(*(ask(shared, office, str(n)) for n in range(2)), return_exceptions=True)
    assert all(isinstance(error, TransientModelError) and state in str(error) for error in lost)
    office.state = "JOB_STATE_SUCCEEDED"
    assert await ask(shared, office, "0") == "answer to 0" and len(office.jobs) == 2
    await shared.aclose()


async def test_a_later_process_takes_up_the_job() -> None:
    office, registry = Office(polls=10_000), MemoryBatches()
    first = waves(registry)
    waiting = [asyncio.create_task(ask(first, office, str(n))) for n in range(3)]
    await office.looked.wait()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await first.aclose()
    office.polls = 1
    second = waves(registry)
    assert await asyncio.gather(*(ask(second, office, str(n)) for n in range(3))) == [
        f"answer to {n}" for n in range(3)
    ]
    assert len(office.jobs) == 1 and second.counts["resumed"] == 3
    await second.aclose()


@pytest.mark.parametrize("begun", [True, False])
async def test_a_job_whose_name_nobody_noted_is_looked_for(begun: bool) -> None:
    """The process died between the provider's answer and the note, or before the request was sent."""
    office, registry = Office(), MemoryBatches()
    await registry.plan_batch("segue lost", "m", ["key 0", "key 1"])
    if begun:
        await office.create_batch(["0", "1"], "segue lost")
    shared = waves(registry)
    assert await asyncio.gather(*(ask(shared, office, str(n)) for n in range(2))) == [
        "answer to 0",
        "answer to 1",
    ]
    assert len(office.jobs) == 1, "nothing is paid twice"
    await shared.aclose()


async def test_a_refused_job_fails_its_calls_and_leaves_nothing_behind() -> None:
    office, registry = Office(), MemoryBatches()
    shared, office.refuse = waves(registry), ModelSetupError("400: too large")
    failed = await asyncio.gather(*(ask(shared, office, str(n)) for n in range(2)), return_exceptions=True)
    assert all(isinstance(error, ModelSetupError) for error in failed) and not registry.calls
    await shared.aclose()

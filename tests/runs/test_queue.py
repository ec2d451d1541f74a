"""The queue: bounded, in order, stopped together, and nothing that another command is doing done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

import pytest
from segue.core.errors import BudgetError, Interrupted, QuotaError
from segue.core.stopping import StopSignal
from segue.runs.events import Silent
from segue.runs.queue import ELSEWHERE, HELD_PER_SLOT, Dispatcher, Elsewhere, Job, JobQueue

NAMES = [f"s{number}" for number in range(12)]


def jobs(names: list[str]) -> Iterator[Job]:
    return (Job("trunk", name, None) for name in names)


@dataclass
class Timed:
    """Workers whose jobs take as many turns of the event loop as `length` says, and that count them."""

    length: Callable[[str], int] = lambda name: 1
    ending: Callable[[str], Exception | None] = lambda name: None
    elsewhere: dict[str, int] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    running: int = 0
    peak: int = 0

    async def perform(self, job: Job) -> str | Elsewhere:
        self.begun.append(job.key)
        self.shared += [job.key] if job.shared else []
        if self.elsewhere.get(job.key, 0):
            self.elsewhere[job.key] -= 1
            return ELSEWHERE
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            for _ in range(self.length(job.key)):
                await asyncio.sleep(0)
            error = self.ending(job.key)
            if error is not None:
                raise error
            return f"result of {job.key}"
        finally:
            self.running -= 1


@dataclass
class Heard(Silent):
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)


def dispatcher(timed: Timed, names: list[str] = NAMES, *, concurrency: int = 3, **more: Any) -> Dispatcher:
    return Dispatcher(JobQueue(jobs(names)), timed, StopSignal(), Heard(), concurrency, **more)


async def keys(dispatching: Dispatcher) -> list[str]:
    found = []
    async for job, result in dispatching.results():
        assert result == f"result of {job.key}"
        found.append(job.key)
    return found


@pytest.mark.parametrize("concurrency", [1, 3, 50])
async def test_results_come_in_order_whatever_ends_first(concurrency: int) -> None:
    timed = Timed(length=lambda name: 40 - 3 * int(name[1:]))
    assert await keys(dispatcher(timed, concurrency=concurrency)) == NAMES
    assert timed.peak == min(concurrency, len(NAMES))


async def test_or_as_they_end_where_order_is_of_no_use() -> None:
    timed = Timed(length=lambda name: 40 - 3 * int(name[1:]))
    found = await keys(dispatcher(timed, concurrency=12, ordered=False))
    assert found == NAMES[::-1]


async def test_nothing_to_do_is_no_error() -> None:
    assert await keys(dispatcher(Timed(), [])) == []


async def test_each_is_begun_when_a_place_is_free() -> None:
    timed = Timed(length=lambda name: 2)
    results = dispatcher(timed, concurrency=2).results()
    assert (await anext(results))[0].key == "s0"
    assert len(timed.begun) <= 4, "jobs are not begun before their time"
    await results.aclose()
    assert timed.running == 0, "what was running is ended with the reader"


@pytest.mark.parametrize("error", [Interrupted("stopped"), QuotaError("used up"), BudgetError("spent")])
async def test_a_stop_begins_nothing_new_and_gives_what_was_finished(error: Exception) -> None:
    timed = Timed(ending=lambda name: error if name == "s4" else None)
    dispatching = dispatcher(timed, concurrency=2)
    done = await keys(dispatching)
    assert set(timed.begun) <= set(NAMES[:7]) and "s4" not in done
    assert {"s0", "s1", "s2", "s3"} <= set(done)
    assert dispatching.signal.stopped
    assert dispatching.signal.reason is (None if isinstance(error, Interrupted) else error)


async def test_any_other_error_is_raised_and_the_rest_ended() -> None:
    timed = Timed(
        length=lambda name: 9 * int(name[1:]), ending=lambda name: OSError("gone") if name == "s1" else None
    )
    with pytest.raises(OSError, match="gone"):
        await keys(dispatcher(timed))
    assert timed.running == 0


async def test_a_slow_job_holds_up_no_more_than_may_wait_behind_it() -> None:
    names = [f"s{number}" for number in range(400)]
    most, given = 0, list[str]()
    timed = Timed(length=lambda name: 2000 if name == "s0" else 1)
    async for job, _ in dispatcher(timed, names).results():
        given.append(job.key)
        most = max(most, len(timed.begun) - len(given))
    assert given == names
    assert most <= HELD_PER_SLOT * 3 + 2 * 3


async def test_what_follows_from_a_job_is_done_before_the_next_one_begins() -> None:
    timed = Timed()
    dispatching = dispatcher(timed, ["a", "b"], concurrency=1)
    found = []
    async for job, _ in dispatching.results():
        found.append(job.key)
        if len(job.key) == 1:
            dispatching.queue.enlist(jobs([f"{job.key}1", f"{job.key}2"]))
    assert found == ["a", "a1", "a2", "b", "b1", "b2"]


async def test_what_another_command_does_is_waited_for_and_keeps_its_place() -> None:
    timed = Timed(elsewhere={"s0": 2, "s5": 1})
    dispatching = dispatcher(timed, ordered=True)
    assert await keys(dispatching) == NAMES
    assert set(timed.shared) == {"s0", "s5"}, "asked again as what another was at"
    assert isinstance(dispatching.events, Heard)
    assert dispatching.events.said == ["another command is at 2 of these; waiting for it"]


async def test_after_a_stop_nobody_waits_for_another_command() -> None:
    timed = Timed(elsewhere={"s0": 10**6})
    dispatching = dispatcher(timed)
    dispatching.signal.stop()
    assert await keys(dispatching) == []
    dispatching = dispatcher(timed, ["s0", "s1"])
    asyncio.get_running_loop().call_later(0.1, dispatching.signal.stop)
    assert await keys(dispatching) == ["s1"], "it was done here, though it comes after what another has"


async def test_of_ten_thousand_jobs_only_those_under_way_are_in_memory() -> None:
    alive: WeakSet[Job] = WeakSet()
    most = given = 0

    def made() -> Iterator[Job]:
        for number in range(10_000):
            job = Job("trunk", f"s{number}", number)
            alive.add(job)
            yield job

    timed = Timed(length=lambda name: 40 if name.endswith("00") else 1)
    dispatching = Dispatcher(JobQueue(made()), timed, StopSignal(), Silent(), 8)
    async for _ in dispatching.results():
        given += 1
        most = max(most, len(alive))
    assert given == 10_000 and most <= HELD_PER_SLOT * 8 + 2 * 8

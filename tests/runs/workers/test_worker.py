"""Workers of a crew, in one event loop with their control: the whole of the distributed runner but Ray."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from segue.checkpoints.store.leases import Leases
from segue.checkpoints.store.run_sessions import RunSession, RunSessions
from segue.core.errors import BudgetError
from segue.models.budget import CappedBudget, Reservation
from segue.models.limits import Limits
from segue.runs.stopping import StopSignal
from segue.runs.workers.coordinator import Coordinator, DirectLine, SharedBudget, SharedRateLimits, Stop
from segue.runs.workers.worker import Worker
from support.staging import Staged, session, staged

TURNS = 1


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


async def crew_leases(made: Staged, numbers: Sequence[int], *, seconds: float = 30.0) -> Leases:
    plan = made.plan(turns=TURNS)
    sessions = [session(number) for number in numbers]
    await RunSessions(made.store).cover(plan.run_id, [RunSession(s, plan.thread_id(s)) for s in sessions])
    leases = Leases(made.store, plan.run_id, "crew", seconds=seconds)
    await leases.enlist(sessions)
    return leases


def worker(made: Staged, name: str, leases: Leases, line: DirectLine, width: int = 2) -> Worker:
    made.stage.limits = SharedRateLimits(line, name)
    return Worker(name, made.conversations(turns=TURNS), leases, line, width)


async def test_two_workers_share_the_sessions_and_every_one_is_told_of(tmp_path: Path) -> None:
    control = Coordinator(Limits(8), None)
    with staged(url_of(tmp_path), tmp_path) as one, staged(url_of(tmp_path), tmp_path) as two:
        leases = await crew_leases(one, range(6))
        line = DirectLine(control)
        workers = [worker(one, "a", leases, line), worker(two, "b", leases, line)]
        counts = await asyncio.gather(*(each.work() for each in workers))
        finished = await control.drain()
        assert sum(counts) == 6 and all(counts)
        assert {f.session_id for f in finished} == {session(number) for number in range(6)}
        assert {one.threads.get(f.thread_id).status for f in finished} == {"done"}


async def test_what_a_dead_worker_had_claimed_is_played_by_another(tmp_path: Path) -> None:
    control = Coordinator(Limits(8), None)
    with staged(url_of(tmp_path), tmp_path) as made:
        leases = await crew_leases(made, range(3), seconds=0.5)
        await leases.claim("dead", 2)
        assert await worker(made, "alive", leases, DirectLine(control)).work() == 3


async def test_a_worker_whose_leases_ran_out_gives_up_what_is_another_s(tmp_path: Path) -> None:
    control = Coordinator(Limits(8), None)
    with staged(url_of(tmp_path), tmp_path) as made, staged(url_of(tmp_path), tmp_path) as other:
        leases = await crew_leases(made, [0], seconds=0.4)
        slow = worker(made, "slow", leases, DirectLine(control))
        blocked = asyncio.Event()
        made.stage.limits = NeverFree(blocked)
        working = asyncio.create_task(slow.work())
        await blocked.wait()
        stolen = Leases(other.store, leases.run_id, "thief", seconds=30)
        while not await stolen.enlist([session(0)]):
            slow.leases.seconds = 0.0001  # its renewals come too late from now on
            await asyncio.sleep(0.05)
        assert await asyncio.wait_for(working, 10) == 0
        assert (await stolen.claim("next", 1)).sessions == (session(0),)


class NeverFree:
    """Limits under which no call ever starts."""

    def __init__(self, asked: asyncio.Event) -> None:
        self.asked = asked

    def of(self, provider: str) -> NeverFree:
        return self

    def slot(self, tokens: int = 0) -> NeverFree:
        return self

    async def __aenter__(self) -> None:
        self.asked.set()
        await asyncio.Event().wait()

    async def __aexit__(self, *error: object) -> None:
        return None

    def crowded(self, slot: object, retry_after: float | None = None) -> None:
        raise AssertionError("no call was made")

    def answered(self, slot: object, tokens: int | None = None) -> None:
        raise AssertionError("no call was made")


async def test_a_stop_told_to_the_control_reaches_a_worker_that_waits(tmp_path: Path) -> None:
    control = Coordinator(Limits(8), None)
    with staged(url_of(tmp_path), tmp_path) as made:
        leases = await crew_leases(made, [0])
        assert (await leases.claim("another", 1)).outstanding
        hasty = Leases(made.store, leases.run_id, leases.crew, seconds=0.2)
        working = asyncio.create_task(worker(made, "waits", hasty, DirectLine(control)).work())
        await control.stop(Stop.of(BudgetError("the cap is reached", hint="raise it")))
        await control.stop(Stop.of(None))
        assert await asyncio.wait_for(working, 10) == 0
        assert isinstance(made.stage.signal.reason, BudgetError), "the first reason stays"


async def test_places_are_shared_and_come_back(tmp_path: Path) -> None:
    limits = Limits(2)
    line = DirectLine(Coordinator(limits, None))
    one, two = (SharedRateLimits(line, name).of("offline") for name in "ab")
    async with one.slot(), two.slot():
        waiting = asyncio.create_task(one.slot().__aenter__())
        await asyncio.sleep(0.01)
        assert limits.running == 2 and not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert limits.running == 0, "also the place of the one that gave up waiting"


async def test_a_lost_worker_s_places_are_free_and_its_money_counts_as_spent() -> None:
    limits, budget = Limits(1), CappedBudget(1.0)
    control = Coordinator(limits, budget)
    await control.enter("lost", "place", "offline", 0)
    assert isinstance(await control.reserve("lost", 0.4), Reservation)
    await control.forget("lost")
    assert limits.running == 0 and budget.paid == pytest.approx(0.4) and budget.reserved == 0


async def test_one_cap_holds_for_all_workers() -> None:
    control = Coordinator(Limits(8), CappedBudget(1.0))
    purses = [SharedBudget(DirectLine(control), name) for name in "ab"]
    for budget in purses:
        await budget.settle(await budget.reserve(0.5), 0.45)
    with pytest.raises(BudgetError, match="cap of"):
        await purses[0].reserve(0.2)
    assert await control.money() == {"paid": pytest.approx(0.9), "cap": 1.0}


def test_the_signal_takes_the_reason_over() -> None:
    signal = StopSignal()
    stop = Stop.of(BudgetError("the cap is reached", hint="raise it"))
    signal.stop(stop.error())
    assert isinstance(signal.reason, BudgetError) and signal.reason.hint == "raise it"
    assert Stop.of(None).error() is None

"""Worker processes and their lines: what is asked is answered, who is lost is replaced, nobody is left over."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.leases import Leases
from segue.checkpoints.store.run_sessions import RunSession, RunSessions
from segue.core.errors import BudgetError, ModelSetupError, SegueError, WorkersLostError
from segue.models.budget import CappedBudget
from segue.models.limits import Limits
from segue.runs.stopping import StopSignal
from segue.runs.workers.coordinator import Coordinator, Finished, SharedBudget, SharedRateLimits, Stop
from segue.runs.workers.pool import Terms, play_shift
from segue.runs.workers.process_worker import SocketLine
from segue.runs.workers.processes import Desk, ProcessSite
from segue.runs.workers.transport import Frames
from support.labour import Opening


@asynccontextmanager
async def connected(control: Coordinator) -> AsyncIterator[tuple[SocketLine, Desk]]:
    """A line and the desk at its other end, both in this process."""
    ours, theirs = socket.socketpair()
    desk = Desk(control)
    desk.frames = await Frames.open(ours, desk.heard)
    line = await SocketLine.open(theirs)
    try:
        yield line, desk
    finally:
        await desk.close()
        await line.closed


async def test_answers_find_their_askers_while_others_wait() -> None:
    limits = Limits(1)
    async with connected(Coordinator(limits, CappedBudget(1e6))) as (line, _):
        pace, budget = SharedRateLimits(line, "w").of("offline"), SharedBudget(line, "w")
        async with pace.slot():
            waiting = asyncio.create_task(pace.slot().__aenter__())
            tickets = await asyncio.gather(*(budget.reserve(float(n)) for n in range(200)))
            assert [ticket.amount for ticket in tickets] == [float(n) for n in range(200)]
            assert not waiting.done()
        await waiting
        assert limits.running == 1


async def test_what_is_told_arrives_in_order_and_whole() -> None:
    control = Coordinator(Limits(1), None)
    async with connected(control) as (line, _):
        long = [Finished(f"{n} " + "x" * 50_000, "") for n in range(40)]
        for finished in long:
            line.tell("finish", finished)
        assert await line.call("drain") == long


async def test_an_error_of_the_control_is_its_asker_s() -> None:
    async with connected(Coordinator(Limits(1), CappedBudget(1.0))) as (line, _):
        with pytest.raises(KeyError):
            await line.call("settle", 99, 0.1)
        with pytest.raises(BudgetError, match="cap of"):
            await SharedBudget(line, "w").reserve(2.0)


async def test_who_asks_a_control_that_is_gone_is_cancelled_and_its_wait_gives_no_place_away() -> None:
    limits = Limits(1)
    control = Coordinator(limits, None)
    async with connected(control) as (line, desk):
        await line.call("enter", "w", "place", "offline", 0)
        waiting = asyncio.ensure_future(line.call("enter", "w", "second", "offline", 0))
        await line.call("stopped")
        await desk.close()
        await control.forget("w")
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with pytest.raises(asyncio.CancelledError):
            await line.call("stopped")
        line.tell("leave", "place")
    assert limits.running == 0


async def test_a_place_that_comes_too_late_for_a_lost_worker_is_free() -> None:
    limits, budget = Limits(1), CappedBudget(1.0)
    control = Coordinator(limits, budget)
    await control.enter("alive", "first", "offline", 0)
    await control.reserve("alive", 0.8)
    late = [
        asyncio.ensure_future(control.enter("lost", "second", "offline", 0)),
        asyncio.ensure_future(control.reserve("lost", 0.8)),
    ]
    await asyncio.sleep(0)
    await control.forget("lost")
    await control.forget("alive")
    await asyncio.gather(*late[:1])
    assert limits.running == 0
    stop = await late[1]
    assert isinstance(stop, Stop) and budget.reserved == 0.0


@dataclass
class Yard:
    """A shift of labourers on a store with some sessions."""

    store: Store
    leases: Leases
    url: str
    limits: Limits = field(default_factory=lambda: Limits(1))
    signal: StopSignal = field(default_factory=StopSignal)
    said: list[str] = field(default_factory=list)

    async def shift(self, task: str, terms: Terms) -> AsyncIterator[Finished]:
        site = ProcessSite(Coordinator(self.limits, None), Opening(self.url, self.leases.crew, task))
        playing = play_shift(site, terms, self.leases, self.signal, self.said.append)
        async with aclosing(playing) as ended:
            async for finished in ended:
                yield finished

    async def play(self, task: str, terms: Terms) -> list[Finished]:
        return [finished async for finished in self.shift(task, terms)]


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with Store.open(url) as store:
        entries = [RunSession(f"session {number}", f"thread {number}") for number in range(4)]
        await RunSessions(store).cover("run", entries)
        leases = Leases(store, "run", "crew")
        await leases.enlist([entry.session_id for entry in entries])
        yield Yard(store, leases, url)


async def test_a_lost_worker_is_replaced_and_what_it_held_is_free_at_once(
    yard: Yard, capfd: pytest.CaptureFixture[str]
) -> None:
    finished = await asyncio.wait_for(yard.play("settle", Terms(1)), yard.leases.seconds)
    assert {each.session_id for each in finished} == {f"session {number}" for number in range(4)}
    (said,) = yard.said
    assert said.startswith("worker w0 was lost; another takes over") and "SIGKILL" in said
    assert yard.limits.running == 0
    assert capfd.readouterr() == ("", "no data\n" * 2), "what workers print is no data"


async def test_workers_lost_again_and_again_end_the_run(yard: Yard) -> None:
    with pytest.raises(WorkersLostError, match="2 workers were lost") as caught:
        await yard.play("exit", Terms(1, losses=1))
    assert "ended with code 7" in str(caught.value) and caught.value.hint


async def test_a_stop_reaches_workers_that_only_wait(yard: Yard) -> None:
    heard = []
    async for finished in yard.shift("heed", Terms(2)):
        heard.append(finished)
        if len(heard) == 2:
            yard.signal.stop(BudgetError("the cap is reached"))
    assert [finished.session_id for finished in heard[2:]] == ["the cap is reached"] * 2


async def test_a_worker_that_is_lost_after_the_stop_is_not_replaced(yard: Yard) -> None:
    yard.signal.stop()
    site = ProcessSite(Coordinator(yard.limits, None), Opening(yard.url, "crew", "die"))
    await site.control.stop(Stop.of(None))
    assert [f async for f in play_shift(site, Terms(1), yard.leases, yard.signal, yard.said.append)] == []
    (said,) = yard.said
    assert "worker w0 was lost" in said and "another" not in said


async def test_a_worker_s_error_is_the_run_s(yard: Yard) -> None:
    with pytest.raises(ModelSetupError, match="no key for the model") as caught:
        await yard.play("refuse", Terms(1))
    assert (caught.value.hint, caught.value.exit_code) == ("export KEY=...", 2)


async def test_a_defect_comes_with_the_worker_s_trace(yard: Yard) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        await yard.play("stumble", Terms(1))
    assert not isinstance(caught.value, SegueError)
    assert "labour.py" in caught.value.__notes__[0]


async def test_nobody_is_left_when_the_command_is_stopped_at_once(yard: Yard) -> None:
    there: asyncio.Queue[Finished] = asyncio.Queue()

    async def play() -> None:
        async for finished in yard.shift("hang", Terms(1)):
            there.put_nowait(finished)

    playing = asyncio.create_task(play())
    process = int((await there.get()).session_id)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert await Leases(yard.store, "run", "next").enlist(["session 0"]) == 1, "what it had claimed is free"

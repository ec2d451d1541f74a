"""Pools of worker processes: jobs are spread, who is lost is replaced, nobody is left over."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.leases import Leases
from segue.core.errors import BudgetError, Interrupted, ModelSetupError, SegueError, WorkersLostError
from segue.core.stopping import StopSignal
from segue.models.costs.budget import UnlimitedBudget
from segue.models.limits import Limits
from segue.runs.events import Silent
from segue.runs.queue import Job
from segue.runs.workers.coordinator import Coordinator
from segue.runs.workers.pool import Pool
from segue.runs.workers.processes import ProcessEngine
from support.runs.small_workers import Opening


@dataclass
class Heard(Silent):
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)


@dataclass
class Pools:
    """Pools of small workers on a store."""

    folder: Path
    limits: Limits = field(default_factory=lambda: Limits(4))
    signal: StopSignal = field(default_factory=StopSignal)
    events: Heard = field(default_factory=Heard)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    @asynccontextmanager
    async def pool(self, size: int, *, losses: int = 10) -> AsyncIterator[Pool]:
        engine = ProcessEngine(Coordinator(self.limits, UnlimitedBudget()), Opening(self.url, self.folder))
        async with Pool(engine, size, self.signal, self.events, losses=losses) as pool:
            yield pool

    async def wait_for(self, name: str) -> str:
        """What the job of that name wrote."""
        end = time.monotonic() + 60
        while not (self.folder / name).exists() and time.monotonic() < end:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.05)
        return (self.folder / name).read_text()


def job(key: str, payload: str) -> Job:
    return Job("trunk", key, payload)


@pytest.fixture
def pools(tmp_path: Path) -> Pools:
    Store.open(f"sqlite:///{tmp_path / 'store.db'}").close()
    return Pools(tmp_path)


async def test_jobs_are_spread_and_what_workers_print_is_no_data(
    pools: Pools, capfd: pytest.CaptureFixture[str]
) -> None:
    async with pools.pool(2) as pool:
        processes = await asyncio.gather(*(pool.perform(job(f"j{n}", "say")) for n in range(6)))
    assert len(set(processes)) == 2 and os.getpid() not in processes
    assert capfd.readouterr() == ("", "no data\n" * 6)
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


async def test_a_lost_worker_is_replaced_and_what_it_held_is_free(pools: Pools) -> None:
    async with pools.pool(1) as pool:
        assert await pool.perform(job("j", "die_once")) == "done"
    assert pools.events.said[0].startswith("worker w0 was lost; another takes over")
    assert "SIGKILL" in pools.events.said[0]
    assert pools.limits.running == 1, (
        "what the living one entered and never left; the dead one's slot is free"
    )


async def test_workers_lost_again_and_again_end_the_run(pools: Pools) -> None:
    async with pools.pool(1, losses=1) as pool:
        with pytest.raises(WorkersLostError, match="2 workers were lost") as caught:
            await pool.perform(job("j", "exit"))
    assert "ended with code 7" in str(caught.value) and caught.value.hint


async def test_a_stop_reaches_workers_in_their_jobs_and_who_is_lost_then_is_not_replaced(
    pools: Pools,
) -> None:
    async with pools.pool(2) as pool:
        heeding = [asyncio.create_task(pool.perform(job(f"h{n}", "heed"))) for n in range(2)]
        await pools.wait_for("h0")
        await pools.wait_for("h1")
        pools.signal.stop(BudgetError("the cap is reached"))
        assert await asyncio.gather(*heeding) == ["the cap is reached"] * 2
        with pytest.raises(Interrupted):
            await pool.perform(job("j", "die"))
    [said] = pools.events.said
    assert "was lost" in said and "another" not in said


async def test_a_worker_s_error_is_the_run_s_and_a_defect_comes_with_its_trace(pools: Pools) -> None:
    async with pools.pool(1) as pool:
        with pytest.raises(ModelSetupError, match="no key for the model") as caught:
            await pool.perform(job("j", "refuse"))
        assert (caught.value.hint, caught.value.exit_code) == ("export KEY=...", 2)
        with pytest.raises(ZeroDivisionError) as defect:
            await pool.perform(job("j", "stumble"))
    assert not isinstance(defect.value, SegueError)
    assert "small_workers.py" in defect.value.__notes__[0]


async def test_nobody_is_left_when_the_command_is_stopped_at_once(pools: Pools) -> None:
    async with pools.pool(1) as pool:
        hanging = asyncio.create_task(pool.perform(job("j", "hang")))
        process = int(await pools.wait_for("j"))
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with Store.open(pools.url) as store:
        assert await Leases(store).claim("trunk", "j"), "what it had claimed is free"

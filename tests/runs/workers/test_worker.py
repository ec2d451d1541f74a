"""Workers on real conversations: leases held while they are played, and what another has left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints.store.leases import Leases
from segue.checkpoints.store.threads import Thread
from segue.core.errors import StoreError
from segue.models.costs.budget import UnlimitedBudget
from segue.models.limits import Limits
from segue.runs.jobs import ConversationJobs, trunks
from segue.runs.plan import SessionRepeat
from segue.runs.queue import ELSEWHERE, Dispatcher, Job, JobQueue
from segue.runs.workers.worker import Worker
from support.runs.staging import Staged, catalog, session, staged

TURNS = 1


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Staged, Staged]]:
    """Two commands on one store."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with staged(url, tmp_path) as one, staged(url, tmp_path) as other:
        yield one, other


def jobs(made: Staged, numbers: Sequence[int]) -> list[Job]:
    return list(trunks(made.plan(turns=TURNS), [SessionRepeat(session(number)) for number in numbers]))


def worker(made: Staged, *, seconds: float = 30.0) -> Worker:
    handler = ConversationJobs(made.runtime, catalog())
    return Worker(handler, Leases(made.store, seconds=seconds), made.runtime.signal)


async def played(made: Staged, numbers: Sequence[int]) -> list[Thread]:
    async with worker(made) as working:
        runtime = made.runtime
        queue = JobQueue(jobs(made, numbers))
        dispatcher = Dispatcher(queue, working, runtime.signal, runtime.events, concurrency=2)
        async with aclosing(dispatcher.results()) as results:
            return [thread async for _, thread in results]


@pytest.mark.slow
async def test_two_commands_share_the_work_and_have_the_same_results(two: tuple[Staged, Staged]) -> None:
    one, other = two
    asked: list[str] = []
    for made in two:
        made.change(limits=Counting(asked))
    found, same = await asyncio.gather(played(one, range(6)), played(other, range(6)))
    assert [thread.session_id for thread in found] == [session(number) for number in range(6)]
    assert [t.thread_id for t in same] == [t.thread_id for t in found]
    assert {t.status for t in (*found, *same)} == {"done"}
    calls = len(one.ledger.rows(thread_ids=[t.thread_id for t in found]))
    assert len(asked) == calls, "no call was made twice"


class Counting(Limits):
    """Limits that note each call."""

    def __init__(self, asked: list[str]) -> None:
        super().__init__(8)
        self.asked = asked

    def slot(self, tokens: int = 0) -> Any:
        self.asked.append("")
        return super().slot(tokens)


async def test_what_another_holds_is_left_to_it_and_then_taken_as_it_left_it(
    two: tuple[Staged, Staged],
) -> None:
    one, other = two
    [job] = jobs(one, [0])
    far = Leases(other.store)
    assert await far.claim(job.kind, job.key)
    async with worker(one) as working:
        assert await working.perform(job) is ELSEWHERE
        failed = Thread(job.key, "run", session(0), {}, status="failed", error={"message": "no"})
        await other.threads.put(failed)
        await far.release(job.kind, job.key)
        found = await working.perform(replace(job, shared=True))
        assert (found.status, found.error) == ("failed", {"message": "no"})
        assert (await working.perform(job)).status == "done", "who begins now tries a failed one again"


async def test_what_is_wanted_twice_is_done_once(two: tuple[Staged, Staged]) -> None:
    one, _ = two
    asked: list[str] = []
    one.change(limits=Counting(asked))
    first, second = await played(one, [0, 0])
    assert first.thread_id == second.thread_id and second.status == "done"
    assert len(asked) == len(one.ledger.rows(thread_ids=[first.thread_id]))


async def test_a_worker_whose_lease_was_lost_gives_the_job_up(two: tuple[Staged, Staged]) -> None:
    one, other = two
    [job] = jobs(one, [0])
    blocked = asyncio.Event()
    one.change(limits=NeverFree(blocked))
    async with worker(one, seconds=0.4) as slow:
        working = asyncio.create_task(slow.perform(job))
        await blocked.wait()
        slow.leases.seconds = 0.0001  # its renewals come too late from now on
        thief = Leases(other.store, seconds=30)
        while not await thief.claim(job.kind, job.key):  # noqa: ASYNC110 - until the lease has run out
            await asyncio.sleep(0.05)
        slow.leases.seconds = 0.2
        assert await asyncio.wait_for(working, 10) is ELSEWHERE
        assert await thief.renew() == {(job.kind, job.key)}


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


async def test_a_store_that_fails_is_no_failed_conversation(two: tuple[Staged, Staged]) -> None:
    one, _ = two
    [job] = jobs(one, [0])
    async with worker(one) as working:
        one.store.close()
        with pytest.raises(StoreError, match="closed"):
            await working.perform(job)


async def test_the_runtime_of_a_process_is_shared_by_all_its_jobs(tmp_path: Path) -> None:
    """Prompts and graphs are made once, and the unlimited budget counts what is paid."""
    with staged(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as made:
        first, second = await played(made, [0, 1])
        plan = made.plan(turns=TURNS)
        assert made.runtime.prompts(plan) is made.runtime.prompts(made.plan(turns=TURNS, seed=9))
        assert made.runtime.graph(plan) is made.runtime.graph(made.plan(turns=TURNS, seed=9))
        assert isinstance(made.runtime.meter.budget, UnlimitedBudget)
        assert first.thread_id != second.thread_id

"""Leases: nobody does what another is at work on, and nothing that was lost stays lost."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from subprocess import PIPE

import pytest
import sqlalchemy as sa
from segue.checkpoints import Store
from segue.checkpoints.store.leases import Leases
from segue.checkpoints.store.schema import LEASES

SHORT_S = 0.2


def test_a_lease_lasts(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store, pytest.raises(ValueError, match="longer than 0 s"):
        Leases(store, seconds=0)


async def test_each_job_is_claimed_once_by_holders_at_the_same_time(store_url: str) -> None:
    with Store.open(store_url) as store, Store.open(store_url) as other:
        holders = [Leases(where) for _ in range(5) for where in (store, other)]
        jobs = [f"job {number}" for number in range(8)]
        claims = await asyncio.gather(*(each.claim("trunk", job) for job in jobs for each in holders))
        assert sum(claims) == len(jobs)
        assert not await Leases(other).claim("trunk", "job 0")
        assert await Leases(other).claim("branch", "job 0"), "of another kind"


async def test_a_lease_that_ran_out_goes_to_others_and_its_holder_is_told(store_url: str) -> None:
    with Store.open(store_url) as store:
        slow, quick = Leases(store, seconds=SHORT_S), Leases(store)
        assert await slow.claim("trunk", "a") and await slow.claim("trunk", "b")
        assert not await quick.claim("trunk", "a")
        await asyncio.sleep(SHORT_S * 1.5)
        assert await quick.claim("trunk", "a")
        assert await slow.renew() == {("trunk", "b")}
        await slow.release("trunk", "a")
        assert await quick.renew() == {("trunk", "a")}, "releasing another's changes nothing"


async def test_a_renewed_lease_holds_and_a_released_one_leaves_nothing(store_url: str) -> None:
    with Store.open(store_url) as store:
        busy, idle = Leases(store, seconds=SHORT_S), Leases(store)
        await busy.claim("judgement", "a")
        for _ in range(4):
            await asyncio.sleep(SHORT_S / 2)
            assert await busy.renew() == {("judgement", "a")}
            assert not await idle.claim("judgement", "a")
        await busy.release("judgement", "a")
        with store.read() as connection:
            assert connection.execute(sa.select(LEASES)).all() == []
        assert await idle.claim("judgement", "a")


async def test_a_holder_s_own_claim_is_no_hindrance(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        leases = Leases(store)
        assert await leases.claim("trunk", "a") and await leases.claim("trunk", "a")


CLAIM = """
import asyncio, sys
from segue.checkpoints import Store
from segue.checkpoints.store.leases import Leases
with Store.open(sys.argv[1]) as store:
    print(asyncio.run(Leases(store).claim("trunk", "a")), flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="elsewhere it is not told whether a process lives")
def test_what_a_killed_process_held_is_free_at_once(store_url: str) -> None:
    line = [sys.executable, "-c", CLAIM, store_url]
    with subprocess.Popen(line, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "True\n"
        with Store.open(store_url) as store:
            assert not asyncio.run(Leases(store).claim("trunk", "a")), "it lives"
            process.kill()
            process.wait()
            assert asyncio.run(Leases(store).claim("trunk", "a"))


async def test_what_a_process_of_another_machine_held_waits_for_its_time(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        far = Leases(store, seconds=SHORT_S)
        far.holder = "elsewhere/999999999/0"
        assert await far.claim("trunk", "a")
        near = Leases(store)
        assert not await near.claim("trunk", "a")
        await asyncio.sleep(SHORT_S * 1.5)
        assert await near.claim("trunk", "a")

"""Leases: nobody plays what another is at work on, and nothing that was lost stays lost."""

from __future__ import annotations

import asyncio

from segue.checkpoints import Store
from segue.checkpoints.store.leases import Leases
from segue.checkpoints.store.run_sessions import RunSession, RunSessions

RUN = "run"
SHORT_S = 0.2


async def enlisted(store: Store, count: int, *, crew: str = "crew", seconds: float = 30.0) -> Leases:
    entries = [RunSession(f"session {number}", f"thread {number}") for number in range(count)]
    await RunSessions(store).cover(RUN, entries)
    leases = Leases(store, RUN, crew, seconds=seconds)
    await leases.enlist([entry.session_id for entry in entries])
    return leases


async def test_each_session_is_claimed_once_by_workers_at_the_same_time(store_url: str) -> None:
    with Store.open(store_url) as store, Store.open(store_url) as other:
        here = await enlisted(store, 40)
        there = Leases(other, RUN, here.crew)
        claims = await asyncio.gather(
            *(
                leases.claim(f"{where}{n}", 3)
                for n in range(10)
                for where, leases in (("h", here), ("t", there))
            )
        )
        claimed = [session for claim in claims for session in claim.sessions]
        assert len(claimed) == len(set(claimed)) == 40
        assert (await there.claim("late", 1)).sessions == ()


async def test_sessions_are_claimed_in_the_run_s_order_and_end_with_none_outstanding(store_url: str) -> None:
    with Store.open(store_url) as store:
        leases = await enlisted(store, 3)
        first = await leases.claim("a", 2)
        assert (first.sessions, first.outstanding) == (("session 0", "session 1"), True)
        await leases.settle("a", "session 0")
        second = await leases.claim("b", 5)
        assert (second.sessions, second.outstanding) == (("session 2",), True)
        await leases.settle("a", "session 1")
        await leases.settle("b", "session 2")
        assert not (await leases.claim("a", 5)).outstanding


async def test_a_lost_worker_s_sessions_go_to_others_and_it_is_told(store_url: str) -> None:
    with Store.open(store_url) as store:
        leases = await enlisted(store, 2, seconds=SHORT_S)
        assert len((await leases.claim("lost", 2)).sessions) == 2
        assert (await leases.claim("next", 2)).sessions == ()
        await asyncio.sleep(SHORT_S * 1.5)
        assert (await leases.claim("next", 1)).sessions == ("session 0",)
        assert await leases.renew("lost", ["session 0", "session 1"]) == {"session 1"}
        await leases.settle("lost", "session 0")
        assert await leases.renew("next", ["session 0"]) == {"session 0"}, (
            "settling another's changes nothing"
        )


async def test_what_a_dead_worker_had_claimed_is_free_at_once_and_nothing_else(store_url: str) -> None:
    with Store.open(store_url) as store, Store.open(store_url) as other:
        leases = await enlisted(store, 4)
        await leases.claim("dead", 2)
        await leases.settle("dead", "session 0")
        await leases.claim("alive", 1)
        assert await Leases(other, RUN, leases.crew).release("dead") == 1
        assert await leases.renew("dead", ["session 1"]) == set()
        assert (await leases.claim("next", 4)).sessions == ("session 1", "session 3")
        assert await leases.renew("alive", ["session 2"]) == {"session 2"}
        assert await leases.release("dead") == 0


async def test_a_renewed_lease_holds(store_url: str) -> None:
    with Store.open(store_url) as store:
        leases = await enlisted(store, 1, seconds=SHORT_S)
        await leases.claim("busy", 1)
        for _ in range(4):
            await asyncio.sleep(SHORT_S / 2)
            assert await leases.renew("busy", ["session 0"]) == {"session 0"}
            assert (await leases.claim("idle", 1)).sessions == ()


async def test_two_crews_share_no_session(store_url: str) -> None:
    with Store.open(store_url) as store:
        first = await enlisted(store, 3, crew="first")
        await first.claim("a", 1)
        second = Leases(store, RUN, "second")
        assert await second.enlist([f"session {number}" for number in range(3)]) == 2
        assert await second.enlisted(["session 2", "session 0", "session 1"]) == ["session 2", "session 1"]
        assert (await first.claim("a", 3)).sessions == ()
        await first.dismiss()
        assert await second.enlist(["session 0"]) == 1

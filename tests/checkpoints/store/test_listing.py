"""The list of threads by their rows alone: filtered, ordered, with the calls that they share."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from segue.checkpoints import Store
from segue.checkpoints.store.listing import ThreadFilter, list_threads
from segue.checkpoints.store.schema import LEDGER, LEDGER_SUMS, SHARED_CALLS
from segue.checkpoints.store.threads import Thread, Threads
from segue.checkpoints.store.upkeep.migrations import STEPS


def thread(number: int, **changes: object) -> Thread:
    made = Thread(f"t{number}", "run-1", "session", {}, status="done", created=f"2026-01-01T00:00:0{number}")
    return replace(made, **changes)  # type: ignore[arg-type]


def call(key: str, thread_id: str) -> dict[str, object]:
    kinds = {c.name: b"" if isinstance(c.type, sa.LargeBinary) else 0 for c in LEDGER.c}
    texts = {c.name: "" for c in LEDGER.c if isinstance(c.type, sa.String)}
    return {**kinds, **texts, "key": key, "thread_id": thread_id}


async def test_calls_of_others_are_noted_when_a_thread_has_ended(store_url: str) -> None:
    with Store.open(store_url) as store:
        rows = [call("a", "t1"), call("b", "t2"), call("c", "t1")]
        store.run(lambda connection: connection.execute(LEDGER.insert(), rows))
        threads = Threads(store)
        await threads.put(thread(1), calls=["a", "c"])
        await threads.put(thread(2), calls=["a", "b"])
        await threads.put(thread(3, status="running"))
        found = {each.thread_id: each.keys for each in list_threads(store, ThreadFilter())}
        assert found == {"t1": [], "t2": ["a"], "t3": None}
        await threads.put(thread(2), calls=["a", "b", "c"])
        assert list_threads(store, ThreadFilter(ids=["t2"]))[0].keys == ["a", "c"]


async def test_filters_and_orders(store_url: str) -> None:
    with Store.open(store_url) as store:
        threads = Threads(store)
        for number in range(4):
            await threads.put(thread(number, parent="t0" if number == 3 else None, category="AB"[number % 2]))

        def ids(wanted: ThreadFilter) -> list[str]:
            assert [each.thread_id for each in threads.chosen(wanted)] == [
                each.thread_id for each in list_threads(store, wanted)
            ]
            return [each.thread_id for each in list_threads(store, wanted)]

        assert ids(ThreadFilter()) == ["t0", "t1", "t2", "t3"]
        assert ids(ThreadFilter(newest=True, limit=2)) == ["t3", "t2"]
        assert ids(ThreadFilter(topic="b", limit=1)) == ["t1"] and ids(ThreadFilter(parent="t0")) == ["t3"]
        assert ids(ThreadFilter(run="run-1", status="failed")) == []


@pytest.mark.parametrize("shared", [False, True])
async def test_a_store_of_the_version_before_is_told_what_it_can_share(store_url: str, shared: bool) -> None:
    with Store.open(store_url) as store:
        threads = Threads(store)
        await threads.put(thread(1))
        await threads.put(thread(2, session_id="session" if shared else "another"))

        def back_and_forth(connection: sa.Connection) -> None:
            LEDGER_SUMS.drop(connection)
            SHARED_CALLS.drop(connection)
            STEPS[3](connection)

        store.run(back_and_forth)
        noted = [each.keys for each in list_threads(store, ThreadFilter())]
        assert noted == ([None, None] if shared else [[], []])
        names = {index["name"] for index in sa.inspect(store.engine).get_indexes("ledger")}
        assert "ledger_sums" in names

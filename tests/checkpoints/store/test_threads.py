"""Threads: put, changed, found by the start of an id, listed by whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.rows import now
from segue.checkpoints.store.threads import Thread, Threads
from segue.core.errors import NotFoundError


@pytest.fixture
def threads(store_url: str) -> Iterator[Threads]:
    with Store.open(store_url) as store:
        yield Threads(store)


def thread(number: int, **changes: object) -> Thread:
    made = Thread(
        f"aa{number}", "run-1", f"session-{number}", {"turns": 2}, created=f"2026-01-01T00:00:0{number}"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_time_is_utc_to_the_millisecond() -> None:
    moment = datetime.fromisoformat(now())
    assert moment.utcoffset() == timedelta(0) and len(now()) == len("2026-01-01T00:00:00.000+00:00")


async def test_a_thread_is_read_as_it_was_put(threads: Threads) -> None:
    fork = {"checkpoint": "c", "turn": 2, "agent": "recsys", "reason": "why", "edits": []}
    made = thread(
        1, parent="aa0", fork=fork, status="failed", turns=1, retries=3, altered=True, category="B",
        specificity="HH", error={"type": "AnswerError", "message": "no", "raw": "x"},
    )  # fmt: skip
    await threads.put(made)
    assert threads.find("aa1") == made == threads.get("aa1")
    assert threads.find("aa") is None, "that is the start of an id and no id"


async def test_a_change_is_stored_and_dated(threads: Threads) -> None:
    made = thread(1, updated="2026-01-01T00:00:00")
    await threads.put(made)
    changed = await threads.update(made, status="done", turns=2)
    assert (changed.status, changed.turns, changed.created) == ("done", 2, made.created)
    assert changed.updated > made.updated
    assert threads.find("aa1") == changed and len(threads.list()) == 1


async def test_the_start_of_an_id_stands_for_the_one_thread_that_has_it(threads: Threads) -> None:
    for made in (thread(1), thread(2), thread(3, thread_id="bb"), thread(4, thread_id="bbb")):
        await threads.put(made)
    assert threads.get("aa2").thread_id == "aa2"
    assert threads.get("bb").thread_id == "bb", "a whole id is that thread's, also where others go on from it"
    with pytest.raises(NotFoundError, match="'a' is the start of several threads: aa1, aa2") as several:
        threads.get("a")
    assert several.value.hint == "type more of the id"
    for nothing in ("c", "a%", "a_1"):
        with pytest.raises(NotFoundError, match="no thread") as none:
            threads.get(nothing)
        assert "segue threads" in (none.value.hint or "")


async def test_nothing_stands_for_no_thread(threads: Threads) -> None:
    with pytest.raises(NotFoundError, match="no thread ''"):
        threads.get("")


async def test_threads_are_listed_in_order_and_by_what_is_asked(threads: Threads) -> None:
    made = [
        thread(3, status="done", category="A"),
        thread(1, run_id="run-2", status="failed", session_id="session-3"),
        thread(2, parent="aa3", category="B"),
    ]
    for one in made:
        await threads.put(one)

    def ids(**wanted: object) -> list[str]:
        return [one.thread_id for one in threads.list(**wanted)]  # type: ignore[arg-type]

    assert ids() == ["aa1", "aa2", "aa3"]
    assert ids(run="run-1") == ["aa2", "aa3"] and ids(run="run-") == ids(run="run%") == []
    assert ids(session="session-3") == ["aa1", "aa3"]
    assert ids(status="failed") == ["aa1"] and ids(parent="aa3") == ["aa2"]
    assert ids(topic="a") == ["aa3"], "a topic may be typed small"
    assert ids(ids=["aa1", "aa2"]) == ["aa1", "aa2"] and ids(ids=[]) == []
    assert ids(run="run-1", status="done") == ["aa3"]


async def test_threads_begun_in_the_same_moment_are_in_the_order_of_their_ids(threads: Threads) -> None:
    for number in (2, 1):
        await threads.put(thread(number, created="2026-01-01"))
    assert [one.thread_id for one in threads.list()] == ["aa1", "aa2"]


async def test_a_run_is_noted_once(threads: Threads) -> None:
    await threads.add_run("run-1", {"turns": 2}, "a catalogue")
    await threads.add_run("run-1", {"turns": 3}, "another")
    run = threads.run("run-1")
    assert (run["run_id"], run["plan"], run["catalog"]) == ("run-1", {"turns": 2}, "a catalogue")
    with pytest.raises(NotFoundError, match="no run 'run-9'"):
        threads.run("run-9")

"""Run sessions: entered once and in order, standings kept by the threads, names, and older stores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from segue.checkpoints import Store
from segue.checkpoints.store.run_sessions import RunSession, RunSessions
from segue.checkpoints.store.schema import RUN_NAMES, RUN_SESSIONS, RUN_STARTS, VERSION
from segue.checkpoints.store.threads import Thread, Threads
from segue.core.errors import NotFoundError


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/segue.db"


def entry(number: int, **changes: str) -> RunSession:
    made = RunSession(f"session-{number}", f"thread-{number}", "Peru", "20s", "female")
    return replace(made, **changes)  # type: ignore[arg-type]


def thread(number: int, run: str = "run-a") -> Thread:
    return Thread(f"thread-{number}", run, f"session-{number}", {}, category="A", specificity="LL")


async def begin(store: Store, run: str = "run-a", sessions: int = 3) -> RunSessions:
    run_sessions = RunSessions(store)
    await Threads(store).add_run(run, {}, "a catalogue")
    await run_sessions.cover(run, [entry(number) for number in range(sessions)])
    return run_sessions


async def test_sessions_are_entered_once_and_later_ones_behind(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions = await begin(store)
        await run_sessions.cover("run-a", [entry(number) for number in (7, 1, 5)])
        found = list(run_sessions.entries("run-a"))
        assert [e.session_id for e in found] == [f"session-{n}" for n in (0, 1, 2, 7, 5)]
        assert [e.position for e in found] == [0, 1, 2, 3, 4]
        assert {e.status for e in found} == {"pending"}
        assert run_sessions.covered("run-a") == {f"thread-{n}" for n in (0, 1, 2, 7, 5)}
        assert found[0] == entry(0, position=0)  # type: ignore[arg-type]


async def test_many_sessions_take_several_transactions_and_keep_their_order(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions = await begin(store, sessions=1203)
        assert [e.session_id for e in run_sessions.entries("run-a")] == [f"session-{n}" for n in range(1203)]
        [run] = run_sessions.runs()
        assert run.counts == {"pending": 1203}


async def test_threads_keep_their_standing_up_to_date(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions, threads = await begin(store), Threads(store)
        await threads.update(thread(1), status="running")
        await threads.update(thread(2), status="failed", error={"type": "X", "message": "it broke"})
        assert [e.status for e in run_sessions.entries("run-a")] == ["pending", "running", "failed"]
        await threads.update(thread(1), status="done")
        assert run_sessions.runs("run-a")[0].counts == {"pending": 1, "done": 1, "failed": 1}
        assert [e.thread_id for e in run_sessions.entries("run-a", statuses=["failed"])] == ["thread-2"]


async def test_what_failed_is_told_until_it_succeeds_also_where_its_next_try_was_cut_off(
    store_url: str,
) -> None:
    broken = {"type": "X", "message": "it broke"}
    with Store.open(store_url) as store:
        run_sessions, threads = await begin(store, sessions=6), Threads(store)
        for number, status in ((5, "failed"), (4, "stopped"), (3, "running"), (2, "done")):
            await threads.update(thread(number), status=status, error=broken if number > 2 else None)
        await threads.update(thread(1), status="stopped")
        failed = [entry.session_id for entry in run_sessions.failed("run-a")]
        assert failed == ["session-3", "session-4", "session-5"]
        assert run_sessions.failed("run-b") == ()


async def test_branches_are_no_sessions_of_the_run(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions = await begin(store)
        await Threads(store).put(replace(thread(9), parent="thread-1", session_id="session-1"))
        assert len(list(run_sessions.entries("run-a"))) == 3


async def test_a_trunk_that_was_not_announced_is_added(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions = await begin(store)
        await Threads(store).put(thread(8))
        await Threads(store).put(thread(4, run="run-b"))
        assert [(e.position, e.status) for e in run_sessions.entries("run-a")][-1] == (3, "running")
        assert [e.position for e in run_sessions.entries("run-b")] == [0]


async def test_sessions_that_were_played_before_are_entered_as_they_stand(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        await Threads(store).update(thread(5, run="run-z"), status="done")
        run_sessions = RunSessions(store)
        await run_sessions.cover("run-a", [entry(4), entry(5)])
        assert [e.status for e in run_sessions.entries("run-a")] == ["pending", "done"]


async def test_standings_are_counted_by_what_the_conversations_are_about(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions, threads = await begin(store), Threads(store)
        for number in (0, 1):
            await threads.update(thread(number), status="done")
        found = {s.status: s for s in run_sessions.standings("run-a")}
        assert found["done"].count == 2
        assert found["done"].kind == {
            "topic": "A",
            "specificity": "LL",
            "country": "Peru",
            "age_group": "20s",
            "gender": "female",
        }
        assert found["pending"].kind["topic"] is None and found["pending"].count == 1


async def test_a_name_belongs_to_the_first_run_that_takes_it(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions = await begin(store)
        assert await run_sessions.bind("first", "run-a") == "run-a"
        assert await run_sessions.bind("first", "run-b") == "run-a"
        assert await run_sessions.bind("second", "run-a") == "run-a"
        assert run_sessions.named("first") == "run-a" and run_sessions.named("third") is None
        assert run_sessions.runs()[0].names == ("first", "second")


async def test_a_run_is_found_by_name_and_by_the_start_of_its_id(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions = await begin(store)
        await begin(store, run="run-b")
        await run_sessions.bind("mine", "run-b")
        assert [run_sessions.find(text) for text in ("mine", "run-a", "run-b")] == ["run-b", "run-a", "run-b"]
        for text, words in (
            ("run", "start of several runs: run-a, run-b"),
            ("x", "no run 'x'"),
            ("", "no run"),
        ):
            with pytest.raises(NotFoundError, match=words if text else "''|several"):
                run_sessions.find(text)


async def test_only_the_last_start_is_kept(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions = RunSessions(store)
        assert run_sessions.start("run-a") == {}
        await run_sessions.note_start("run-a", {"catalog": "here"})
        await run_sessions.note_start("run-a", {"catalog": "there"})
        assert run_sessions.start("run-a") == {"catalog": "there"}


async def test_a_store_from_before_the_roster_is_given_one(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        threads = Threads(store)
        await threads.add_run("run-a", {}, "a catalogue")
        for number in (2, 0, 1):
            await threads.update(replace(thread(number), created=f"2026-01-0{3 - number}"), status="done")
        await threads.put(replace(thread(9), parent="thread-1"))
        with store.write() as connection:
            for table in (RUN_SESSIONS, RUN_NAMES, RUN_STARTS):
                table.drop(connection)
            connection.execute(sa.delete(VERSION).where(VERSION.c.version > 1))
    with Store.open(url(tmp_path)) as store:
        found = list(RunSessions(store).entries("run-a"))
        assert [(e.position, e.session_id, e.status) for e in found] == [
            (0, "session-2", "done"),
            (1, "session-1", "done"),
            (2, "session-0", "done"),
        ]


async def test_runs_are_told_with_what_they_were_made_on_and_how_they_stand(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions, threads = await begin(store), Threads(store)
        await begin(store, run="run-b", sessions=1)
        await threads.update(thread(1), status="done")
        await run_sessions.bind("mine", "run-a")
        [told] = [run.to_json() for run in run_sessions.runs("run-a")]
        assert told.pop("created") == threads.run("run-a")["created"]
        assert told == {
            "run": "run-a", "names": ["mine"], "catalog": "a catalogue", "conversations": 3,
            "pending": 2, "running": 0, "done": 1, "failed": 0, "stopped": 0,
        }  # fmt: skip
        assert [(run.run_id, run.counts) for run in run_sessions.runs()] == [
            ("run-a", {"pending": 2, "done": 1}),
            ("run-b", {"pending": 1}),
        ]


async def test_a_run_s_name_stands_before_ids_that_start_so(tmp_path: Path) -> None:
    with Store.open(url(tmp_path)) as store:
        run_sessions, threads = await begin(store), Threads(store)
        await begin(store, run="run-b")
        await threads.put(thread(1))
        await threads.put(thread(2, run="run-b"))
        with pytest.raises(NotFoundError, match="several runs"):
            run_sessions.chosen("run")
        await run_sessions.bind("run", "run-b")
        assert (run_sessions.chosen("run"), run_sessions.chosen("run-a"), run_sessions.chosen(None)) == (
            "run-b",
            "run-a",
            None,
        )
        for text in ("r_n", "mine"):
            with pytest.raises(NotFoundError) as told:
                run_sessions.chosen(text)
            assert told.value.hint is not None and "lists them: run, run-a" in told.value.hint

"""`segue run --engine processes`: the same conversations, whoever is killed or stopped on the way."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.checkpoints.postgres import NoServerError, new_database, server
from support.command import Command, signalled
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer
from support.runs.processes import NEEDS_PROC, standing, wait_until, workers

RUN = ("run", "--modalities", "text", "--turns", 2, "--json")
CREW = ("--engine", "processes", "--workers", 2, "--concurrency", 4)
LONG = (*RUN, *CREW, "--sessions", 6, "--latency", 0.4)


def claims(command: Command) -> int:
    """How many workers hold leases right now."""
    return counted(command, "SELECT COUNT(DISTINCT holder) FROM lease")


def counted(command: Command, query: str) -> int:
    """What the query counts in the store."""
    try:
        with closing(sqlite3.connect(f"file:{command.folder / 'segue.db'}?mode=ro", uri=True)) as store:
            return int(store.execute(query).fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


def check_whole(command: Command, rows: list[dict[str, Any]], local: Command) -> None:
    """All conversations are those of a local run, and a replay finds nothing missing."""
    played = local(*RUN, "--sessions", 6).rows
    assert rows == played and {row["status"] for row in rows} == {"done"}
    last = rows[-1]["thread_id"]
    assert command.show(last)["turns"] == local.show(last)["turns"]
    assert command("replay", "--verify", "--json").code == 0


@pytest.fixture
def elsewhere(tmp_path: Path, cache: Path) -> Command:
    """segue in another folder, for the local run."""
    folder = tmp_path / "local"
    folder.mkdir()
    return Command(folder, cache)


@pytest.mark.slow
def test_workers_play_the_conversations_of_a_plan_as_one_process_does(command: Command) -> None:
    plan = "modalities: text\nturns: 1\nsessions: 3\n"
    crew = command.write(plan + "engine: processes\nworkers: 2\nconcurrency: 2\n", "crew.yaml")
    played = command("run", crew, "--json")
    one = ("--store", "sqlite:///local.db")
    local = command(*one, "run", command.write(plan, "one.yaml"), "--json")
    assert played.rows == local.rows and len(played.rows) == 3
    for row in local.rows:
        shown = [command(*store, "show", row["thread_id"], "--json").document["turns"] for store in ((), one)]
        assert shown[0] == shown[1]
    command("replay", "--verify", "--json")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--engine", "processes", "--batch"), "--batch and --engine processes do not go together"),
        (("--engine", "processes", "--ray-address", "auto"), "--ray-address is for --engine ray"),
        (("--ray-address", "auto"), "--ray-address is for --engine ray"),
        (("--engine", "threads"), "'local', 'processes', 'ray'"),
    ],
)
def test_flags_that_do_not_go_together(command: Command, flags: tuple[str, ...], said: str) -> None:
    assert said in command("run", *flags, code=2).err


@NEEDS_PROC
@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_nothing_is_missing(command: Command, elsewhere: Command) -> None:
    with command.start(*LONG) as process:
        wait_until(lambda: claims(command) == 2, process)
        os.kill(workers(process.pid)[0], signal.SIGKILL)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err.count("was lost; another takes over") == 1 and "SIGKILL" in err
    check_whole(command, [json.loads(line) for line in out.splitlines()], elsewhere)


@NEEDS_PROC
@pytest.mark.slow
def test_workers_end_with_a_killed_command_and_it_resumes_at_once(
    command: Command, elsewhere: Command
) -> None:
    with command.start(*LONG) as process:
        wait_until(lambda: claims(command) == 2, process)
        crew = workers(process.pid)
        process.kill()
        process.communicate(timeout=20)  # the workers' stderr is its own: this waits for them
    assert [standing(each)[0] for each in crew] == ["Z", "Z"]
    assert claims(command) == 0, "the workers gave back what they had claimed"
    done = command(*LONG)
    assert "another command is at" not in done.err
    check_whole(command, done.rows, elsewhere)


@pytest.mark.slow
def test_ctrl_c_ends_calls_in_flight_and_the_same_command_resumes(
    command: Command, elsewhere: Command
) -> None:
    with command.start(*LONG) as process:
        code, _, err = signalled(process, lambda: claims(command) == 2, signal.SIGINT)
    assert code == 130
    assert "stopping after the calls in flight" in err and "the same command resumes: segue run" in err
    assert claims(command) == 0
    statuses = {row["status"] for row in command("threads", "--json").rows}
    assert "stopped" in statuses <= {"stopped", "done"}
    check_whole(command, command(*LONG).rows, elsewhere)


@NEEDS_PROC
@pytest.mark.slow
def test_a_second_ctrl_c_stops_at_once_and_leaves_nobody(command: Command) -> None:
    with command.start(*RUN, *CREW, "--sessions", 4, "--latency", 60) as process:
        wait_until(lambda: claims(command) == 2, process)
        crew = workers(process.pid)
        first = "SELECT COUNT(DISTINCT line) FROM checkpoint WHERE depth = 1"
        wait_until(lambda: counted(command, first) == 4, process)
        time.sleep(2)  # for their first calls to begin: without one in flight there is nothing to wait for
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "stopped at once" in err
    assert [standing(each)[0] for each in crew] == ["Z", "Z"]
    assert claims(command) == 0
    assert command("store", "check").code == 0


@pytest.mark.slow
def test_one_cap_and_one_pace_hold_for_all_workers(command: Command) -> None:
    flags = ("run", "--model", "google_genai:gemini-2.5-flash", "--modalities", "text", "--turns", 2)
    crew = (*flags, "--sessions", 8, *CREW, "--json")
    cap = 0.02
    faults = FaultPlan(rates={Fault.RATE_LIMIT: 0.05, Fault.MALFORMED: 0.02})
    with GeminiServer(faults=faults, latency=0.02) as provider:
        to = ("--base-url", provider.url)
        stopped = command(*crew, *to, "--max-cost", cap, code=4, GOOGLE_API_KEY="test")
        assert f"cap of ${cap:.4f} is reached" in stopped.err and "higher --max-cost resumes" in stopped.err
        assert cap / 2 < provider.usd() <= cap
        done = command(*crew, *to, "--max-cost", 1, GOOGLE_API_KEY="test")
        assert [row["status"] for row in done.rows] == ["done"] * 8
        assert command("cost", "--json").document["cost_usd"] == pytest.approx(provider.usd(), rel=0.01)
    assert command("replay", "--verify", "--json").code == 0


@pytest.mark.slow
def test_workers_share_a_postgresql_store(command: Command, elsewhere: Command) -> None:
    try:
        with server() as address:
            store = ("--store", new_database(address, "segue_processes"))
            rows = command(*store, *RUN, *CREW, "--sessions", 6).rows
            local = elsewhere(*RUN, "--sessions", 6).rows
            assert rows == local
            assert command(*store, "replay", "--verify", "--json").code == 0
    except NoServerError as error:
        pytest.skip(str(error))

"""`segue audit --workers N`: the same report, and the same errors, whoever makes it or is stopped on the way."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from support.command import Command, Played
from support.runs.processes import NEEDS_PROC, standing, wait_until, workers

SPREAD = ("audit", "--json", "--workers", 2)


def gone(processes: list[int], seconds: float = 20.0) -> bool:
    """Whether they are, or soon will be."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if all(standing(each)[0] == "Z" for each in processes):
            return True
        time.sleep(0.02)
    return False


def started(process: subprocess.Popen[str]) -> list[int]:
    """Both workers."""
    wait_until(lambda: len(workers(process.pid)) == 2, process)
    return workers(process.pid)


@pytest.mark.slow
def test_the_report_is_the_same_however_many_make_it(played: Played) -> None:
    one = played.command("audit", "--json")
    for number in (2, 5):
        spread = played.command("audit", "--json", "--workers", number)
        assert (spread.out, spread.err) == (one.out, one.err)
    assert "--workers 0: it must be 1 or more" in played.command("audit", "--workers", 0, code=2).err
    assert "--workers is for the proof" in played.command("audit", "--all", "--workers", 2, code=2).err


@pytest.mark.slow
@NEEDS_PROC
def test_ctrl_c_ends_all_of_them_at_once(played: Played) -> None:
    with played.command.start(*SPREAD) as process:
        crew = started(process)
        for each in (*crew, process.pid):  # as a terminal does it
            os.kill(each, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("segue: interrupted; what was finished is kept\n") and "Traceback" not in err
    assert gone(crew)


@pytest.mark.slow
@NEEDS_PROC
def test_workers_outlive_no_command_that_was_killed(played: Played) -> None:
    with played.command.start(*SPREAD) as process:
        crew = started(process)
        process.kill()
        process.communicate(timeout=60)
    assert gone(crew)


@pytest.mark.slow
@NEEDS_PROC
def test_a_worker_that_was_killed_is_told_of(played: Played) -> None:
    with played.command.start(*SPREAD) as process:
        crew = started(process)
        os.kill(crew[0], signal.SIGKILL)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "a process ended while conversation" in err and "fewer --workers" in err and "Traceback" not in err
    assert gone(crew)


@pytest.mark.slow
def test_what_goes_wrong_is_told_alike_and_where(own: Command) -> None:
    threads = [row["thread_id"] for row in own("threads", "--json").rows]
    with closing(sqlite3.connect(own.folder / "segue.db")) as store, store:
        [(blob, data)] = store.execute("SELECT digest, data FROM blob ORDER BY LENGTH(data) DESC LIMIT 1")
        store.execute("UPDATE blob SET data = ? WHERE digest = ?", (data[:-9] + b"\0" * 9, blob))
    one, spread = own("audit", code=1), own("audit", "--workers", 2, code=1)
    assert spread.err == one.err and any(f"segue: conversation {name}: " in one.err for name in threads)

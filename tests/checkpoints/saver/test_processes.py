"""Several processes on one store, and processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from segue.checkpoints import SQLAlchemySaver, Store
from segue.checkpoints.store.upkeep.maintenance import check
from support.checkpoints.saving import config_of, message

TESTS = Path(__file__).parents[2]


def start(url: str, name: str, tasks: int, steps: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "support.checkpoints.writing", url, name, str(tasks), str(steps)]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_four_processes_set_up_and_write_one_store_at_once(store_url: str) -> None:
    processes, tasks, steps = 4, 16, 5
    running = [start(store_url, f"process-{n}", tasks, steps) for n in range(processes)]
    for process in running:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors[-2000:]
    with Store.open(store_url) as store:
        assert check(store).sound
        saver = SQLAlchemySaver(store)
        for thread in (f"process-{p}-{t}" for p in range(processes) for t in range(tasks)):
            found = list(saver.list(config_of(thread)))
            assert [f.metadata["step"] for f in found] == list(range(steps - 1, -1, -1))
            values = found[0].checkpoint["channel_values"]
            assert values["messages"] == [message(thread, n) for n in range(steps)]
            assert all(len(f.pending_writes or ()) == 1 for f in found)


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 7, 40, 90])
def test_a_killed_process_has_stored_what_it_was_told_is_stored(store_url: str, after: int) -> None:
    process = start(store_url, "victim", 4, 1000)
    assert process.stdout is not None
    assert process.stderr is not None
    told = [process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    with Store.open(store_url) as store:
        assert check(store).sound
        saver = SQLAlchemySaver(store)
        for line in told:
            if not line.endswith("\n"):
                continue
            thread, step = line.split()
            steps = {found.metadata["step"] for found in saver.list(config_of(thread))}
            assert steps >= set(range(int(step) + 1))
        newest = saver.get_tuple(config_of("victim-0"))
        assert newest is not None
        count = newest.metadata["step"] + 1
        assert newest.checkpoint["channel_values"]["messages"] == [
            message("victim-0", n) for n in range(count)
        ]

"""The processes that a command has started, as the system knows them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

NEEDS_PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find workers in")


def standing(process: int) -> tuple[str, int]:
    """The process's state and its parent; a state of Z when it is gone, reaped or not."""
    try:
        state, parent, *_ = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "Z", 0
    return state, int(parent)


def workers(parent: int) -> list[int]:
    """Process ids of the command's workers."""
    living = [int(place.name) for place in Path("/proc").glob("[0-9]*")]
    return sorted(each for each in living if standing(each)[1] == parent and is_worker(each))


def is_worker(process: int) -> bool:
    """Whether it does jobs; the standard library has a process of its own beside them."""
    try:
        return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert process.poll() is None and time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)

"""`segue run --engine ray` on a cluster of this machine: the same conversations, also when a worker is killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from support.checkpoints.postgres import NoServerError, new_database, server
from support.command import Command
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer

pytest.importorskip("ray", reason="the extra `ray` is not installed")
pytestmark = pytest.mark.slow

RUN = ("run", "--modalities", "text", "--turns", 2, "--json")
RAY = ("--engine", "ray", "--workers", 3, "--concurrency", 6, "--lease-seconds", 3)


@pytest.fixture(scope="module")
def shared_store() -> Iterator[str]:
    try:
        with server() as address:
            yield new_database(address, "segue_ray")
    except NoServerError as error:
        pytest.skip(str(error))


def workers(mark: str) -> list[int]:
    """Process ids of the Ray workers that inherited `mark` in their environment and are at work."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            title = (place / "cmdline").read_bytes()
            if (
                title.startswith((b"ray::_Work", b"ray::_Walk"))
                and mark.encode() in (place / "environ").read_bytes()
            ):
                found.append(int(place.name))
        except OSError:
            continue
    return found


def wait_for_workers(mark: str, count: int, seconds: float = 120.0) -> list[int]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = workers(mark)
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(workers(mark))} workers came, not {count}")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc to find workers in")
def test_a_killed_worker_s_conversations_go_on_elsewhere(command: Command, shared_store: str) -> None:
    mark = uuid4().hex
    sessions = ("--sessions", 12, "--latency", 0.3)
    flags = ("--store", shared_store, *RUN, *sessions, *RAY)
    with command.start(*flags, SEGUE_TEST_MARK=mark) as process:
        victim = wait_for_workers(mark, 3)[0]
        time.sleep(1.5)
        os.kill(victim, signal.SIGKILL)
        out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "was lost; another takes over" in err
    rows = [json.loads(line) for line in out.splitlines()]
    local = command.alone(*RUN, "--sessions", 12).rows
    assert [row["thread_id"] for row in rows] == [row["thread_id"] for row in local]
    assert {row["status"] for row in rows} == {"done"}
    for row in local:
        here = command("show", row["thread_id"], "--json").document["turns"]
        there = command("--store", shared_store, "show", row["thread_id"], "--json").document["turns"]
        assert here == there
    assert command("--store", shared_store, "replay", "--verify", "--json").code == 0


def test_a_killed_command_resumes(command: Command) -> None:
    mark = uuid4().hex
    flags = (*RUN, "--sessions", 8, "--latency", 0.3, *RAY)
    with command.start(*flags, SEGUE_TEST_MARK=mark) as process:
        wait_for_workers(mark, 2)
        time.sleep(1.5)
        process.kill()
        process.communicate(timeout=60)
    done = command.alone(*flags)
    assert [row["status"] for row in done.rows] == ["done"] * 8
    assert command("replay", "--verify", "--json").code == 0


def test_what_workers_wait_for_is_said_where_the_command_was_given(command: Command) -> None:
    flags = ("--model", "google_genai:gemini-2.5-flash", "--base-url")
    with GeminiServer(faults=FaultPlan([Fault.UNAVAILABLE])) as gemini:
        done = command.alone(
            *RUN, *flags, gemini.url, "--engine", "ray", "--workers", 1, GOOGLE_API_KEY="test"
        )
    assert "turn 0, agent profile: google_genai:gemini-2.5-flash: 503:" in done.err
    assert "; try 2 of 6 in " in done.err


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc to find workers in")
def test_walks_of_a_cluster_are_the_same_bytes_whoever_is_lost(command: Command) -> None:
    mark = uuid4().hex
    flags = ("walk", "generate", "--count", 10_000, "--source", "artist", "--out")
    with command.start(
        *flags, "ray.jsonl", "--engine", "ray", "--workers", 2, SEGUE_TEST_MARK=mark
    ) as process:
        victim = wait_for_workers(mark, 2)[0]
        os.kill(victim, signal.SIGKILL)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    command(*flags, "here.jsonl", "--workers", 1)
    there, here = ((command.folder / f"{name}.jsonl").read_bytes() for name in ("ray", "here"))
    assert there == here and here.count(b"\n") == 10_000

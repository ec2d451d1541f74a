"""Uploads, caches and batches on the command line, and a batch whose process is killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest
from support.command import Command, signalled
from support.gemini.server import GeminiServer

GEMINI = ("--model", "google_genai:gemini-2.5-flash", "--turns", 2, "--pool-size", 16, "--json")
PICTURES = ("--modalities", "text,image")
EXPLICIT = ("--cache", "explicit")
KEY = {"GOOGLE_API_KEY": "test"}
CALLS = 2 + 2 * 2 + 1


@pytest.mark.slow
def test_media_and_caches_by_flag(command: Command, gemini: GeminiServer) -> None:
    done = command("run", *GEMINI, *PICTURES, "--media", "upload", *EXPLICIT, "--base-url", gemini.url, **KEY)
    assert [(row["status"], row["model_calls"]) for row in done.rows] == [("done", CALLS)]
    assert "media uploaded" in done.err and "caches made" in done.err
    assert gemini.meter.uploads == len(gemini.shelf.files) > 0
    assert gemini.shelf.caches and not gemini.shelf.live_caches()
    before = gemini.meter.uploads
    again = command(
        "run",
        *GEMINI,
        *PICTURES,
        "--media",
        "upload",
        "--cache",
        "off",
        "--seed",
        1,
        "--base-url",
        gemini.url,
        **KEY,
    )
    assert again.rows[0]["status"] == "done" and "caches made" not in again.err
    labels = [held.label for held in gemini.shelf.files.values()]
    assert len(labels) == len(set(labels)), "another process sends no medium again"
    assert gemini.meter.uploads >= before


def test_flags_that_do_not_go_together(command: Command) -> None:
    refused = command("run", *GEMINI, "--batch", "--cache", "explicit", code=2, **KEY)
    assert "--cache explicit does not go with --batch" in refused.err


def killed_at(command: Command, flags: tuple[Any, ...], ready: Callable[[], bool]) -> None:
    with command.start(*flags, **KEY) as process:
        code, _, _ = signalled(process, ready, signal.SIGKILL)
    assert code == -signal.SIGKILL


@pytest.mark.slow
def test_a_killed_batch_is_taken_up_and_nothing_is_paid_twice(command: Command) -> None:
    with GeminiServer(batch_s=3600) as server:
        flags = ("run", *GEMINI, "--modalities", "text", "--sessions", 3, "--batch", "--base-url", server.url)
        jobs = server.batches.jobs

        def looked_at() -> bool:
            return ("GET", "/v1beta/batches/b0000000001", 200) in server.resources

        killed_at(command, flags, looked_at)
        asked = sum(len(job.items) for job in jobs.values())
        server.batches.seconds = 0
        done = command(*flags, **KEY)
    assert [(row["status"], row["turns"]) for row in done.rows] == [("done", 2)] * 3
    assert "answers taken up from earlier jobs" in done.err
    assert len(server.exchanges) == 3 * CALLS, f"each call once; {asked} were under way when it was killed"
    assert not [e for e in server.exchanges if e.path != "batch"]
    cost = command("cost", "--json").document
    assert 0 < cost["cost_usd"] == round(cost["cost_usd"], 6)
    assert abs(cost["cost_usd"] - server.usd()) < 0.02 * server.usd()

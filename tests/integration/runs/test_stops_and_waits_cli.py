"""What a command says while calls fail, hang or are refused, and how it ends when it is stopped meanwhile."""

from __future__ import annotations

import asyncio
import shlex
import signal
import threading
import time
from pathlib import Path

import pytest
from support.command import Command, Finished, signalled
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer
from support.models.loopback import HttpRequest, HttpResponse, Loopback
from support.models.openai_server import OpenAIServer, Served

pytest.importorskip("langchain_openai")

GEMINI = ("--model", "google_genai:gemini-2.5-flash", "--modalities", "text", "--turns", 1)
OPENAI = (
    "--model",
    "openai:small",
    "--modalities",
    "text",
    "--turns",
    1,
    "--allow-unpriced",
    "--no-preflight",
)
KEY = {"GOOGLE_API_KEY": "test"}
BUSY = b'{"error": {"message": "come back later"}}'


class Deaf(Loopback):
    """Takes questions and never answers; or says that it is busy for a minute."""

    def __init__(self, *, busy: bool = False) -> None:
        super().__init__(self._handle)
        self.busy, self.asked, self.arrived = busy, 0, threading.Event()

    async def _handle(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path.endswith("/chat/completions"):
            return HttpResponse(404, b"{}")
        self.asked += 1
        self.arrived.set()
        if self.busy:
            return HttpResponse(503, BUSY, headers={"Retry-After": "60"})
        await asyncio.Event().wait()
        return None


def standings(command: Command) -> list[str]:
    return [row["status"] for row in command("runs", "some", "--json").rows]


@pytest.mark.parametrize("engine", ["local", pytest.param("processes", marks=pytest.mark.slow)])
def test_a_call_that_is_tried_again_is_told_of(command: Command, engine: str) -> None:
    with GeminiServer(faults=FaultPlan([Fault.UNAVAILABLE])) as server:
        done = command("run", *GEMINI, "--engine", engine, "--base-url", server.url, "--json", **KEY)
    thread = done.rows[0]["thread_id"]
    [line] = [line for line in done.err.splitlines() if "try 2 of 6" in line]
    assert line.startswith(
        f"conversation {thread}, turn 0, agent profile: google_genai:gemini-2.5-flash: 503:"
    )
    assert line.endswith(" s") and done.rows[0]["status"] == "done"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_hangs_holds_a_stop_no_longer_than_the_grace(command: Command, number: int) -> None:
    flags = ("run", *OPENAI, "--sessions", 3, "--concurrency", 2, "--name", "some", "--stop-seconds", 1)
    with Deaf() as server:
        with command.start(*flags, "--base-url", f"{server.url}/v1") as process:
            code, _, err = signalled(process, server.arrived.is_set, number)
        assert code == 130 and server.asked <= 2, "no try is begun after the stop"
    assert "which have 1 s to be answered; Ctrl-C again stops at once" in err
    assert "the same command resumes: segue run" in err and "Traceback" not in err
    assert standings(command) == ["stopped", "stopped", "pending"]
    with OpenAIServer(Served("small")) as healthy:
        again = command(*flags, "--base-url", healthy.address, "--json")
    assert [row["status"] for row in again.rows] == ["done"] * 3


@pytest.mark.slow
def test_waits_between_tries_end_with_the_stop(command: Command) -> None:
    with Deaf(busy=True) as server:
        flags = ("run", *OPENAI, "--base-url", f"{server.url}/v1", "--name", "some")
        with command.start(*flags) as process:
            assert process.stderr is not None
            while "try 2 of 6 in " not in process.stderr.readline():
                assert process.poll() is None
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 130
        assert server.asked == 1 and time.monotonic() - begun < 30, "the wait was a minute"
    assert standings(command) == ["stopped"]


@pytest.mark.slow
def test_a_hanging_server_holds_no_worker_process_either(command: Command) -> None:
    flags = ("run", *OPENAI, "--sessions", 2, "--name", "some", "--stop-seconds", 1, "--engine", "processes")
    with Deaf() as server, command.start(*flags, "--base-url", f"{server.url}/v1") as process:
        code, _, err = signalled(process, server.arrived.is_set, signal.SIGTERM)
    assert code == 130 and "Traceback" not in err and "stopped" in standings(command)


def refused(command: Command, served: Served, *more: object, engine: str = "local") -> tuple[Finished, int]:
    """A run of five conversations against a server that refuses it, and how many questions came through."""
    with OpenAIServer(served) as server:
        flags = ("run", *OPENAI, "--sessions", 5, "--concurrency", 2, "--name", "some", "--engine", engine)
        done = command(*flags, "--base-url", server.address, *more, code=2)
        return done, server.paths.count("/v1/chat/completions")


@pytest.mark.parametrize(
    ("served", "words"),
    [(Served("small", key="right-and-long"), "401"), (Served("other", knows=True), "404")],
)
@pytest.mark.parametrize("engine", ["local", pytest.param("processes", marks=pytest.mark.slow)])
def test_what_every_call_would_be_refused_for_ends_the_run(
    command: Command, served: Served, words: str, engine: str
) -> None:
    done, asked = refused(command, served, engine=engine)
    assert asked <= 2, "those in flight, and no more"
    assert "\nsegue: conversation " in done.err and "turn 0, agent profile: openai:small: " in done.err
    assert words in done.err and "\n  hint: " in done.err and "Traceback" not in done.err
    assert "0 of 5 conversations are done, all else is kept" in done.err
    assert "the same command resumes: segue run" in done.err
    assert set(standings(command)) == {"stopped", "pending"} and standings(command)[3:] == ["pending"] * 2
    refused_first = done.err.partition("\nsegue: conversation ")[2].split()[0].strip(",:")
    shown = command("show", refused_first).out
    assert words in shown and "hint: " in shown
    with OpenAIServer(Served("small")) as server:
        flags = ("run", *OPENAI, "--sessions", 5, "--name", "some", "--base-url", server.address, "--json")
        assert [row["status"] for row in command(*flags).rows] == ["done"] * 5


def failed(command: Command, *more: object, code: int = 3) -> Finished:
    """A run whose two conversations fail on answers that are none."""
    with OpenAIServer(Served("small"), lambda messages, seed: "no") as server:
        flags = ("run", *OPENAI, "--sessions", 2, "--name", "some", "--base-url", server.address)
        return command(*flags, *more, code=code)


@pytest.mark.slow
def test_hints_are_printed_with_their_errors(command: Command) -> None:
    done = failed(command)
    [row, _] = command("threads", "--json").rows
    error = command("show", row["thread_id"], "--json").document["error"]
    assert f"{row['thread_id']} failed: {error['message']}\n  hint: {error['hint']}\n" in done.err
    shown = " ".join(command("show", row["thread_id"]).out.split())
    assert f"hint: {' '.join(error['hint'].split())}" in shown


@pytest.mark.slow
def test_the_command_that_retries_works_as_it_is_printed(command: Command, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'my store.db'}"
    done = failed(command, "--store", store, "--concurrency", 1, "--timeout", 7)
    line = next(line for line in done.err.splitlines() if line.startswith("  segue"))
    typed = shlex.split(line)
    assert typed[:6] == ["segue", "--store", store, "retry", "some", "--errors"]
    assert {"--allow-unpriced", "--concurrency", "--timeout"} < set(typed)
    with OpenAIServer(Served("small")) as server:
        at = typed.index("--base-url") + 1
        again = command(*typed[1:at], server.address, *typed[at + 1 :], "--json")
    assert [row["status"] for row in again.rows] == ["done", "done"]


@pytest.mark.slow
def test_a_branch_says_what_it_failed_on_and_names_the_store(command: Command, tmp_path: Path) -> None:
    store = ("--store", f"sqlite:///{tmp_path / 'other.db'}")
    with OpenAIServer(Served("small")) as server:
        flags = ("run", *OPENAI, "--base-url", server.address, "--json")
        [trunk] = command(*store, *flags).rows
    with OpenAIServer(Served("small"), lambda messages, seed: "no") as server:
        flags = (
            "branch",
            trunk["thread_id"],
            "--turn",
            1,
            "--agent",
            "recsys",
            "--seed",
            3,
            "--allow-unpriced",
        )
        done = command(*store, *flags, "--base-url", server.address, code=3)
    assert " failed: conversation " in done.err and "\n  hint: " in done.err
    line = next(line for line in done.err.splitlines() if line.startswith("compare with"))
    compare = shlex.split(line.partition("`")[2].rstrip("`"))
    assert compare[1:3] == list(store) and command(*compare[1:], "--json").out
    assert "the same command tries what failed again: segue --store" in done.err


def test_what_was_typed_is_told_again_by_its_settings(command: Command) -> None:
    from segue import RunConfig

    config = RunConfig(allow_unpriced=True, concurrency=3, base_url=["http://a/v1", "recsys=http://b/v1"])
    everything = set(RunConfig.model_fields)
    words = ["--base-url", "http://a/v1", "--base-url", "recsys=http://b/v1"]
    assert sorted(config.typed(everything)) == sorted([*words, "--concurrency", "3", "--allow-unpriced"])
    assert config.typed({"concurrency"}) == ["--concurrency", "3"] and RunConfig().typed(everything) == []

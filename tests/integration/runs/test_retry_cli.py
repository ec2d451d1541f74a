"""`segue retry` and `segue runs`: failures that stop nobody, repeated by themselves, and what is told of them."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable

import pytest
from support.command import Command, Finished, Played, signalled
from support.gemini.answerers import offline_answerer
from support.gemini.server import GeminiServer
from support.gemini.wire import Ask

GEMINI = ("--model", "google_genai:gemini-2.5-flash", "--modalities", "text", "--turns", 1)
KEY = {"GOOGLE_API_KEY": "test"}
NAMED = ("run", *GEMINI, "--sessions", 5, "--name", "some", "--json")


def deaf_to(country: str) -> Callable[[Ask], str]:
    """The offline model, which has nothing to say where a listener of that country is asked about."""
    answer = offline_answerer()
    return lambda ask: "{}" if any(f'"{country}"' in text for text in ask.texts) else answer(ask)


def partly_failed(command: Command) -> Finished:
    """Five conversations of which the three of a Brazilian listener failed."""
    with GeminiServer(deaf_to("Brazil")) as server:
        return command(*NAMED, "--base-url", server.url, code=3, **KEY)


def standings(command: Command) -> list[str]:
    return [row["status"] for row in command("runs", "some", "--json").rows]


def test_failed_conversations_stop_no_others_and_their_shares_are_told(command: Command) -> None:
    done = partly_failed(command)
    assert standings(command) == [row["status"] for row in done.rows] == ["failed"] * 3 + ["done"] * 2
    assert "failed so far: 3 of the 5 that ended (60.0 %)" in done.err
    assert "by country: Brazil 3/3 (100.0 %)\n" in done.err
    assert "by topic: unknown 3/3 (100.0 %)\n" in done.err, "they failed before they had a goal"
    assert "  segue retry some --errors" in done.err
    found = command("runs", "some", "--failures", "--json").document
    assert (found["failed"], found["ended"], found["share"]) == (3, 5, 0.6)
    assert [row["value"] for row in found["by"]["country"]] == ["Brazil", "Poland"]
    assert sum(row["ended"] for row in found["by"]["age_group"]) == 5
    assert [row["failed"] for row in found["by"]["gender"]] == [3, 0]
    table = command("runs", "some", "--failures").out
    assert "60.0 %" in table and "Poland" in table and "age group" in table


@pytest.mark.slow
def test_retry_repeats_what_failed_and_nothing_else(command: Command) -> None:
    partly_failed(command)
    with GeminiServer() as server:
        again = command("retry", "some", "--errors", "--base-url", server.url, "--json", **KEY)
        assert [row["status"] for row in again.rows] == ["done"] * 3
        assert len(server.exchanges) == 3 * 5
    assert standings(command) == ["done"] * 5
    assert all(row["error"] is None for row in command("threads", "--json").rows)
    nothing = command("retry", "some", "--errors", **KEY)
    assert nothing.out == "" and "no conversation of the run has failed" in nothing.err
    assert "all conversations of the run are done" in command("retry", "some", **KEY).err


@pytest.mark.slow
def test_a_retry_of_errors_that_the_cap_stopped_goes_on_with_the_same_command(command: Command) -> None:
    partly_failed(command)
    with GeminiServer() as server:
        flags = ("retry", "some", "--errors", "--base-url", server.url, "--json")
        stopped = command(*flags, "--max-cost", 0, code=4, **KEY)
        assert "the same command resumes" in stopped.err and standings(command).count("stopped") == 3
        again = command(*flags, **KEY)
        assert [row["status"] for row in again.rows] == ["done"] * 3
    assert standings(command) == ["done"] * 5


def test_without_errors_it_goes_on_with_all_that_is_not_done(command: Command) -> None:
    command.write("model: offline\nmodalities: text\nturns: 1\nsessions: 2\n", "part.yaml")
    run = command("run", "part.yaml", "--json").rows
    rows = command("runs", "part", "--json").rows
    assert [row["thread_id"] for row in rows] == [row["thread_id"] for row in run]
    assert "all conversations of the run are done" in command("retry", "part").err


@pytest.mark.slow
def test_a_retry_needs_the_runs_own_catalogue(command: Command) -> None:
    command("catalog", "demo", "mine")
    with GeminiServer(deaf_to("Brazil")) as server:
        command(*NAMED, "--catalog", "mine", "--base-url", server.url, code=3, **KEY)
        server_url = server.url
    sessions = command.folder / "mine" / "sessions.jsonl"
    text = sessions.read_text("utf-8")
    sessions.write_text("".join(text.splitlines(True)[:-1]), encoding="utf-8")
    other = command("retry", "some", "--errors", "--base-url", server_url, code=2, **KEY)
    assert "is not the catalogue of run" in other.err and "--catalog" in other.err
    sessions.write_text(text, encoding="utf-8")
    with GeminiServer() as server:
        command("retry", "some", "--errors", "--base-url", server.url, **KEY)
    assert standings(command) == ["done"] * 5


@pytest.mark.slow
def test_a_kill_in_a_retry_leaves_the_old_error(command: Command) -> None:
    with GeminiServer(lambda ask: "{}") as server:
        failed = command(*NAMED, "--sessions", 1, "--base-url", server.url, code=3, **KEY)
    thread = failed.rows[0]["thread_id"]
    before = command("show", thread, "--json").document["error"]
    with GeminiServer(latency=0.3) as server:
        retry = ("retry", "some", "--errors", "--base-url", server.url)
        with command.start(*retry, **KEY) as process:
            signalled(process, lambda: len(server.exchanges) >= 2, signal.SIGKILL)
    shown = command("show", thread, "--json").document
    assert (shown["status"], shown["error"]) == ("running", before)
    assert standings(command) == ["running"]
    with GeminiServer() as server:
        command("retry", "some", "--base-url", server.url, **KEY)
        assert len(server.exchanges) <= 4, "what the killed retry was answered is not asked again"
    assert command("show", thread, "--json").document["error"] is None and standings(command) == ["done"]


@pytest.mark.slow
def test_ctrl_c_prints_the_command_that_resumes(command: Command) -> None:
    with GeminiServer(latency=0.5) as server:
        flags = (*NAMED, "--base-url", server.url, "--concurrency", 2)
        with command.start(*flags, **KEY) as process:
            code, out, err = signalled(process, server.arrived.is_set, signal.SIGINT)
        assert (code, out) == (130, "") and len(server.exchanges) <= 2
        line = next(line for line in err.splitlines() if line.startswith("the same command resumes: "))
        typed = shlex.split(line.partition(": ")[2])
        assert typed == ["segue", *map(str, flags)]
        assert standings(command) == ["stopped", "stopped", "pending", "pending", "pending"]
        done = command(*typed[1:], **KEY)
    assert [row["status"] for row in done.rows] == ["done"] * 5
    asked = [exchange.raw for exchange in server.exchanges]
    assert len(asked) == len(set(asked)) == 5 * 5


@pytest.mark.slow
def test_ctrl_c_twice_stops_at_once_and_nothing_is_lost(command: Command) -> None:
    with GeminiServer(latency=20) as server:
        flags = (*NAMED, "--base-url", server.url)
        with command.start(*flags, **KEY) as process:
            assert process.stderr is not None
            said = process.stderr
            while not server.arrived.wait(0.01):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            while "again stops at once" not in said.readline():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=15)
        assert process.returncode == 130
        assert "stopped at once" in err and "segue run --model" in err and "Traceback" not in err
    assert command("store", "check", "--json").document["sound"]
    with GeminiServer() as later:
        done = command(*NAMED, "--base-url", later.url, **KEY)
    assert [row["status"] for row in done.rows] == ["done"] * 5


def test_a_password_in_the_stores_address_is_not_printed() -> None:
    from segue import RunConfig
    from segue.cli.playing import retry_command_line

    line = retry_command_line("postgresql://me:secret@host/name", "a run", RunConfig())
    assert "secret" not in line and line.endswith("retry 'a run' --errors")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("runs", "nowhere"), "no run 'nowhere'"),
        (("retry", "nowhere", "--errors"), "no run 'nowhere'"),
        (("runs", "--failures"), "are about one run"),
        (("runs", "part", "--status", "lost"), "it must be one of pending, running"),
    ],
)
def test_what_cannot_be_is_said(command: Command, arguments: tuple[str, ...], words: str) -> None:
    command.write("modalities: text\nturns: 1\n", "part.yaml")
    command("run", "part.yaml")
    assert (
        words
        in command(*arguments, code=2 if "--" in words or "must" in words or "one run" in words else 1).err
    )


@pytest.mark.parametrize(
    "line", ["threads", "stats", "audit", "export out --no-pictures", "judge --model offline"]
)
def test_a_run_that_is_none_is_said_with_those_there_are(played: Played, line: str) -> None:
    said = played.command(*line.split(), "--run", "nowhere", code=1).err
    [run] = [row["run"] for row in played.command("runs", "--json").rows]
    assert f"no run 'nowhere'\n  hint: `segue runs` lists them: {run}" in said


@pytest.mark.slow
def test_runs_are_listed_with_names_and_standings(command: Command) -> None:
    command.write("modalities: text\nturns: 1\nsessions: 2\n", "part.yaml")
    command("run", "part.yaml")
    command("run", "--modalities", "text", "--turns", 1, "--seed", 5)
    listed = command("runs", "--json").rows
    assert [(r["names"], r["conversations"], r["done"], r["pending"]) for r in listed] == [
        (["part"], 2, 2, 0),
        ([], 1, 1, 0),
    ]
    assert listed[0]["run"] in command("runs").out
    one = command("runs", listed[0]["run"][:6])
    assert [line.split()[2] for line in one.out.splitlines()] == ["done", "done"] and "part" in one.err
    assert command("runs", "part", "--status", "failed").out == ""


def test_a_branch_may_ask_at_another_address_and_is_the_same_branch_at_any(command: Command) -> None:
    with GeminiServer() as first:
        [row] = command(*NAMED, "--sessions", 1, "--base-url", first.url, **KEY).rows
    branch = ("branch", row["thread_id"], "--turn", 1, "--agent", "recsys", "--seed", 3, "--json")
    with GeminiServer() as other:
        made = command(*branch, "--base-url", other.url, **KEY).rows
        assert made[0]["status"] == "done" and len(other.exchanges) == 2
        asked = len(first.exchanges)
    with GeminiServer() as third:
        assert command(*branch, "--base-url", third.url, **KEY).rows == made
        assert third.exchanges == [] and len(first.exchanges) == asked

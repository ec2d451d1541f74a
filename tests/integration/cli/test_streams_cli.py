"""Streams that are closed, full, left or poor in characters: no traceback, one message, and the work goes on."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from support.command import TIME_LIMIT_S, Command, Finished, Played

FULL = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="there is no device that is always full here"
)
CLOSED = "segue: cannot write to stdout: it is closed\n"


def typed(command: Command, line: str, **environ: str) -> Finished:
    """The line as a shell understands it; `segue` is this one, and `code` is what it ended with."""
    whole = f"{line.replace('segue', shlex.join(command.line(())), 1)}"
    done = subprocess.run(
        ["bash", "-c", whole],
        cwd=command.folder,
        env=command.environment(environ),
        capture_output=True,
        encoding="utf-8",
        timeout=TIME_LIMIT_S,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def test_a_closed_stdout_is_named_once(played: Played) -> None:
    assert typed(played.command, "segue threads >&-") == Finished(1, "", CLOSED)


@FULL
@pytest.mark.parametrize("line", ["threads", "threads --json", "--help"])
def test_a_full_disk_behind_stdout_is_named_once(line: str, played: Played) -> None:
    done = typed(played.command, f"segue {line} > /dev/full")
    assert done == Finished(1, "", "segue: cannot write to stdout: No space left on device\n")


@pytest.mark.slow
def test_a_run_that_can_print_nothing_plays_to_the_end(command: Command) -> None:
    done = typed(command, "segue run --sessions 2 --turns 1 --modalities text >&-")
    assert done.code == 1 and CLOSED in done.err and "2 done, 0 failed" in done.err
    assert [row["status"] for row in command("threads", "--json").rows] == ["done", "done"]


@pytest.mark.slow
def test_a_closed_stderr_is_no_reason_to_stop_and_nothing_of_it_is_data(command: Command) -> None:
    done = typed(command, "segue run --sessions 1 --turns 1 --modalities text --json 2>&-")
    assert done.code == 0 and len(done.rows) == 1
    assert command("store", "check").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("line", ["judge --model offline", "judge --model offline --json", "replay --verify"])
def test_a_reader_that_goes_away_is_left_in_peace(line: str, own: Command) -> None:
    done = typed(own, f"segue {line} | head -c1")
    assert len(done.out) == 1
    assert "Traceback" not in done.err and "never retrieved" not in done.err and "rror" not in done.err


@pytest.mark.slow
def test_what_an_encoding_lacks_is_spelled_out(played: Played) -> None:
    whole = played.command("show", played.thread)
    done = typed(played.command, f"segue show {played.thread}", PYTHONIOENCODING="ascii")
    assert done.code == 0 and done.out.isascii() and done.err == ""
    assert "+ moves toward the goal" in done.out or "x does not move" in done.out
    assert len(done.out.splitlines()) >= len(whole.out.splitlines())


@pytest.mark.slow
def test_json_is_json_in_any_encoding(played: Played) -> None:
    line = f"segue show {played.thread} --json"
    done = typed(played.command, line, PYTHONIOENCODING="ascii")
    assert done.out.isascii()
    assert json.loads(done.out) == played.command.show(played.thread)


@pytest.mark.slow
def test_data_go_where_they_are_sent_while_a_bar_is_drawn(command: Command) -> None:
    """A bar on the terminal takes in what is meant for the same terminal, and nothing else."""
    pty = pytest.importorskip("pty")
    theirs, ours = pty.openpty()
    arguments = ("run", "--sessions", 1, "--turns", 1, "--modalities", "text", "--json")
    done = subprocess.run(
        command.line(arguments),
        cwd=command.folder,
        env=command.environment({"TERM": "xterm"}),
        stdout=subprocess.PIPE,
        stderr=ours,
        encoding="utf-8",
        timeout=TIME_LIMIT_S,
        check=False,
    )
    os.close(ours)
    with suppress(OSError), os.fdopen(theirs, "rb", buffering=0) as terminal:
        shown = b""
        while piece := terminal.read(4096):
            shown += piece
    assert done.returncode == 0 and json.loads(done.stdout)["status"] == "done"
    assert b"1/1" in shown and b"thread_id" not in shown

"""`segue delete` and `copy`: asked at a terminal, killed in the middle, and with what was imported."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
import support
from support.command import Command
from support.published import made_row, write_rows

KILLING = Path(str(support.__file__)).parent / "checkpoints" / "killing_upkeep.py"


def at_a_terminal(command: Command, typed: bytes, *arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout, and what stood on the terminal, when `typed` is the answer to the first question."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command.line(arguments),
        cwd=command.folder,
        env=command.environment({"COLUMNS": "80"}),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_as_its_terminal,
    )
    os.close(theirs)
    with process, os.fdopen(ours, "wb", buffering=0):
        try:
            shown, out = _answered(process, ours, typed)
        finally:
            process.kill()  # one that waits for an answer would be waited for
    return process.returncode, out, shown.decode()


def _answered(process: subprocess.Popen[bytes], terminal: int, typed: bytes) -> tuple[bytes, str]:
    """What stood on the terminal when it had ended, and what it wrote to stdout."""
    shown = b""
    while b"[y/N]" not in shown:
        assert select.select([terminal], [], [], 60)[0], f"no question: {shown!r}"
        shown += os.read(terminal, 4096)
    out = _typed(process, terminal, typed)
    while select.select([terminal], [], [], 0)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # nobody has it open any more
            break
    return shown, out


def _typed(process: subprocess.Popen[bytes], terminal: int, typed: bytes) -> str:
    """What it writes to stdout until it ends. Ctrl-C that comes just before Python begins to read is heard with the
    next key alone: it is typed once more, as people do."""
    for _ in range(2):
        os.write(terminal, typed)
        try:
            return process.communicate(timeout=10)[0].decode()
        except subprocess.TimeoutExpired:
            assert typed == b"\x03", "an answer is enough"
    raise AssertionError("it does not end")


def _as_its_terminal() -> None:
    """What stands on stdin controls the process: Ctrl-C typed there is a signal. Imports nothing: between a fork and
    what is run then, another thread's lock would be waited for, for ever."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (b"n\n", 0, "nothing was deleted"),
        (b"\n", 0, "nothing was deleted"),
        (b"\x04", 0, "nothing was deleted"),
        (b"\x03", 130, ""),
    ],
)
def test_whoever_does_not_say_yes_deletes_nothing(own: Command, typed: bytes, code: int, said: str) -> None:
    rows = own("threads", "--json").rows
    ended, out, shown = at_a_terminal(own, typed, "delete", rows[0]["thread_id"])
    assert ended == code and said in shown and "Traceback" not in shown
    assert f"1 conversation: {rows[0]['thread_id']}" in out
    assert own("threads", "--json").rows == rows


@pytest.mark.slow
def test_a_yes_at_the_terminal_deletes(own: Command) -> None:
    rows = own("threads", "--json").rows
    ended, _, shown = at_a_terminal(own, b"Yes\n", "delete", rows[0]["thread_id"])
    assert ended == 0 and "Delete all this? [y/N]" in shown and "deleted; the store uses the space" in shown
    assert own("threads", "--json").rows == rows[1:]


def killed(own: Command, what: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a deletion or a copy came to; and what those came to that were killed at one statement or another."""
    folder = own.folder / what
    folder.mkdir()
    line = [sys.executable, str(KILLING), "segue.db", str(folder), what, "1"]
    path = {"PYTHONPATH": os.pathsep.join([str(KILLING.parents[2]), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        line, cwd=own.folder, env=own.environment(path), capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    whole, *others = json.loads(done.stdout)
    assert not whole["killed"] and others and all(each["killed"] for each in others)
    return whole, others


@pytest.mark.slow
def test_a_deletion_that_is_killed_did_all_or_nothing(own: Command) -> None:
    own("run", "--modalities", "text", "--turns", 1, "--sessions", 1, "--seed", 7)
    rows = own("threads", "--json").rows
    whole, others = killed(own, "delete")
    left = [set(each["left"]["threads"]) for each in others]
    assert all(each["left"]["sound"] for each in (whole, *others))
    assert {len(each) for each in left} == {len(rows), len(rows) - 2}, "some were killed after it was done"
    for each in others:
        threads = each["left"]["threads"]
        assert all(threads[name] == told for name, told in whole["left"]["threads"].items())


@pytest.mark.slow
def test_a_copy_that_is_killed_goes_on_when_it_is_made_again(own: Command) -> None:
    whole, others = killed(own, "copy")
    for each in (whole, *others):
        assert each["left"]["sound"] and each["again"] == whole["left"]
        assert each["left"]["threads"].items() <= whole["left"]["threads"].items(), (
            "a conversation is there whole"
        )
    assert len(whole["left"]["threads"]) == 2 and any(not each["left"]["threads"] for each in others)


@pytest.mark.slow
def test_imported_conversations_are_copied_and_deleted_too(command: Command, tmp_path: Path) -> None:
    rows = [made_row(f"{user}__2018-01-01") for user in "abc"]
    run = command("import", write_rows(tmp_path / "made.jsonl", rows), "--json").document["run"]
    listed = command("threads", "--json").rows
    assert {row["status"] for row in listed} == {"imported"} and len(listed) == 3
    assert "copied 3 conversations" in command("copy", "--to", "other.db").out
    other = ("--store", "other.db")
    shown = [command("show", row["thread_id"], "--json").out for row in listed]
    for arguments in (("threads", "--json"), ("stats", "--json"), ("runs", "--json")):
        assert command(*other, *arguments).out == command(*arguments).out
    gone = listed[0]["thread_id"]
    assert command("delete", gone, "--yes", "--json").document["threads"] == [gone]
    assert command("threads", "--json").rows == listed[1:]
    assert command("show", listed[1]["thread_id"], "--json").out == shown[1]
    assert command("store", "check").code == 0
    assert command("delete", run, "--yes", "--json").document["runs"] == [run]
    assert command("threads", "--json").rows == [] and command("store", "check").code == 0
    assert [command(*other, "show", row["thread_id"], "--json").out for row in listed] == shown

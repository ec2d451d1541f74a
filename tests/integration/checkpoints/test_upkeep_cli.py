"""`segue delete` and `rename`: first said, then done; what is refused stays as it is."""

from __future__ import annotations

import pytest
from segue import open_store
from support.command import Command


def test_it_is_said_before_it_is_done(own: Command) -> None:
    rows = own("threads", "--json").rows
    thread = rows[0]["thread_id"]
    said = own("delete", thread)
    assert f"1 conversation: {thread}" in said.out and "checkpoints" in said.out
    assert "nothing was deleted; --yes does it" in said.err
    planned = own("delete", thread, "--json").document
    assert planned["threads"] == [thread] and not planned["deleted"]
    assert own("threads", "--json").rows == rows
    assert "deleted" in own("delete", thread, "--yes").err
    assert own("threads", "--json").rows == rows[1:]
    assert "no thread" in own("delete", thread, "--yes", code=1).err


def test_a_run_has_another_name(own: Command) -> None:
    run = own("runs", "--json").rows[0]["run"]
    assert own("rename", run, "first try").err == f"run {run} is called first try\n"
    own("rename", "first try", "pilot")
    assert own("runs", "--json").rows[0]["names"] == ["pilot"]
    assert "the name 'pilot' is taken, by run" in own("rename", run, "pilot", code=2).err
    assert "cannot be a run's name" in own("rename", run, " x ", code=2).err
    assert own("delete", "pilot", "--yes", "--json").document["runs"] == [run]
    assert own("runs", "--json").rows == []


async def test_a_name_that_the_run_has_beside_another_stays_alone(own: Command) -> None:
    run = own("runs", "--json").rows[0]["run"]
    own("rename", run, "pilot")
    with open_store(own.folder / "segue.db") as store:
        assert await store.reader.runs.bind("first try", run) == run
    assert own("rename", "pilot", "first try").err == f"run {run} is called first try\n"
    assert own("runs", "--json").rows[0]["names"] == ["first try"]


@pytest.mark.slow
def test_one_and_many_are_told_as_such(own: Command) -> None:
    thread = own("threads", "--json").rows[0]["thread_id"]
    assert own("copy", thread, "--to", "one.db").out.startswith("copied 1 conversation with ")
    own("branch", thread, "--turn", 2, "--agent", "recsys", "--seed", 3)
    assert "1 of them hangs on the others" in own("delete", thread, "--with-branches").out


@pytest.mark.slow
def test_a_copy_is_told_alike(own: Command) -> None:
    assert "--to is missing" in own("copy", code=2).err
    assert "copied 2 conversations" in own("copy", "--to", "sqlite:///other.db").out
    other = ("--store", "sqlite:///other.db")
    for arguments in (("threads", "--json"), ("cost", "--json"), ("runs",)):
        assert own(*other, *arguments).out == own(*arguments).out
    thread = own("threads", "--json").rows[0]["thread_id"]
    assert own(*other, "replay", thread, "--verify").out == own("replay", thread, "--verify").out
    again = own("copy", thread, "--to", "other.db", "--json").document
    assert (again["threads"], again["known"]) == ([], [thread])

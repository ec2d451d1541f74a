"""`segue search`: found texts as people read them and as JSON, whatever is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Command:
    command = Command(tmp_path_factory.mktemp("searched"), tmp_path_factory.mktemp("cache"))
    command("run", "--modalities", "text", "--turns", "2", "--sessions", "2", "--name", "first")
    return command


def test_what_was_said_is_found(played: Command) -> None:
    [thread] = {row["thread_id"] for row in played("threads", "--limit", "1", "--json").rows}
    said = played("show", thread, "--json").document["turns"][0]["listener"]["message"]
    phrase = " ".join(said.split()[:3])
    rows = played("search", f'"{phrase}"', "--thread", thread, "--kind", "message", "--json").rows
    assert (thread, 1, "listener", "message") in {
        (row["thread_id"], row["turn"], row["who"], row["kind"]) for row in rows
    }
    assert list(rows[0]) == ["thread_id", "run", "session_id", "turn", "who", "kind", "snippet", "marks"]
    shown = played("search", f'"{phrase}"', "--thread", thread).out
    assert f"{thread}  turn 1, listener says" in shown


def test_more_is_asked_for_by_a_key(played: Command) -> None:
    first = played("search", "a*", "--limit", "3", "--json")
    key = first.err.rpartition("--after ")[2].split()[0]
    second = played("search", "a*", "--limit", "3", "--after", key, "--json").rows
    assert first.rows + second == played("search", "a*", "--limit", "6", "--json").rows


@pytest.mark.parametrize(
    "typed", ["NEAR(a b)", "a AND OR", "col:x", "'; DROP TABLE conversation; --", "a\\", "^a + b"]
)
def test_whatever_is_typed_is_no_error(played: Command, typed: str) -> None:
    done = played("search", typed, "--run", "first")
    assert done.code == 0 and ("turn" in done.out or "nothing was found" in done.err)


@pytest.mark.parametrize("typed", ["", '"', "***", "\\"])
def test_without_a_word_that_is_told(played: Command, typed: str) -> None:
    assert "nothing to look for" in played("search", typed, code=2).err


def test_what_cannot_be_asked_is_told(played: Command, tmp_path: Path) -> None:
    done = played("search", "a", "--who", "you", code=2)
    assert "--who 'you': it must be one of listener, recsys" in done.err
    assert "no run 'none'" in played("search", "a", "--run", "none", code=1).err
    assert "no store at" in played("--store", f"{tmp_path}/none.db", "search", "a", code=1).err


def test_threads_are_narrowed_by_what_the_index_knows(played: Command) -> None:
    rows = played("threads", "--json").rows
    assert played("threads", "--model", "offline", "--json").rows == rows
    assert played("threads", "--failed-agent", "recsys", "--json").rows == []
    assert "--progress 'half'" in played("threads", "--progress", "half", code=2).err

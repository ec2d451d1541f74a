"""One store that tests read: two trunks, a branch of the first, and what a data set brought in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from segue import Conversation, OpenStore, open_store
from support.command import Command
from support.kept import Kept


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    command = Command(folder, tmp_path_factory.mktemp("cache"))
    options = ("--modalities", "text", "--turns", 3, "--sessions", 2, "--seed", 1, "--name", "kept")
    first = command("run", *options, "--json").rows[0]["thread_id"]
    made = command(
        "branch", first, "--turn", 2, "--agent", "recsys", "--seed", 7, "--reason", "again", "--json"
    )
    row = made.rows[0]
    return Kept(f"sqlite:///{folder}/segue.db", first, row["thread_id"], row["run"])


@pytest.fixture
def store(kept: Kept) -> Iterator[OpenStore]:
    with open_store(kept.url) as opened:
        yield opened


@pytest.fixture
def trunk(store: OpenStore, kept: Kept) -> Conversation:
    return store.conversation(kept.thread)


@pytest.fixture
def missing(tmp_path: Path) -> str:
    """The address of a store that is not there."""
    return f"sqlite:///{tmp_path}/missing.db"

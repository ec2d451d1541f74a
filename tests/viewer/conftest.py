"""One store that the pages are made from: two trunks and a branch of the first; and a browser without a window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from segue import OpenStore, open_store
from starlette.testclient import TestClient
from support.command import Command
from support.kept import Kept
from support.viewing import pages_of


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("viewed")
    command = Command(folder, tmp_path_factory.mktemp("cache"))
    options = ("--modalities", "text", "--turns", 3, "--sessions", 2, "--name", "kept")
    first = command("run", *options, "--json").rows[0]["thread_id"]
    made = command(
        "branch", first, "--turn", 2, "--agent", "recsys", "--seed", 7, "--reason", "again", "--json"
    )
    row = made.rows[0]
    return Kept(f"sqlite:///{folder}/segue.db", first, row["thread_id"], row["run"])


@pytest.fixture
def store(kept: Kept) -> Iterator[OpenStore]:
    with open_store(kept.url, read_only=True) as opened:
        yield opened


@pytest.fixture
def pages(store: OpenStore) -> TestClient:
    return pages_of(store)

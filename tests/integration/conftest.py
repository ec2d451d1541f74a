"""A command line for each test, and one store with finished conversations that tests read or copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import Command, Played
from support.gemini.server import GeminiServer
from support.hostile_store import hostile as hostile

TURNS = 3


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def command(tmp_path: Path, cache: Path) -> Command:
    """segue in an empty folder."""
    return Command(tmp_path, cache)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Played:
    command = Command(tmp_path_factory.mktemp("played"), cache)
    done = command("run", "--modalities", "text", "--turns", TURNS, "--sessions", 2, "--json")
    return Played(command, done.rows, done.err)


@pytest.fixture
def own(played: Played, tmp_path: Path) -> Command:
    """segue in a copy of the shared store, to write into."""
    return played.command.copied(tmp_path / "own")


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server

"""Stores for the tests: a SQLite file of its own for each, or a database on a PostgreSQL server of this session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.checkpoints.postgres import NoServerError, emptied_database, server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server; tests that need one are skipped where none is installed."""
    running = server()
    try:
        url = running.__enter__()
    except NoServerError as error:
        pytest.skip(str(error))
    yield url
    running.__exit__(None, None, None)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty database."""
    return emptied_database(postgres_server, "segue_tests")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{tmp_path / 'segue.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """Either database, empty."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url

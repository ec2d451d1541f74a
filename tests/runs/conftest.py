"""A stage on a store of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.runs.staging import Staged, staged


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Staged]:
    with staged(f"sqlite:///{tmp_path}/segue.db", tmp_path) as stage:
        yield stage

"""One store that tests read: two trunks, a branch of the first, and what a data set brought in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from segue import Conversation, OpenStore, open_store
from support.kept import Kept


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

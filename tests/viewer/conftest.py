"""One store that the pages are made from: two trunks and a branch of the first; and a browser without a window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from segue import OpenStore, open_store
from starlette.testclient import TestClient
from support.kept import Kept
from support.viewer.viewing import pages_of


@pytest.fixture
def store(kept: Kept) -> Iterator[OpenStore]:
    with open_store(kept.url, read_only=True) as opened:
        yield opened


@pytest.fixture
def pages(store: OpenStore) -> TestClient:
    return pages_of(store)

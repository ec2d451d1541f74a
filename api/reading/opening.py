"""A store opened so that its index can be kept."""

from __future__ import annotations

import os
from pathlib import Path

from ...checkpoints.saver.database.dialects import WAIT, Address, make_engine, parse_url, translated
from ...core.places import DEFAULT_STORE
from ..store import OpenStore, open_store


def open_searchable(url: Address = DEFAULT_STORE, *, lock_seconds: float = WAIT) -> OpenStore:
    """Open a store for search and pages: for writing, so that its index is kept, where it can be written; otherwise for
    reading alone.

    Raises:
        NotFoundError, ConfigError, StoreError: as `open_store`.
    """
    return open_store(url, read_only=not _is_writable(url), lock_seconds=lock_seconds)


def _is_writable(url: Address) -> bool:
    """Whether a file and its folder may be written; of a server's store, whether tables may be made there."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    from ...checkpoints.search.tables import may_be_made

    engine = make_engine(parsed, "FULL")
    try:
        with translated(parsed), engine.connect() as connection:
            return may_be_made(connection)
    finally:
        engine.dispose()

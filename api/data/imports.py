"""Conversations of published data sets, brought into a store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.places import DEFAULT_STORE
from ...core.time_limits import LOCK_SECONDS
from ...dataset.importing import import_dataset
from ...dataset.opening import open_dataset
from ..store import Address, OpenStore, using

File = str | Path


@dataclass(frozen=True)
class ImportSummary:
    """What was imported.

    Attributes:
        name: what the data set is called in the store.
        tracks_lacking: tracks that nothing is known of.
    """

    name: str
    run: str
    conversations: int
    tracks: int
    tracks_lacking: int


def import_(
    source: File,
    *,
    name: str | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    lock_seconds: float = LOCK_SECONDS,
) -> ImportSummary:
    """Bring published conversations into the store: to read, measure, judge and export, not to play or branch.

    Doing it again adds nothing. A store that is not there is made.

    Args:
        source: an export's folder, or parquet or JSONL of that schema.
        name: what to call it; the file's or folder's name by default.
        lock_seconds: as for `open_store`.

    Raises:
        CatalogError: it cannot be read; names file, line and field.
        InputError: two conversations have the same session id.
    """
    dataset = open_dataset(Path(source))
    with using(store, create=True, lock_seconds=lock_seconds) as opened:
        brought = import_dataset(dataset, opened.store, name=name)
    return ImportSummary(
        name or dataset.name, brought.run_id, brought.conversations, brought.tracks, brought.lacking
    )

"""Import: the conversations of a published data set into the store, as threads to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from ..checkpoints import Store
from ..checkpoints.store.imported import Import, ImportedRows
from ..core.errors import InputError
from ..core.hashing import digest_of
from .data_set import conversations_of
from .opening import DataSet
from .rows import ConversationRow, ExtraRow, TrackRow
from .writing import track_ids

AT_ONCE: Final = 200
"""Conversations in a transaction."""

RUN_ID_LENGTH: Final = 10


@dataclass(frozen=True)
class ImportCounts:
    """What came of an import."""

    run_id: str
    conversations: int
    tracks: int
    lacking: int


def import_dataset(dataset: DataSet, store: Store, *, name: str | None = None) -> ImportCounts:
    """Keep every conversation of `dataset` in the store, word for word. Doing it again adds nothing.

    Args:
        name: shown for the data set; its own by default, and part of the threads' ids.

    Raises:
        InputError: two conversations have the same session id.
    """
    shown = name or dataset.name
    run_id = digest_of(["imported", shown])[:RUN_ID_LENGTH]
    rows = ImportedRows(store)
    tracks = dataset.tracks()
    named: set[str] = set()
    seen: set[str] = set()
    count = 0
    waiting = conversations_of(dataset)
    while part := list(islice(waiting, AT_ONCE)):
        for _, row, _ in part:
            if row["session_id"] in seen:
                raise InputError(f"two conversations have the session id {row['session_id']!r}")
            seen.add(row["session_id"])
        imports = [_import(split, row, extra, tracks, named) for split, row, extra in part]
        rows.add(run_id, shown, imports, count)
        count += len(part)
    return ImportCounts(run_id, count, len(named & tracks.keys()), len(named - tracks.keys()))


def _import(
    split: str, row: ConversationRow, extra: ExtraRow | None, tracks: Mapping[str, TrackRow], named: set[str]
) -> Import:
    ids = list(dict.fromkeys(track_ids(row, extra)))
    named.update(ids)
    goal: Mapping[str, Any] = row.get("conversation_goal") or {}
    return Import(
        split=split,
        row=row,
        extra=extra,
        tracks=[tracks[i] for i in ids if i in tracks],
        summary={
            "session_id": row["session_id"],
            "turns": sum(m["role"] == "assistant" for m in row["conversations"]),
            "category": _short(goal.get("category"), 1),
            "specificity": _short(goal.get("specificity"), 2),
        },
    )


def _short(value: object, most: int) -> str | None:
    """A code for the list of threads; what is no code stays in the row only."""
    return value if isinstance(value, str) and len(value) <= most else None

"""Writing of an export: the tables of a data set as parquet, row by row, in a folder that `datasets` loads."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from ..core.errors import CatalogError, ConfigError, InputError
from .absent_fields import absent_fields, unknown_fields
from .arrow import (
    ALL_EXTRAS,
    CONVERSATIONS,
    TRACK_FEATURES,
    TRACKS,
    USERS,
    Kind,
    features,
    pyarrow,
    without,
)
from .data_set import conversations_of
from .measuring.statistics import Statistics
from .opening import DataSet
from .parquet_files import FOLDERS
from .rows import (
    ACTION_COLUMNS,
    THOUGHT_COLUMNS,
    VERDICT_COLUMNS,
    ConversationRow,
    ExtraRow,
    TrackRow,
    UnplayedTurn,
    UserRow,
)
from .state_rows import user_of

GROUP_ROWS: Final = 256
"""Conversations in a row group: what a reader holds at once."""

TABLE_ROWS: Final = 8192

TEST_SPLITS: Final = ("test", "test_warm", "test_cold")
"""Splits whose tracks are `test_tracks`."""

Schemas = Mapping[str, Mapping[str, Kind]]


@dataclass
class Exported:
    """What an export wrote.

    Attributes:
        schemas: table -> its columns.
        splits: table -> split -> rows.
        lacking: tracks that the conversations name and nothing is known of.
        templates: (name, digest) of a prompt template -> conversations that it was used in.
        models: (agent, model) -> conversations.
        repaired: conversations in which an answer was refused and asked for again.
        silent: conversations left out because nothing was ever played in them.
    """

    schemas: Schemas
    statistics: Statistics
    splits: dict[str, dict[str, int]] = field(default_factory=dict)
    lacking: int = 0
    templates: Counter[tuple[str, str]] = field(default_factory=Counter)
    models: Counter[tuple[str, str]] = field(default_factory=Counter)
    repaired: int = 0
    silent: int = 0

    def note(self, extra: ExtraRow | None) -> None:
        """Count what made one conversation."""
        known: ExtraRow = extra or {}
        self.templates.update((t["name"], t["digest"]) for t in known.get("template_digests") or ())
        self.models.update((m["agent"], m["model"]) for m in known.get("models") or ())
        self.repaired += bool(known.get("repairs"))


class TableWriter:
    """One parquet file, a row group at a time."""

    def __init__(self, file: Path, columns: Mapping[str, Kind], rows: int) -> None:
        arrow = pyarrow()
        file.parent.mkdir(parents=True, exist_ok=True)
        self._arrow = arrow
        self._schema = features(columns).arrow_schema
        self._names = tuple(columns)
        self._writer = arrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._held: list[dict[str, Any]] = []
        self._most = rows
        self.count = 0

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a row; columns that it does not have are null."""
        self._held.append({name: row.get(name) for name in self._names})
        self.count += 1
        if len(self._held) >= self._most:
            self._flush()

    def close(self) -> None:
        """Write what is held and end the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(self._arrow.Table.from_pylist(self._held, schema=self._schema))
            self._held = []


def schemas_of(*, thoughts: bool, verdicts: bool = False, actions: bool = False) -> Schemas:
    """Table -> columns of an export, with or without the columns that hold thoughts and nothing else, those that hold
    criteria and verdicts, and those of turns without a track."""
    left_out = (
        *(() if thoughts else THOUGHT_COLUMNS),
        *(() if verdicts else VERDICT_COLUMNS),
        *(() if actions else ACTION_COLUMNS),
    )
    return {
        "conversations": CONVERSATIONS,
        "extras": without(ALL_EXTRAS, left_out),
        "tracks": TRACKS,
        "track_features": TRACK_FEATURES,
        "users": USERS,
    }


def require_empty(folder: Path) -> None:
    """Raises `InputError` for a path that is no folder or holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{str(folder)!r} exists and is not an empty folder",
            hint="name another folder; an export overwrites nothing",
        )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its place when all has been written, and goes when not.

    Raises:
        InputError: `folder` holds something.
        ConfigError: it cannot be written.
    """
    require_empty(folder)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        raise ConfigError(f"{str(folder)!r} cannot be written: {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_tables(dataset: DataSet, folder: Path, *, thoughts: bool = True) -> Exported:
    """Write all tables of the data set into `folder`, reading its conversations once.

    Args:
        thoughts: False leaves every thought out, in the messages and in our own columns.

    Raises:
        InputError: there is no conversation, two have the same session id, or one has fields that the published
            schema does not know.
    """
    columns = schemas_of(thoughts=thoughts, verdicts=dataset.verified(), actions=dataset.acting())
    exported = Exported(columns, Statistics(dataset.name))
    needed, users = _write_conversations(dataset, folder, exported, thoughts=thoughts)
    if not exported.splits.get("conversations"):
        raise InputError(
            "there is no finished conversation to export", hint="`segue threads` lists what is there"
        )
    _write_tracks(dataset.tracks(), folder, exported, needed)
    with ExitStack() as stack:
        table = _open(stack, exported, folder, "users", "all_users")
        for user_id in sorted(users):
            table.write(users[user_id])
    exported.splits["users"] = {"all_users": len(users)}
    exported.statistics.add_artists(dataset.tracks())
    return exported


def _write_conversations(
    dataset: DataSet, folder: Path, exported: Exported, *, thoughts: bool
) -> tuple[dict[str, bool], dict[str, UserRow]]:
    """Write conversations and extras; the tracks they name (True: in testing), and their listeners."""
    needed: dict[str, bool] = {}
    users: dict[str, UserRow] = {}
    seen: set[str] = set()
    for split in dataset.splits:
        with ExitStack() as stack:
            main = _open(stack, exported, folder, "conversations", split)
            beside = _open(stack, exported, folder, "extras", split)
            for _, row, extra in conversations_of(dataset, [split]):
                _require_known(row, seen)
                if not row["conversations"]:
                    exported.silent += 1  # nothing was ever played, and a row tells of what was
                    continue
                exported.statistics.add(row, split, extra)
                if not thoughts:
                    row, extra = without_thoughts(row), _without_unplayed_thoughts(extra)
                main.write(row)
                beside.write(extra or {"session_id": row["session_id"], "absent": absent_fields(row)})
                exported.note(extra)
                for track_id in track_ids(row, extra):
                    needed[track_id] = needed.get(track_id, False) or split in TEST_SPLITS
                user = user_of(row)
                if user is not None:
                    users.setdefault(user["user_id"], user)
            for name, table in (("conversations", main), ("extras", beside)):
                exported.splits.setdefault(name, {})[split] = table.count
    return needed, users


def _write_tracks(
    tracks: Mapping[str, TrackRow], folder: Path, exported: Exported, needed: Mapping[str, bool]
) -> None:
    known = [track_id for track_id in sorted(needed) if track_id in tracks]
    exported.lacking = len(needed) - len(known)
    parts = {"all_tracks": known, "test_tracks": [t for t in known if needed[t]]}
    for split, ids in parts.items():
        if not ids and split != "all_tracks":
            continue
        with ExitStack() as stack:
            metadata = _open(stack, exported, folder, "tracks", split)
            beside = _open(stack, exported, folder, "track_features", split)
            for track_id in ids:
                metadata.write(tracks[track_id])
                beside.write(tracks[track_id])
        for name in ("tracks", "track_features"):
            exported.splits.setdefault(name, {})[split] = len(ids)


def _open(stack: ExitStack, exported: Exported, folder: Path, name: str, split: str) -> TableWriter:
    rows = GROUP_ROWS if name in ("conversations", "extras") else TABLE_ROWS
    file = folder / FOLDERS[name] / f"{split}.parquet"
    writer = TableWriter(file, exported.schemas[name], rows)
    stack.callback(writer.close)
    return writer


def _require_known(row: ConversationRow, seen: set[str]) -> None:
    session_id = row["session_id"]
    if session_id in seen:
        raise InputError(f"two conversations have the session id {session_id!r}", hint="remove one")
    seen.add(session_id)
    unknown = unknown_fields(row)
    if unknown:
        raise CatalogError(
            f"conversation {session_id!r} has a field that the published schema does not know",
            field=unknown[0],
            hint="parquet columns are fixed; remove the field, or keep the JSONL file",
        )


def track_ids(row: ConversationRow, extra: ExtraRow | None) -> Iterator[str]:
    """Every track that the conversation names: played, in its pool, or for its profile."""
    yield from (m["content"] for m in row["conversations"] if m["role"] == "music" and m["content"])
    if extra is not None:
        yield from extra.get("pool") or ()
        yield from extra.get("profiling_tracks") or ()


def _without_unplayed_thoughts(extra: ExtraRow | None) -> ExtraRow | None:
    """The same with no thought on the turns without a track."""
    if extra is None or not extra.get("unplayed"):
        return extra
    bare = {"thought": None, "listener_thought": None}
    return {**extra, "unplayed": [cast(UnplayedTurn, {**turn, **bare}) for turn in extra["unplayed"]]}


def without_thoughts(row: ConversationRow) -> ConversationRow:
    """The row with null for every thought that it has."""
    shown = row.copy()
    shown["conversations"] = [
        {**message, "thought": None} if "thought" in message else message for message in row["conversations"]
    ]
    return shown

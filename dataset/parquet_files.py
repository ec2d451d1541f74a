"""Conversations from parquet files of the published schema, and the tables that an export puts beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ..core.errors import CatalogError
from .absent_fields import remove_absent, without_nulls
from .arrow import pyarrow
from .data_set import DataSet
from .row_check import check_row
from .rows import ConversationRow, ExtraRow, TrackRow, UserRow
from .splits import split_name

FOLDERS = {
    "conversations": "data",
    "extras": "extras",
    "tracks": "tracks",
    "track_features": "track_features",
    "users": "users",
}
"""What is in which folder of an export."""

_BATCH = 256
"""Conversations that are turned into Python at once."""

T = TypeVar("T")
Files = Mapping[str, Sequence[Path]]


def find_parquet(path: Path) -> Files | None:
    """Split -> its files with conversations at `path`, in order; None when there are none."""
    if path.is_file():
        candidates = [path] if path.suffix == ".parquet" else []
    else:
        inner = path / FOLDERS["conversations"]
        candidates = sorted((inner if inner.is_dir() else path).glob("*.parquet"))
    found: dict[str, list[Path]] = {}
    for file in candidates:
        if "conversations" in _file(file).schema_arrow.names:
            found.setdefault(split_name(file.stem), []).append(file)
    # As everywhere: what one learns from comes first.
    return {name: found[name] for name in sorted(found, key=lambda n: (n != "train", n))} or None


def _file(path: Path) -> Any:
    arrow = pyarrow()
    try:
        return arrow.parquet.ParquetFile(path)
    except (arrow.ArrowInvalid, OSError) as error:
        raise CatalogError(f"cannot be read as parquet: {str(error).splitlines()[0]}", file=path) from error


def open_parquet(path: Path, files: Files) -> DataSet:
    """The data set in `files`, with the tables beside them when `path` is an export's folder."""
    folder = path if path.is_dir() else None
    return ParquetDataSet(path.resolve().stem if path.is_file() else path.resolve().name, files, folder)


class ParquetDataSet(DataSet):
    """Parquet files; of the tables beside them only ids are held, rows are read when they are asked for."""

    def __init__(self, name: str, files: Files, folder: Path | None) -> None:
        self.name = name
        self._files = files
        self._folder = folder

    @cached_property
    def splits(self) -> Mapping[str, int]:
        return {
            split: sum(_file(file).metadata.num_rows for file in files)
            for split, files in self._files.items()
        }

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        absent = self._absent
        for name, files in self._files.items():
            if split in (None, name):
                for file in files:
                    yield from _rows(file, absent)

    def tracks(self) -> Mapping[str, TrackRow]:
        return self._tracks

    def users(self) -> Mapping[str, UserRow]:
        return self._users

    def extras(self) -> Mapping[str, ExtraRow]:
        return self._extras

    def verified(self) -> bool:
        return self._have("verdicts")

    def acting(self) -> bool:
        return self._have("actions")

    def _have(self, column: str) -> bool:
        files = self._beside("extras", None)
        return any(column in _file(file).schema_arrow.names for file in files)

    @cached_property
    def _tracks(self) -> Mapping[str, TrackRow]:
        features: TableRows[Any] = TableRows(self._beside("track_features", "all_tracks"), "track_id")
        return TableRows(self._beside("tracks", "all_tracks"), "track_id", beside=features)

    @cached_property
    def _users(self) -> Mapping[str, UserRow]:
        return TableRows(self._beside("users", None), "user_id")

    @cached_property
    def _extras(self) -> Mapping[str, ExtraRow]:
        return TableRows(self._beside("extras", None), "session_id", held=2)

    @cached_property
    def _absent(self) -> Mapping[str, list[str]] | None:
        """Session id -> its absent fields, for those that have any; None when nobody listed them."""
        files = self._beside("extras", None)
        if not files or any("absent" not in _file(file).schema_arrow.names for file in files):
            return None
        tables = [_file(file).read(["session_id", "absent"]).to_pylist() for file in files]
        return {row["session_id"]: row["absent"] for rows in tables for row in rows if row["absent"]}

    def _beside(self, what: str, split: str | None) -> list[Path]:
        """The files of one of an export's tables; of all its splits when `split` is None."""
        if self._folder is None:
            return []
        files = sorted((self._folder / FOLDERS[what]).glob("*.parquet"))
        return [file for file in files if split in (None, split_name(file.stem))]


def _rows(file: Path, absent: Mapping[str, list[str]] | None) -> Iterator[ConversationRow]:
    number = 0
    for batch in _file(file).iter_batches(batch_size=_BATCH):
        for raw in batch.to_pylist():
            number += 1
            if absent is None:
                row = check_row(without_nulls(raw), file=file, line=number)
            else:
                row = check_row(remove_absent(raw, absent.get(raw["session_id"], ())), file=file, line=number)
            yield row


class TableRows(Mapping[str, T], Generic[T]):
    """Rows of parquet files by one column, made when they are asked for.

    Args:
        beside: further columns of the same rows.
        held: row groups kept in memory, as arrow tables; all that were touched when None.
    """

    def __init__(
        self,
        files: Sequence[Path],
        key: str,
        *,
        beside: Mapping[str, Any] | None = None,
        held: int | None = None,
    ) -> None:
        self._files = [_file(file) for file in files]
        self._key = key
        self._beside = beside or {}
        self._group = lru_cache(maxsize=held)(self._read)

    @cached_property
    def _places(self) -> dict[str, tuple[int, int, int]]:
        """Key -> file, row group, row."""
        return {
            name: (number, group, row)
            for number, file in enumerate(self._files)
            for group in range(file.num_row_groups)
            for row, name in enumerate(file.read_row_group(group, [self._key])[self._key].to_pylist())
        }

    def _read(self, number: int, group: int) -> Any:
        return self._files[number].read_row_group(group)

    def __getitem__(self, key: str) -> T:
        number, group, row = self._places[key]
        values = self._group(number, group).slice(row, 1).to_pylist()[0]
        return cast(T, {**without_nulls(values), **self._beside.get(key, {})})

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

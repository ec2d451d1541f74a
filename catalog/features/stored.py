"""`features.jsonl`: the features of a native catalogue beside its tracks, and how they fill the tracks in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
from pydantic import ValidationError

from ...core.errors import CatalogError
from ...core.validation import invalid
from ..atomic_files import write_atomically
from ..columns import TRACK_COLUMNS, is_filled
from ..source_files import read_ndjson
from .record import FeatureRecord
from .survey_settings import Preference

FILE: Final = "features.jsonl"

FILLED: Final = ("tempo", "key", "chords", "lyrics", "language")
"""Fields of a track that a recording can tell."""

_VALUES: Final = pl.Struct({name: TRACK_COLUMNS[name] for name in FILLED})
_COLUMNS: Final = {"track_id": pl.String(), "prefer": pl.String(), "values": _VALUES}


class StoredFeature(FeatureRecord):
    """A line of the file: a recording's features, the track that it belongs to, and which value counts.

    Attributes:
        track_id: the track's.
        prefer: `source`: the features fill in what the track lacks. `audio`: they go before what the
            catalogue's source says. Either way the source's own value stays in the file of tracks.
    """

    track_id: str
    prefer: Preference


@dataclass(frozen=True)
class Features:
    """Features that a catalogue was opened with.

    Attributes:
        file: where they lie.
        tracks: the tracks as their own file has them.
    """

    file: Path
    tracks: pl.DataFrame

    def following(self, before: pl.DataFrame, after: pl.DataFrame) -> Features:
        """The same for tracks that were changed since they were filled in.

        Where a change did not touch a field, its value stays the source's own; what it put there is taken.
        """
        own = [name for name in FILLED if name in self.tracks.columns]
        lists = [name for name in FILLED if name in before.columns and name in after.columns]
        sources = self.tracks.select("track_id", *(pl.col(n).alias(f"{n} own") for n in own))
        filled = before.select("track_id", *(pl.col(n).alias(f"{n} filled") for n in lists))
        joined = after.join(sources, on="track_id", how="left", maintain_order="left").join(
            filled, on="track_id", how="left", maintain_order="left"
        )
        kept = [_own_again(name, name in own) if name in lists else pl.col(name) for name in after.columns]
        return Features(self.file, joined.select(kept))


def with_features(tracks: pl.DataFrame, folder: Path) -> tuple[pl.DataFrame, Features | None]:
    """The tracks of `folder` with the values that its features file adds; as they are when there is none.

    Raises:
        CatalogError: a line cannot be read; names file, line and field.
    """
    file = folder / FILE
    if not file.is_file():
        return tracks, None
    heard = _table(file).unique("track_id", keep="last").unnest("values")
    names = {name: f"{name} heard" for name in FILLED}
    joined = tracks.join(heard.rename(names), on="track_id", how="left", maintain_order="left")
    filled = joined.with_columns(_chosen(name, name in tracks.columns) for name in FILLED)
    kept = [n for n in TRACK_COLUMNS if n in tracks.columns or (n in FILLED and is_filled(filled[n]))]
    return filled.select(kept), Features(file, tracks)


def read_stored(folder: Path) -> dict[str, StoredFeature]:
    """Every line of the file by track; none when there is no file.

    Raises:
        CatalogError: a line cannot be read; names file, line and field.
    """
    file = folder / FILE
    found: dict[str, StoredFeature] = {}
    if file.is_file():
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            if line.strip():
                stored = _line(line, file, number)
                found[stored.track_id] = stored
    return found


def write_stored(folder: Path, records: Mapping[str, FeatureRecord], prefer: Preference) -> Path:
    """Write one line for each track, in order of their ids, whole or not at all.

    Raises:
        CatalogError: the folder cannot be written.
    """
    rows = [
        {"track_id": track_id, "prefer": prefer, **records[track_id].to_row()} for track_id in sorted(records)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    try:
        write_atomically(folder / FILE, text.encode())
    except OSError as error:
        raise CatalogError(f"cannot be written: {error.strerror}", file=folder / FILE) from error
    return folder / FILE


def agreement(pairs: Iterable[tuple[Mapping[str, Any], FeatureRecord]]) -> dict[str, dict[str, int]]:
    """Field -> of how many tracks the source and the recording both tell it, and of how many they agree.

    Tempi agree within 4 %; keys when they are the same pitch and mode, however written.
    """
    counted = {name: {"both": 0, "agree": 0} for name in ("tempo", "key")}
    for source, record in pairs:
        for name, count in counted.items():
            said, heard = source.get(name), getattr(record.values, name)
            if said is not None and heard is not None:
                count["both"] += 1
                count["agree"] += _agrees(name, said, heard)
    return counted


def _agrees(name: str, said: Any, heard: Any) -> bool:
    from .pitch import parse_key

    if name == "tempo":
        return bool(abs(heard / said - 1) <= 0.04)
    try:
        return parse_key(said) == parse_key(heard)
    except ValueError:
        return False


def _table(file: Path) -> pl.DataFrame:
    try:
        return read_ndjson(file, schema=_COLUMNS)
    except pl.exceptions.PolarsError as error:
        read_stored(file.parent)
        raise CatalogError(f"cannot be read: {str(error).splitlines()[0]}", file=file) from error


def _chosen(name: str, in_source: bool) -> pl.Expr:
    heard, kind = pl.col(f"{name} heard"), TRACK_COLUMNS[name]
    said = pl.col(name) if in_source else pl.lit(None, dtype=kind)
    if isinstance(kind, pl.List):
        heard, said = _or_null(heard), _or_null(said)
    audio_first = pl.coalesce(heard, said)
    chosen = pl.when(pl.col("prefer") == "audio").then(audio_first).otherwise(pl.coalesce(said, heard))
    return (chosen.fill_null(pl.lit([], dtype=kind)) if isinstance(kind, pl.List) else chosen).alias(name)


def _own_again(name: str, in_source: bool) -> pl.Expr:
    own = pl.col(f"{name} own") if in_source else pl.lit(None, dtype=TRACK_COLUMNS[name])
    untouched = pl.col(name).eq_missing(pl.col(f"{name} filled"))
    return pl.when(untouched).then(own).otherwise(pl.col(name)).alias(name)


def _or_null(lists: pl.Expr) -> pl.Expr:
    return pl.when(lists.list.len() > 0).then(lists)


def _line(line: bytes, file: Path, number: int) -> StoredFeature:
    try:
        return StoredFeature.model_validate_json(line)
    except ValidationError as error:
        raise invalid(error, file=file, line=number) from error

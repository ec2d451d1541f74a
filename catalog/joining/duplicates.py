"""Tracks that are in a catalogue several times: found by ISRC and by name, listed or made one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ..columns import TRACK_COLUMNS, complete
from .names import name_keys

_EXAMPLES: Final = 10


@dataclass(frozen=True)
class DuplicateGroups:
    """What was found by one likeness: how many groups, the tracks in them, and the largest by track ids."""

    groups: int
    tracks: int
    examples: Sequence[Sequence[str]]

    def to_json(self) -> dict[str, Any]:
        return {"groups": self.groups, "tracks": self.tracks, "examples": [list(e) for e in self.examples]}


@dataclass(frozen=True)
class Merged:
    """Tables after duplicates were made one.

    Attributes:
        gone: tracks that went into others.
    """

    tracks: pl.DataFrame
    sessions: pl.DataFrame
    gone: int


def duplicates(tracks: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """`isrc` and `name` -> `row` and `same`, for the tracks that share the one or the other.

    Names are compared whole, with brackets and suffixes: another version is another track.
    """
    keys = name_keys(pl.col("artist_name").list.first(), pl.col("track_name").list.first())
    rows = tracks.with_row_index("row")
    codes = complete(tracks, {"ISRC": TRACK_COLUMNS["ISRC"]}) if "ISRC" in tracks.columns else None
    isrcs = (
        codes.with_row_index("row").select("row", same="ISRC").explode("same").drop_nulls().unique()
        if codes is not None
        else pl.DataFrame(schema={"row": pl.UInt32, "same": pl.String})
    )
    found = {"isrc": isrcs, "name": rows.select("row", same=keys["exact"])}
    return {
        name: table.filter(pl.col("same").is_duplicated()).sort("same", "row")
        for name, table in found.items()
    }


def likeness(tracks: pl.DataFrame, same: pl.DataFrame) -> DuplicateGroups:
    """What `duplicates` found, for people."""
    groups = (
        same.group_by("same", maintain_order=True)
        .agg("row")
        .sort(pl.col("row").list.len(), "same", descending=[True, False])
    )
    ids = tracks["track_id"]
    shown = [ids.gather(rows[:_EXAMPLES]).to_list() for rows in groups["row"].head(_EXAMPLES)]
    return DuplicateGroups(len(groups), same["row"].n_unique(), shown)


def merge(tracks: pl.DataFrame, sessions: pl.DataFrame, plays: pl.Series) -> Merged:
    """Make one track of all that share an ISRC or a name, and let sessions point to it.

    The most played stays, then the first; what it lacks is taken from the others.

    Args:
        sessions: with `tracks`, rows of `tracks`, as `TableCatalog` has them.
    """
    home = _homes(duplicates(tracks), plays)
    if not home:
        return Merged(tracks, sessions, 0)
    filled = _filled(tracks, home)
    rows = pl.DataFrame({"row": pl.int_range(len(tracks), dtype=pl.UInt32, eager=True)}).with_columns(
        home=pl.col("row").replace(home)
    )
    kept = rows.filter(pl.col("row") == pl.col("home")).select(home="row").with_row_index("new")
    new = rows.join(kept, on="home", maintain_order="left")["new"]
    lists = sessions["tracks"]
    moved = pl.DataFrame({"at": pl.int_range(len(lists), eager=True), "row": lists}).explode("row")
    regrouped = (
        moved.with_columns(tracks=new.gather(moved["row"])).group_by("at", maintain_order=True).agg("tracks")
    )
    return Merged(filled[kept["home"]], sessions.with_columns(regrouped["tracks"]), len(tracks) - len(kept))


def _homes(found: Mapping[str, pl.DataFrame], plays: pl.Series) -> dict[int, int]:
    """Row -> the row that it becomes, for rows that become another."""
    parent: dict[int, int] = {}

    def root(row: int) -> int:
        while parent.setdefault(row, row) != row:
            parent[row] = row = parent[parent[row]]
        return row

    for table in found.values():
        for rows in table.group_by("same").agg("row")["row"]:
            first, *others = (root(row) for row in rows)
            for other in others:
                parent[root(other)] = root(first)
    groups: dict[int, list[int]] = {}
    for row in sorted(parent):
        groups.setdefault(root(row), []).append(row)
    best = {name: max(rows, key=lambda row: (plays[row], -row)) for name, rows in groups.items()}
    return {row: best[name] for name, rows in groups.items() for row in rows if row != best[name]}


def _filled(tracks: pl.DataFrame, home: Mapping[int, int]) -> pl.DataFrame:
    """`tracks` in which the rows that stay have what only those had that go into them."""
    involved = pl.DataFrame(
        {"row": [*home, *home.values()], "home": [*home.values(), *home.values()]},
        schema={"row": pl.UInt32, "home": pl.UInt32},
    ).unique()
    ordered = involved.sort([pl.col("row") != pl.col("home"), "row"])
    values = tracks[ordered["row"]].with_columns(ordered["home"])
    fields = [name for name in tracks.columns if name != "track_id"]
    # An empty list is nothing, too.
    lists = [name for name in fields if isinstance(TRACK_COLUMNS[name], pl.List)]
    bare = values.with_columns(pl.when(pl.col(name).list.len() > 0).then(pl.col(name)) for name in lists)
    best = bare.group_by("home", maintain_order=True).agg(pl.col(fields).drop_nulls().first())
    rows = tracks.with_row_index("home")
    joined = rows.select("home", "track_id").join(best, on="home", how="inner")
    whole = pl.concat([rows.join(joined, on="home", how="anti"), joined.select(rows.columns)])
    return whole.sort("home").drop("home")

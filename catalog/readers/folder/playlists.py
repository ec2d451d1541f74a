"""Playlists read as listening sessions, and what playlist sources have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

_SPOTIFY_TRACK: Final = r"^spotify:[a-z]+:"
_RELEASE_DATE: Final = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"

TONICS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES: Final = {1: "major", 0: "minor"}


def bare_id(name: str) -> pl.Expr:
    """`spotify:track:6rqh…` without what comes before the id; other ids unchanged."""
    return pl.col(name).str.replace(_SPOTIFY_TRACK, "")


def playlist_sessions(entries: pl.DataFrame) -> pl.DataFrame:
    """Sessions as `TableCatalog` wants them, in the order of their ids, from a line for each entry.

    A playlist has no listener and no day. Its owner is not known, so each stands for a listener of its own,
    whose id is the playlist's; date and demographics stay empty.

    Args:
        entries: `playlist` (text) and `track` (UInt32, row of the tracks), in the order of the playlist; `title` where
            the source says what playlists are called.
    """
    titled = "title" in entries.columns
    named = [_titles().drop_nulls().first().alias("title")] if titled else []
    return (
        entries.group_by("playlist", maintain_order=True)
        .agg(pl.col("track").alias("tracks"), *named)
        .sort("playlist")
        .select(
            pl.col("playlist").alias("session_id"),
            pl.col("playlist").alias("user_id"),
            pl.lit("playlist").alias("origin"),
            *(["title"] if titled else []),
            "tracks",
        )
    )


def _titles() -> pl.Expr:
    """Titles without needless blanks; null where nothing is left."""
    bare = pl.col("title").str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(bare != "").then(bare)


def release_date(name: str) -> pl.Expr:
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD` as it is; anything else null."""
    return pl.when(pl.col(name).str.contains(_RELEASE_DATE)).then(pl.col(name))


def musical_key(key: str, mode: str) -> pl.Expr:
    """`A minor` from pitch class (0 is C) and mode (1 major, 0 minor); null where either is not known."""
    tonic = pl.col(key).replace_strict(dict(enumerate(TONICS)), default=None, return_dtype=pl.String)
    kind = pl.col(mode).replace_strict(MODES, default=None, return_dtype=pl.String)
    return pl.concat_str(tonic, kind, separator=" ")


def listed(name: str) -> pl.Expr:
    """The column's value as a list of one; null where it is missing or empty."""
    return pl.when(pl.col(name) != "").then(pl.concat_list(name))


def emptied(given: pl.DataFrame, table: pl.DataFrame, sources: Mapping[str, str]) -> dict[str, int]:
    """How many values were there and were left out, in words.

    Args:
        sources: column of `table` -> that of `given`.
    """
    return {
        f"values of {ours} out of range or unreadable, left out": table[ours].null_count()
        - given[theirs].null_count()
        for ours, theirs in sources.items()
        if ours in table.columns
    }

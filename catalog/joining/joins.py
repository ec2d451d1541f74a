"""Joining of catalogues: facts of the same songs taken over from another source, with a report of what met what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from ..columns import TRACK_COLUMNS, complete
from .names import folded, loosened, name_keys, version, without_guests
from .tags import TagFile, merged_lists

LEVELS: Final = {
    "id": "the same Spotify id",
    "isrc": "the same ISRC",
    "exact": "the same artist and title",
    "loose": "the same but for brackets, guests and suffixes",
    "version": "the same song in another version",
}
"""How two tracks can be found to be one, surest first."""

RECORDING: Final = (
    "ISRC", "popularity", "release_date", "duration", "tempo", "key", "chords", "lyrics", "language",
)  # fmt: skip
"""Facts taken over. Of another version of the song only the popularity: its tempo, key and length differ."""

_ALBUM: Final = ("album_name", "album_id")
_SPOTIFY_ID: Final = r"^[0-9A-Za-z]{22}$"
_EXAMPLES: Final = 10


@dataclass(frozen=True)
class Hits:
    """Tracks, and how often they were played in sessions."""

    tracks: int
    plays: int


@dataclass(frozen=True)
class JoinReport:
    """What came of one join.

    Attributes:
        name: of what was joined.
        offered: songs or artists it holds.
        joined: by what likeness -> tracks and plays.
        unjoined: why not -> tracks and plays.
        filled: field -> tracks that had nothing there and have now.
        examples: the most played tracks that found nothing: artist, title, plays.
    """

    name: str
    offered: int
    joined: Mapping[str, Hits]
    unjoined: Mapping[str, Hits]
    filled: Mapping[str, int]
    examples: Sequence[tuple[str, str, int]]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; reasons are values, not keys."""
        counts = {
            name: [
                {"by" if name == "joined" else "reason": why, **asdict(hits)} for why, hits in found.items()
            ]
            for name, found in (("joined", self.joined), ("unjoined", self.unjoined))
        }
        examples = [dict(zip(("artist", "title", "plays"), row, strict=True)) for row in self.examples]
        return {
            "name": self.name,
            "offered": self.offered,
            **counts,
            "filled": dict(self.filled),
            "examples": examples,
        }


@dataclass(frozen=True)
class Joined:
    """Tracks in their old order, with what was taken over; `met` says which rows found something."""

    tracks: pl.DataFrame
    met: pl.Series
    report: JoinReport


def join_songs(
    tracks: pl.DataFrame,
    plays: pl.Series,
    songs: pl.DataFrame,
    *,
    name: str,
    spotify_ids: pl.DataFrame | None = None,
) -> Joined:
    """Fill what `tracks` lack from `songs` (both with columns of `TRACK_COLUMNS`). Nothing is overwritten.

    Of several songs alike the most popular is taken, then the first by id.

    Args:
        plays: of each row of `tracks`.
        spotify_ids: `track_id` and `spotify_id`, where the source knows them; otherwise track ids that look so.
    """
    left = _named(tracks).with_columns(plays=plays, spotify=_spotify(tracks, spotify_ids))
    right = _named(songs).with_columns(
        spotify=pl.when(pl.col("track_id").str.contains(_SPOTIFY_ID)).then("track_id"),
        popularity=_column(songs, "popularity"),
    )
    right = right.sort(["popularity", "track_id"], descending=[True, False], nulls_last=True)
    pairs = _pairs(left, right)
    found = left.select("row", "plays").join(pairs, on="row", how="left", maintain_order="left")
    filled, counts = _fill(tracks, songs, found)
    reasons = _reasons(left, right, found)
    return Joined(
        filled,
        found["song"].is_not_null(),
        JoinReport(
            name,
            len(songs),
            {LEVELS[level]: _hits(found.filter(pl.col("level") == level)) for level in LEVELS},
            {why: _hits(left.filter(mask)) for why, mask in reasons.items()},
            counts,
            _examples(left.filter(found["song"].is_null())),
        ),
    )


def join_tags(tracks: pl.DataFrame, plays: pl.Series, tags: TagFile) -> Joined:
    """Put tags on the tracks of their artists, or on the tracks themselves, after those that are there."""
    left = _named(tracks).with_columns(plays=plays)
    offered = tags.table.with_row_index("song")
    if tags.by_artist:
        keys = offered.with_columns(
            artist_exact=folded(pl.col("artist")), artist_loose=without_guests(pl.col("artist"))
        )
        levels = {"exact": "artist_exact", "loose": "artist_loose"}
        words = {"exact": "the same artist", "loose": "the same artist but for guests"}
    else:
        keys = offered.with_columns(**name_keys(pl.col("artist"), pl.col("title")))
        levels = {"exact": "exact", "loose": "loose"}
        words = {level: LEVELS[level] for level in levels}
    pairs = _paired(left, keys, levels)
    found = left.select("row", "plays").join(pairs, on="row", how="left", maintain_order="left")
    new = found.join(offered.select("song", "tag_list"), on="song", how="left", maintain_order="left")[
        "tag_list"
    ]
    old = _column(tracks, "tag_list")
    gained = int((_nothing(old) & ~_nothing(new)).sum())
    missing = found["song"].is_null()
    report = JoinReport(
        tags.name,
        len(offered),
        {said: _hits(found.filter(pl.col("level") == level)) for level, said in words.items()},
        {"no such artist" if tags.by_artist else "no such track": _hits(left.filter(missing))},
        {"tag_list": gained},
        _examples(left.filter(missing)),
    )
    return Joined(tracks.with_columns(merged_lists(old, new)), ~missing, report)


def plays_of(tracks: int, sessions: pl.DataFrame) -> pl.Series:
    """How often each of so many rows was played in `sessions` (column `tracks`)."""
    counted = (
        sessions.lazy().select(row=pl.col("tracks")).explode("row").group_by("row").len("plays").collect()
    )
    every = pl.DataFrame({"row": pl.int_range(tracks, dtype=pl.UInt32, eager=True)})
    return every.join(counted, on="row", how="left", maintain_order="left")["plays"].fill_null(0)


def _named(tracks: pl.DataFrame) -> pl.DataFrame:
    """`row`, `track_id`, `isrc`, and all that names are compared by."""
    artist, title = pl.col("artist"), pl.col("title")
    isrc = _column(tracks, "ISRC").list.first()
    return (
        tracks.select(
            "track_id",
            artist=pl.col("artist_name").list.first(),
            title=pl.col("track_name").list.first(),
        )
        .with_row_index("row")
        .with_columns(isrc=isrc)
        .with_columns(
            **name_keys(artist, title),
            artist_exact=folded(artist),
            artist_loose=without_guests(artist),
            title_loose=loosened(title),
            version=version(title),
        )
    )


def _spotify(tracks: pl.DataFrame, known: pl.DataFrame | None) -> pl.Series:
    ids = tracks.select("track_id")
    if known is not None:
        return ids.join(known.unique("track_id"), on="track_id", how="left", maintain_order="left")[
            "spotify_id"
        ]
    return ids.select(pl.when(pl.col("track_id").str.contains(_SPOTIFY_ID)).then("track_id")).to_series()


def _pairs(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """`row`, `song` (row of the right), `level` for every track that meets one, each by its surest likeness."""
    versioned = pl.concat_str("loose", "version", separator="\x1f")
    levels = {"id": "spotify", "isrc": "isrc", "exact": "exact", "loose": "same_version", "version": "loose"}
    songs = right.rename({"row": "song"}).with_columns(same_version=versioned)
    return _paired(left.with_columns(same_version=versioned), songs, levels)


def _paired(left: pl.DataFrame, right: pl.DataFrame, levels: Mapping[str, str]) -> pl.DataFrame:
    """Args: levels: level -> column that must agree; of several songs alike the first is taken."""
    rest, found = left, []
    for level, column in levels.items():
        first = (
            right.drop_nulls(column).unique(column, keep="first", maintain_order=True).select(column, "song")
        )
        met = rest.drop_nulls(column).join(first, on=column).select("row", "song", level=pl.lit(level))
        rest = rest.join(met, on="row", how="anti", maintain_order="left")
        found.append(met)
    return pl.concat(found)


def _fill(
    tracks: pl.DataFrame, songs: pl.DataFrame, found: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, int]]:
    """`tracks` with the columns of their songs where they had nothing, and how many values that were."""
    rows = found.select("song", other=pl.col("level") == "version")
    table, counts = tracks, dict[str, int]()
    for field in (*RECORDING, *_ALBUM):
        # An album's id without its name, or of another album, would be a false pair.
        guard = _empty(table, "album_name") if field == "album_name" else _empty(table, field)
        if field == "album_id":
            guard = _empty(tracks, "album_name") & _empty(tracks, "album_id")
        offered = _column(songs, field).gather(rows["song"])
        allowed = guard & (
            ~rows["other"].fill_null(True) if field != "popularity" else rows["song"].is_not_null()
        )
        filled = allowed & ~_nothing(offered)
        if filled.any():
            old = _column(tracks, field)
            table = table.with_columns(old.zip_with(~filled, offered).alias(field))
            counts[field] = int(filled.sum())
    return table, counts


def _column(tracks: pl.DataFrame, field: str) -> pl.Series:
    """The column in our type; nulls where the table has none."""
    if field in tracks.columns:
        return complete(tracks, {field: TRACK_COLUMNS[field]}).to_series()
    return pl.Series(field, [None] * len(tracks), dtype=TRACK_COLUMNS[field])


def _empty(tracks: pl.DataFrame, field: str) -> pl.Series:
    return _nothing(_column(tracks, field))


def _nothing(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.List):
        return (column.list.len() == 0).fill_null(True)
    return column.is_null()


def _reasons(left: pl.DataFrame, right: pl.DataFrame, found: pl.DataFrame) -> dict[str, pl.Series]:
    missing = found["song"].is_null()
    known = left["artist_exact"].is_in(right["artist_exact"].implode()) | left["artist_loose"].is_in(
        right["artist_loose"].implode()
    )
    return {"no such artist": missing & ~known, "the artist is there, the title is not": missing & known}


def _hits(rows: pl.DataFrame) -> Hits:
    return Hits(len(rows), int(rows["plays"].sum()))


def _examples(rows: pl.DataFrame) -> tuple[tuple[str, str, int], ...]:
    return tuple(
        rows.sort(["plays", "row"], descending=[True, False])
        .head(_EXAMPLES)
        .select("artist", "title", "plays")
        .rows()
    )

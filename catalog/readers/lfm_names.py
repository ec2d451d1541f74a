"""Names of LFM tracks, artists and albums, whichever of the two layouts they are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ...core.errors import CatalogError
from ..detect import Source
from .delimited import Columns, located, scan_tsv, unquoted

EVENTS_1B: Final[Columns] = {
    "user": pl.Int64, "artist": pl.Int64, "album": pl.Int64, "track": pl.Int64, "time": pl.Int64,
}  # fmt: skip
_NAMES_1B: Final[Columns] = {"id": pl.Int64, "name": pl.String, "artist": pl.Int64}
_ARTISTS: Final[Columns] = {"id": pl.Int64, "name": pl.String}
_TRACKS_2B: Final[Columns] = {"id": pl.Int64, "artist": pl.String, "name": pl.String}
_ALBUMS_2B: Final[Columns] = {"id": pl.Int64, "name": pl.String, "artist": pl.String}

_SAMPLED_PLAYS: Final = 20_000


@dataclass(frozen=True)
class Names:
    """What the name files hold.

    Attributes:
        tracks: `track` (UInt32, the source's id) and columns of `TRACK_COLUMNS`; all have name and artist.
        albums: `album` (UInt32) and `album_name`.
        noticed: what was corrected or left out.
    """

    tracks: pl.DataFrame
    albums: pl.DataFrame
    noticed: Mapping[str, int]


def read_names(source: Source, events: Path) -> Names:
    """Tracks and albums. Raises `CatalogError` when the file of tracks (LFM-1b: or of artists) is missing."""
    if source.format == "lfm2b":
        return _names_2b(source)
    return _names_1b(source, events)


def _names_2b(source: Source) -> Names:
    tracks, unnamed = _read(source.need("lfm2b-tracks"), _TRACKS_2B, header=True)
    artists = source.one("lfm2b-artists")
    if artists is not None:
        ids = _read(artists, _ARTISTS, header=True)[0].unique("name", keep="first")
        tracks = tracks.join(
            ids.select(artist="name", artist_id="id"), on="artist", how="left", maintain_order="left"
        )
    else:
        tracks = tracks.with_columns(artist_id=pl.lit(None, dtype=pl.Int64))
    albums = source.one("lfm2b-albums")
    named = _read(albums, _ALBUMS_2B, header=True)[0] if albums else _nothing(_ALBUMS_2B)
    return _names(tracks, named, unnamed)


def _names_1b(source: Source, events: Path) -> Names:
    tracks_file, albums_file = _tell_apart(source, events)
    tracks, unnamed = _read(tracks_file, _NAMES_1B)
    albums = _read(albums_file, _NAMES_1B)[0] if albums_file else _nothing(_NAMES_1B)
    artists = _read(source.need("lfm1b-artists"), _ARTISTS)[0].select(artist="id", artist_name="name")
    tracks = tracks.join(artists, on="artist", how="left", maintain_order="left").select(
        "id", "name", artist="artist_name", artist_id="artist"
    )
    return _names(tracks, albums, unnamed)


def _tell_apart(source: Source, events: Path) -> tuple[Path, Path | None]:
    """Which of the files with id, name, artist lists tracks, and which albums; both look the same.

    Plays name track, album and artist by id: the file whose (id, artist) pairs are those of the played tracks
    is that of the tracks.
    """
    with located(events, EVENTS_1B):
        plays = scan_tsv(events, EVENTS_1B).head(_SAMPLED_PLAYS).select("artist", "album", "track").collect()
    found = {file: _agreement(file, plays) for file in source.all("lfm1b-names")}
    tracks = max(found, key=lambda file: found[file]["track"], default=None)
    if tracks is None or not found[tracks]["track"]:
        raise CatalogError(
            "LFM-1b needs a file of tracks (track_id, name, artist_id), and none holds the tracks played",
            file=source.path,
            hint=f"found: {', '.join(source.names)}",
        )
    others = [file for file in found if file != tracks and found[file]["album"]]
    return tracks, max(others, key=lambda file: found[file]["album"], default=None)


def _agreement(file: Path, plays: pl.DataFrame) -> Mapping[str, int]:
    """How many of the played tracks, and albums, `file` lists under the artist they were played as."""
    found = {}
    with located(file, _NAMES_1B):
        for kind in ("track", "album"):
            pairs = plays.select(pl.col(kind).alias("id"), "artist").unique().lazy()
            listed = scan_tsv(file, _NAMES_1B).join(pairs, on=["id", "artist"], how="semi")
            found[kind] = int(listed.select(pl.len()).collect(engine="streaming").item())
    return found


def _read(file: Path, columns: Columns, *, header: bool = False) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Lines with an id and a name, each id once; and what was done to them."""
    with located(file, columns, header=header):
        lines = scan_tsv(file, columns, header=header).collect(engine="streaming")
    clean, changed = unquoted(lines.with_columns(pl.col("name").str.strip_chars(" ")), "name")
    named = clean.filter(pl.col("id").is_between(0, 2**32 - 1) & (pl.col("name") != ""))
    once = named.unique("id", keep="first", maintain_order=True)
    return once, {
        "names freed of CSV quoting": changed,
        "lines of tracks without a name or a usable id, left out": len(clean) - len(named),
        "track ids listed again, left out": len(named) - len(once),
    }


def _names(tracks: pl.DataFrame, albums: pl.DataFrame, noticed: Mapping[str, int]) -> Names:
    credited = tracks.filter(pl.col("artist") != "")
    table = credited.select(
        track=pl.col("id").cast(pl.UInt32),
        track_id=pl.col("id").cast(pl.String),
        track_name=pl.concat_list("name"),
        artist_name=pl.concat_list("artist"),
        artist_id=pl.when(pl.col("artist_id").is_not_null()).then(
            pl.concat_list(pl.col("artist_id").cast(pl.String))
        ),
    )
    return Names(
        table,
        albums.select(album=pl.col("id").cast(pl.UInt32), album_name="name"),
        {**noticed, "tracks of an artist without a name, left out": len(tracks) - len(credited)},
    )


def _nothing(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(columns))

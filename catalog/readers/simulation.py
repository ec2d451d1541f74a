"""Simulated sessions for music without listeners: seeded walks over similar tracks, marked as what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...core.errors import CatalogError
from ...core.random import stream_seed
from ..columns import TRACK_COLUMNS, complete
from ..joining.names import folded
from ..reporting.report import QUALIFYING_TRACKS

ORIGIN: Final = "simulated"
LONGEST: Final = 37
"""Distinct tracks of a session, at most: 5 for the profile, 32 for the pool."""

_TAGS, _ARTIST, _ALBUM, _TEMPO, _KEY, _ERA = 4.0, 1.0, 0.5, 1.0, 0.5, 0.75
"""How much each likeness counts."""

_PULL: Final = 1.2
_TIRED: Final = 0.35
"""What an artist's weight falls to with each of his tracks played: people tire, and a pool of one artist is dull."""

_TEMPO_WIDTH: Final = 0.08
_ERA_WIDTH: Final = 8.0

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class _Features:
    """What tracks are compared by; -1 and NaN where it is not known. Tags as a matrix of tracks by tags."""

    tags: NDArray[np.float32]
    artist: Whole
    album: Whole
    key: Whole
    tempo: Floats
    year: Floats


def simulate_sessions(tracks: pl.DataFrame, count: int, *, seed: int = 0) -> pl.DataFrame:
    """Sessions as `TableCatalog` wants them, of origin `simulated`, without date or demographics.

    Each begins at a random track and goes on to one that is like the track before and the track it began with:
    by tags, artist, album, tempo (half and double count as the same), key and year. Depends on nothing but the
    arguments; session `n` is the same however many there are.

    Raises:
        CatalogError: fewer than 21 tracks.
    """
    if len(tracks) < QUALIFYING_TRACKS:
        raise CatalogError(
            f"has {len(tracks)} usable tracks, and a session needs {QUALIFYING_TRACKS} different ones",
            hint="add music to the folder",
        )
    features = _features(tracks)
    names = [f"simulated-{number:0{len(str(count))}}" for number in range(1, count + 1)]
    walks = [_walk(features, np.random.default_rng(stream_seed(seed, ORIGIN, n))) for n in range(count)]
    return pl.DataFrame(
        {"session_id": names, "user_id": names, "origin": [ORIGIN] * count, "tracks": walks},
        schema={
            "session_id": pl.String, "user_id": pl.String, "origin": pl.String, "tracks": pl.List(pl.UInt32)
        },
    )  # fmt: skip


def _walk(features: _Features, draw: np.random.Generator) -> list[int]:
    total = len(features.artist)
    length = int(draw.integers(QUALIFYING_TRACKS, min(LONGEST, total) + 1))
    played = [int(draw.integers(total))]
    left = np.ones(total)
    start = _likeness(features, played[0])
    while len(played) < length:
        last = played[-1]
        left[last] = 0.0
        left[features.artist == features.artist[last]] *= _TIRED
        pull = np.exp(_PULL * (_likeness(features, last) + 0.5 * start)) * left
        played.append(int(draw.choice(total, p=pull / pull.sum())))
    return played


def _likeness(features: _Features, row: int) -> Floats:
    """How like each track is to that of `row`, from 0 up."""
    like: Floats = _ARTIST * _same(features.artist, row) + _ALBUM * _same(features.album, row)
    like += _KEY * _same(features.key, row)
    like += _TAGS * (features.tags @ features.tags[row]).astype(np.float64)
    # An octave's error of a tempo is no difference in feeling.
    octaves = np.abs(np.log2(features.tempo / features.tempo[row]))
    apart = np.minimum(octaves % 1, 1 - octaves % 1)
    like += _TEMPO * np.nan_to_num(np.exp(-((apart / _TEMPO_WIDTH) ** 2)))
    years = (features.year - features.year[row]) / _ERA_WIDTH
    like += _ERA * np.nan_to_num(np.exp(-(years**2)))
    return like


def _same(codes: Whole, row: int) -> Floats:
    same: Floats = ((codes == codes[row]) & (codes >= 0)).astype(np.float64)
    return same


def _features(tracks: pl.DataFrame) -> _Features:
    table = complete(tracks, TRACK_COLUMNS)
    year = table["release_date"].str.slice(0, 4).cast(pl.Float64, strict=False)
    return _Features(
        _tag_matrix(table),
        _codes(table, folded(pl.col("artist_name").list.first())),
        _codes(table, folded(pl.col("album_name").list.first())),
        _codes(table, pl.col("key")),
        table["tempo"].fill_null(float("nan")).to_numpy(),
        year.fill_null(float("nan")).to_numpy(),
    )


def _codes(table: pl.DataFrame, text: pl.Expr) -> Whole:
    rank = table.select(text.rank("dense").cast(pl.Int64).fill_null(-1)).to_series()
    return rank.to_numpy()


def _tag_matrix(table: pl.DataFrame, widest: int = 512) -> NDArray[np.float32]:
    """Rows of length one (nought for a track without tags); rare tags weigh more. The commonest tags are taken."""
    pairs = (
        table.select(tag="tag_list")
        .with_row_index("row")
        .explode("tag")
        .drop_nulls("tag")
        .with_columns(folded(pl.col("tag")))
        .unique()
    )
    common = pairs.group_by("tag").len().sort(["len", "tag"], descending=[True, False]).head(widest)
    placed = pairs.join(common.with_row_index("place"), on="tag")
    matrix = np.zeros((len(table), max(1, len(common))), dtype=np.float32)
    weight = np.log(1 + len(table) / placed["len"].to_numpy())
    matrix[placed["row"].to_numpy(), placed["place"].to_numpy()] = weight
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    np.divide(matrix, lengths, out=matrix, where=lengths > 0)
    return matrix

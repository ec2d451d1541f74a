"""`check_health`: what a catalogue is good for, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from .catalog import Catalog
from .columns import SESSION_COLUMNS, TRACK_COLUMNS, complete
from .report import QUALIFYING_TRACKS, ReadingReport
from .table import TableCatalog, as_table

CROWDED: Final = 0.5
"""Share of one artist above which a pool lets many goals be met by anything in it."""

_EXAMPLES: Final = 5
_SLICE: Final = 50_000

_ENCODING: Final = {
    "control_characters": r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}]",
    "replacement_characters": "\ufffd",
    "decoding_errors": "[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac",
    "csv_quoting": '^".*""|""$',
}
"""What is looked for in texts, as regular expressions."""

_NAMES: Final = ("track_name", "artist_name", "album_name", "tag_list")


@dataclass(frozen=True)
class Duplicates:
    """Tracks that are there several times by some likeness.

    Attributes:
        groups: how often that is so.
        tracks: how many tracks are in those groups.
        examples: the ids of the largest groups.
    """

    groups: int
    tracks: int
    examples: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Pools:
    """The biggest artist's share in the sessions that qualify, which is what to expect of their pools.

    Attributes:
        median, highest: shares from 0 to 1; None without such sessions.
        crowded: sessions in which one artist has more than half.
        examples: the most crowded of those, as session, artist and share.
    """

    median: float | None
    highest: float | None
    crowded: int
    examples: Sequence[tuple[str, str, float]]


@dataclass(frozen=True)
class Problem:
    """Texts with a fault of encoding, and the first of them as track id and field."""

    count: int
    examples: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Health:
    """What `segue catalog check` reports.

    Attributes:
        coverage: field -> tracks that have it.
        modalities: `text`, `audio`, `image` -> tracks that have it.
        qualifying: sessions with at least 21 distinct tracks.
        with_demographics: those of them whose listener's age, gender and country are known.
        unqualified: sessions with `too_few_plays`, or enough of them with `too_few_different_tracks`.
        missing_media: files that tracks refer to and that are not there; None where media are made on demand.
        reading: the reader's report; None for the demo catalogue.
    """

    name: str
    source: str
    digest: str
    tracks: int
    users: int
    sessions: int
    qualifying: int
    with_demographics: int
    unqualified: Mapping[str, int]
    coverage: Mapping[str, int]
    modalities: Mapping[str, int]
    duplicates_by_isrc: Duplicates
    duplicates_by_name: Duplicates
    pools: Pools
    encoding: Mapping[str, Problem]
    missing_media: Problem | None
    reading: ReadingReport | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; its keys are stable."""
        return {**asdict(self), "reading": self.reading.to_json() if self.reading else None}


def check_health(catalog: Catalog) -> Health:
    """Look through the whole catalogue. Makes no media; looks whether files are there, not into them."""
    table = as_table(catalog)
    tracks = complete(table.tracks, TRACK_COLUMNS)
    facts = {name: kind for name, kind in SESSION_COLUMNS.items() if name != "track_ids"}
    sessions = complete(table.sessions, facts).hstack(table.sessions.select("tracks", "distinct"))
    coverage = catalog.coverage()
    fit = sessions.filter(pl.col("distinct") >= QUALIFYING_TRACKS)
    country = pl.coalesce("country_code", "country_name")
    known = pl.all_horizontal(c.is_not_null() for c in (pl.col("age"), pl.col("gender"), country))
    return Health(
        name=catalog.name,
        source=catalog.source,
        digest=catalog.digest,
        tracks=len(tracks),
        users=sessions["user_id"].n_unique(),
        sessions=len(sessions),
        qualifying=len(fit),
        with_demographics=len(fit.filter(known)),
        unqualified=_reasons(sessions),
        coverage=coverage,
        modalities={"text": len(tracks), "audio": coverage["audio"], "image": coverage["cover"]},
        duplicates_by_isrc=_duplicates(tracks.select("track_id", same="ISRC").explode("same").drop_nulls()),
        duplicates_by_name=_duplicates(_by_name(tracks)),
        pools=_pools(fit, tracks),
        encoding=_encoding(tracks),
        missing_media=_missing_media(catalog, tracks) if isinstance(catalog, TableCatalog) else None,
        reading=catalog.report if isinstance(catalog, TableCatalog) else None,
    )


def _reasons(sessions: pl.DataFrame) -> dict[str, int]:
    """Why sessions do not qualify."""
    unfit = sessions.filter(pl.col("distinct") < QUALIFYING_TRACKS)
    long = int((unfit["tracks"].list.len() >= QUALIFYING_TRACKS).sum())
    return {
        "too_few_plays": len(unfit) - long,
        "too_few_different_tracks": long,
    }


def _by_name(tracks: pl.DataFrame) -> pl.DataFrame:
    """Track ids with artist and title as one text, small differences of spelling aside."""
    parts = (pl.col(name).list.first() for name in ("artist_name", "track_name"))
    text = pl.concat_str(*parts, separator="\x1f").str.normalize("NFKC").str.to_lowercase()
    return tracks.select("track_id", same=text.str.replace_all(r"[^\pL\pN\x{1F}]+", ""))


def _duplicates(likeness: pl.DataFrame) -> Duplicates:
    groups = (
        likeness.unique()
        .group_by("same")
        .agg(pl.col("track_id").sort())
        .filter(pl.col("track_id").list.len() > 1)
        .sort(pl.col("track_id").list.len(), "same", descending=[True, False])
    )
    return Duplicates(
        len(groups),
        int(groups["track_id"].list.len().sum()),
        groups["track_id"].head(_EXAMPLES).list.head(_EXAMPLES).to_list(),
    )


def _pools(fit: pl.DataFrame, tracks: pl.DataFrame) -> Pools:
    artists = tracks["artist_name"].list.first()
    parts = [_biggest(part, artists) for part in fit.iter_slices(_SLICE)]
    if not parts:
        return Pools(None, None, 0, ())
    shares = pl.concat(parts).sort(["share", "session_id"], descending=[True, False])
    crowded = shares.filter(pl.col("share") > CROWDED)
    top = crowded.head(_EXAMPLES).with_columns(pl.col("share").round(3)).rows()
    middle, highest = float(np.median(shares["share"].to_numpy())), float(shares["share"][0])
    return Pools(round(middle, 3), round(highest, 3), len(crowded), tuple(top))


def _biggest(sessions: pl.DataFrame, artists: pl.Series) -> pl.DataFrame:
    """`session_id`, `artist` and `share` of the artist with most tracks; the first by name where several are level.

    Args:
        artists: the main artist of each row of the tracks.
    """
    played = sessions.select("session_id", "distinct", track=pl.col("tracks").list.unique()).explode("track")
    return (
        played.with_columns(artist=artists.gather(played["track"]))
        .group_by("session_id", "artist")
        .agg(share=pl.len() / pl.col("distinct").first())
        .sort(["share", "artist"], descending=[True, False])
        .unique("session_id", keep="first", maintain_order=True)
    )


def _encoding(tracks: pl.DataFrame) -> dict[str, Problem]:
    found = {kind: list[tuple[str, str]]() for kind in _ENCODING}
    for name in (*_NAMES, "lyrics"):
        texts = tracks.select("track_id", text=name)
        if isinstance(texts.schema["text"], pl.List):
            texts = texts.filter(pl.col("text").list.len() > 0).explode("text")
        for kind, pattern in _ENCODING.items():
            wrong = texts.filter(pl.col("text").str.contains(pattern))
            found[kind] += [(track_id, name) for track_id in wrong["track_id"]]
    return {kind: Problem(len(all_), tuple(all_[:_EXAMPLES])) for kind, all_ in found.items()}


def _missing_media(catalog: TableCatalog, tracks: pl.DataFrame) -> Problem:
    gone = []
    for name in (n for n, kind in TRACK_COLUMNS.items() if isinstance(kind, pl.Struct)):
        refs = tracks.select("track_id", path=pl.col(name).struct.field("path")).drop_nulls()
        for track_id, path in refs.iter_rows():
            if catalog.media is None or not (catalog.media / path).is_file():
                gone.append((track_id, name))
    return Problem(len(gone), tuple(gone[:_EXAMPLES]))

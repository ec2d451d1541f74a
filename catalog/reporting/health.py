"""`check_health`: what a catalogue is good for, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from ..catalog import Catalog
from ..columns import SESSION_COLUMNS, TRACK_COLUMNS, complete
from ..joining.duplicates import DuplicateGroups, duplicates, likeness
from ..joining.names import folded
from ..readers.folder.audio_tags import is_mojibake
from ..table import TableCatalog, as_table
from .report import QUALIFYING_TRACKS, ReadingReport

CROWDED: Final = 0.5
"""Share of one artist above which a pool lets many goals be met by anything in it."""

_EXAMPLES: Final = 5
_LISTED: Final = 100
"""Texts and files with a fault that are named."""

_SLICE: Final = 50_000

_ENCODING: Final = {
    "control_characters": r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}]",
    "replacement_characters": "\ufffd",
    "csv_quoting": '^".*""|""$',
}
"""What is looked for in texts, as regular expressions."""

_SUSPECT: Final = r"[\x{C2}-\x{F4}][^\x00-\x7F]"
"""Two characters side by side that may be the bytes of one."""

_BEYOND: Final = r"[\x{80}-\x{FF}].*[\x{80}-\x{FF}]"
"""Characters of a Western code page that ASCII lacks, twice."""

_NAMES: Final = ("track_name", "artist_name", "album_name", "tag_list")


@dataclass(frozen=True)
class Pools:
    """The biggest artist's share in the sessions that qualify, which is what to expect of their pools.

    Attributes:
        median, highest: shares from 0 to 1; None without such sessions.
        distribution: `up to 10 %`, `up to 20 %` and so on -> sessions.
        crowded: sessions in which one artist has more than half.
        examples: the most crowded of those, as session, artist and share.
    """

    median: float | None
    highest: float | None
    distribution: Mapping[str, int]
    crowded: int
    examples: Sequence[tuple[str, str, float]]


@dataclass(frozen=True)
class HealthProblem:
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
        with_all_media: modality -> sessions that qualify and of whose tracks none lacks it.
        unqualified: sessions with `too_few_plays`, or enough of them with `too_few_different_tracks`.
        duplicates_by_id, duplicates_by_isrc, duplicates_by_name: tracks whose ids differ in case alone, that share
            an ISRC, or artist and title.
        artist_ids: names of artists that go with several ids.
        encoding: kind of fault -> texts that have it.
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
    with_all_media: Mapping[str, int]
    unqualified: Mapping[str, int]
    coverage: Mapping[str, int]
    modalities: Mapping[str, int]
    duplicates_by_id: DuplicateGroups
    duplicates_by_isrc: DuplicateGroups
    duplicates_by_name: DuplicateGroups
    artist_ids: HealthProblem
    pools: Pools
    encoding: Mapping[str, HealthProblem]
    missing_media: HealthProblem | None
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
    alike = duplicates(tracks)
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
        with_all_media=_with_all_media(fit, tracks),
        unqualified=_reasons(sessions),
        coverage=coverage,
        modalities={"text": len(tracks), "audio": coverage["audio"], "image": coverage["cover"]},
        duplicates_by_id=_alike(tracks.select("track_id", same=pl.col("track_id").str.to_lowercase())),
        duplicates_by_isrc=likeness(tracks, alike["isrc"]),
        duplicates_by_name=likeness(tracks, alike["name"]),
        artist_ids=_artist_ids(tracks),
        pools=_pools(fit, tracks),
        encoding=_encoding(tracks),
        missing_media=_missing_media(catalog, tracks) if isinstance(catalog, TableCatalog) else None,
        reading=catalog.report if isinstance(catalog, TableCatalog) else None,
    )


def _with_all_media(fit: pl.DataFrame, tracks: pl.DataFrame) -> dict[str, int]:
    """Sessions that can be played with audio, with images: every one of their tracks has it."""
    counts = {}
    for modality, field in (("audio", "audio"), ("image", "cover")):
        lacking = tracks[field].struct.field("path").is_null().arg_true()
        touched = pl.col("tracks").list.eval(pl.element().is_in(lacking.implode())).list.any()
        counts[modality] = len(fit.filter(~touched.fill_null(False))) if len(lacking) else len(fit)
    return counts


def _reasons(sessions: pl.DataFrame) -> dict[str, int]:
    """Why sessions do not qualify."""
    unfit = sessions.filter(pl.col("distinct") < QUALIFYING_TRACKS)
    long = int((unfit["tracks"].list.len() >= QUALIFYING_TRACKS).sum())
    return {
        "too_few_plays": len(unfit) - long,
        "too_few_different_tracks": long,
    }


def _alike(table: pl.DataFrame) -> DuplicateGroups:
    """Tracks of which `same` agrees, as `track_id` and `same`."""
    return likeness(
        table, table.with_row_index("row").filter(pl.col("same").is_duplicated()).sort("same", "row")
    )


def _artist_ids(tracks: pl.DataFrame) -> HealthProblem:
    """Artists whose one name goes with several ids, where the source has ids of artists."""
    pairs = tracks.select(
        name=folded(pl.col("artist_name").list.first()),
        shown=pl.col("artist_name").list.first(),
        id=pl.col("artist_id").list.first(),
    ).drop_nulls("id")
    several = (
        pairs.group_by("name")
        .agg(pl.col("shown").first(), pl.col("id").unique().sort())
        .filter(pl.col("id").list.len() > 1)
        .sort(pl.col("id").list.len(), "name", descending=[True, False])
    )
    shown = several.head(_EXAMPLES).select("shown", pl.col("id").list.join(" ")).rows()
    return HealthProblem(len(several), tuple(shown))


def _pools(fit: pl.DataFrame, tracks: pl.DataFrame) -> Pools:
    artists = tracks["artist_name"].list.first()
    parts = [_biggest(part, artists) for part in fit.iter_slices(_SLICE)]
    if not parts:
        return Pools(None, None, {}, 0, ())
    shares = pl.concat(parts).sort(["share", "session_id"], descending=[True, False])
    crowded = shares.filter(pl.col("share") > CROWDED)
    top = crowded.head(_EXAMPLES).with_columns(pl.col("share").round(3)).rows()
    middle, highest = float(np.median(shares["share"].to_numpy())), float(shares["share"][0])
    tenths = np.ceil(shares["share"].to_numpy() * 10 - 1e-9).astype(int)
    counts = {f"up to {10 * tenth} %": int((tenths == tenth).sum()) for tenth in range(1, 11)}
    return Pools(round(middle, 3), round(highest, 3), counts, len(crowded), tuple(top))


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


def _encoding(tracks: pl.DataFrame) -> dict[str, HealthProblem]:
    found = {
        kind: list[tuple[str, str]]()
        for kind in (*_ENCODING, "legacy_code_page", "decoding_errors", "not_normalised")
    }
    for name in (*_NAMES, "lyrics"):
        texts = tracks.select("track_id", text=name)
        if isinstance(texts.schema["text"], pl.List):
            texts = texts.filter(pl.col("text").list.len() > 0).explode("text")
        for kind, wrong in _faulty(texts.drop_nulls()).items():
            found[kind] += [(track_id, name) for track_id in wrong]
    return {kind: HealthProblem(len(all_), tuple(all_[:_LISTED])) for kind, all_ in found.items()}


def _faulty(texts: pl.DataFrame) -> dict[str, pl.Series]:
    """Kind of fault -> ids of the tracks of `texts` that have it."""
    text = pl.col("text")
    found = {kind: texts.filter(text.str.contains(pattern)) for kind, pattern in _ENCODING.items()}
    beyond = texts.filter(text.str.contains(_BEYOND))
    legacy = pl.Series([is_mojibake(value) for value in beyond["text"]], dtype=pl.Boolean)
    found["legacy_code_page"] = beyond.filter(legacy)
    suspect = texts.filter(text.str.contains(_SUSPECT))
    garbled = pl.Series([_is_garbled(value) for value in suspect["text"]], dtype=pl.Boolean)
    found["decoding_errors"] = suspect.filter(garbled)
    found["not_normalised"] = texts.filter(text != text.str.normalize("NFC"))
    return {kind: wrong["track_id"] for kind, wrong in found.items()}


def _is_garbled(text: str) -> bool:
    """UTF-8 that was read as a Western encoding: written back in that and read as UTF-8, it makes sense."""
    for piece in re.findall(r"[\u0080-\uffff]+", text):
        for encoding in ("cp1252", "latin-1"):
            try:
                if len(piece.encode(encoding).decode("utf-8")) < len(piece):
                    return True
            except UnicodeError:
                continue
    return False


def _missing_media(catalog: TableCatalog, tracks: pl.DataFrame) -> HealthProblem:
    gone = []
    for name in (n for n, kind in TRACK_COLUMNS.items() if isinstance(kind, pl.Struct)):
        refs = tracks.select("track_id", path=pl.col(name).struct.field("path")).drop_nulls()
        for track_id, path in refs.iter_rows():
            if catalog.media is None or not (catalog.media / path).is_file():
                gone.append((track_id, name))
    return HealthProblem(len(gone), tuple(gone[:_LISTED]))

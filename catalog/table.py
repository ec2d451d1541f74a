"""`TableCatalog`: tracks and sessions as two tables; objects are built when they are asked for."""

from __future__ import annotations

import copy
import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import polars as pl

from ..core.errors import CatalogError
from .catalog import Catalog, MediaKind
from .columns import SESSION_COLUMNS, TRACK_COLUMNS, complete, session_of, table_of, track_of
from .detect import Source
from .features.stored import Features
from .reporting.report import QUALIFYING_TRACKS, ReadingReport, nonzero
from .session import ListeningSession
from .track import MediaRef, Track

_SLICE: Final = 50_000
"""Rows that are turned into text at once when the digest is made."""

UNTOLD: Final = ("title",)
"""Columns of sessions that no digest holds: no agent is told of them, so that conversations stay what they were."""

LATER: Final = ("from_file_name", "images")
"""Columns of tracks that were added after catalogues had been given digests."""


_DERIVED: Final = ("report", "digest", "_track_index", "_session_index")
_DISTINCT: Final = pl.col("tracks").list.n_unique().cast(pl.UInt32)


class IdIndex:
    """Where each id stands in a column of unique ids, at four bytes an id."""

    def __init__(self, ids: pl.Series) -> None:
        self._order = ids.arg_sort()
        self._sorted = ids.gather(self._order)

    def row(self, wanted: str) -> int | None:
        """The row of `wanted`, or None."""
        at = bisect_left(self._sorted, wanted)  # a hundredth of what a query of polars takes
        if at < len(self._sorted) and self._sorted[at] == wanted:
            return int(self._order[at])
        return None


class TableCatalog:
    """A catalogue held as polars tables.

    Args:
        tracks: columns of `TRACK_COLUMNS`, those that no track has may be left out; ids unique.
        sessions: columns of `SESSION_COLUMNS` likewise, but instead of `track_ids` there is `tracks`: row
            numbers in the other table, in order of playing.
        media: the folder that the tracks' media paths are relative to.
        files: of tracks and sessions, to name in errors; by default the source.
        report: what the reader found; the counts of this catalogue are entered here.
        features: what `tracks` has from recordings, where it was opened with any.
        spotify_ids: `track_id` and `spotify_id`, where the source has a table of them.
    """

    def __init__(
        self,
        *,
        name: str,
        source: str,
        tracks: pl.DataFrame,
        sessions: pl.DataFrame,
        report: ReadingReport,
        media: Path | None = None,
        files: tuple[object, object] | None = None,
        features: Features | None = None,
        spotify_ids: pl.DataFrame | None = None,
    ) -> None:
        self.name, self.source = name, source
        self.tracks = tracks
        self.sessions = sessions.with_columns(distinct=_DISTINCT)
        self.media = media
        self.features = features
        self.spotify_ids = spotify_ids
        self.given = report
        self._files = files or (source, source)

    @classmethod
    def read_from(
        cls,
        source: Source,
        tracks: pl.DataFrame,
        sessions: pl.DataFrame,
        rows: int,
        dropped: Mapping[str, int],
        noticed: Mapping[str, int],
        **more: Any,
    ) -> Self:
        """The catalogue that a reader made of `source`, with its report; counts of nothing are left out."""
        report = ReadingReport(
            source.format, source.names, rows=rows, dropped=nonzero(dropped), noticed=nonzero(noticed)
        )
        return cls(
            name=source.name,
            source=source.described,
            tracks=tracks,
            sessions=sessions,
            report=report,
            **more,
        )

    def having(
        self,
        *,
        tracks: pl.DataFrame | None = None,
        sessions: pl.DataFrame | None = None,
        report: ReadingReport | None = None,
    ) -> Self:
        """The same catalogue with other tables (as the constructor takes them), or another report."""
        made = copy.copy(self)
        for name in _DERIVED:
            made.__dict__.pop(name, None)
        if tracks is not None:
            made.tracks = tracks
            made.features = self.features.following(self.tracks, tracks) if self.features else None
        if sessions is not None:
            made.sessions = sessions.with_columns(distinct=_DISTINCT)
        made.given = report or self.given
        return made

    @cached_property
    def report(self) -> ReadingReport:
        """What the reader found, with the counts of this catalogue."""
        coverage = self.coverage()
        return self.given.having(
            users=self.sessions["user_id"].n_unique(),
            tracks=len(self.tracks),
            sessions=len(self.sessions),
            qualifying=int((self.sessions["distinct"] >= QUALIFYING_TRACKS).sum()),
            modalities=(
                "text",
                *(["audio"] if coverage["audio"] else []),
                *(["image"] if coverage["cover"] else []),
            ),
        )

    @cached_property
    def digest(self) -> str:
        """BLAKE2b-128 of every track and session in order, whatever the folder or file format."""
        made = hashlib.blake2b(digest_size=16, person=b"segue-catalog")
        # Catalogues that do not use a column keep the digest that they had before there was such a column.
        unused = {name for name in LATER if not self.coverage()[name]}
        fields = {name: kind for name, kind in TRACK_COLUMNS.items() if name not in unused}
        for part in _slices(self.tracks):
            made.update(complete(part, fields).write_ndjson().encode())
        made.update(b"\n")
        shown = {n: k for n, k in SESSION_COLUMNS.items() if n not in ("track_ids", *UNTOLD)}
        for part in _slices(self.sessions):
            played = part["tracks"].alias("tracks")
            made.update(complete(part, shown).with_columns(played).write_ndjson().encode())
        return made.hexdigest()

    @cached_property
    def _track_index(self) -> IdIndex:
        return IdIndex(self.tracks["track_id"])

    @cached_property
    def _session_index(self) -> IdIndex:
        return IdIndex(self.sessions["session_id"])

    def track_ids(self) -> Sequence[str]:
        return tuple(self.tracks["track_id"])

    def track(self, track_id: str) -> Track:
        """The track. Raises `CatalogError` for an id that there is not, or a row that is no track."""
        row = self._track_index.row(track_id)
        if row is None:
            raise self._unknown("track", track_id, self.tracks["track_id"])
        return track_of(self.tracks.row(row, named=True), file=self._files[0], line=row + 1)

    def session_ids(self, *, min_tracks: int = 1) -> Sequence[str]:
        """Ids of the sessions with at least `min_tracks` distinct tracks.

        Order: that of the table. Readers put sessions by date, then by id; those without date by id. A native
        folder keeps the order of its file.
        """
        return tuple(self.sessions.filter(pl.col("distinct") >= min_tracks)["session_id"])

    def session(self, session_id: str) -> ListeningSession:
        """The session. Raises `CatalogError` for an id that there is not, or a row that is no session."""
        at = self._session_index.row(session_id)
        if at is None:
            raise self._unknown("session", session_id, self.sessions["session_id"])
        row: dict[str, Any] = self.sessions.row(at, named=True)
        played = self.tracks["track_id"].gather(row.pop("tracks")).to_list()
        del row["distinct"]
        return session_of({**row, "track_ids": played}, file=self._files[1], line=at + 1)

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        """The file of `track`; None when it refers to none. Raises `CatalogError` when it is not there."""
        ref: MediaRef | None = getattr(track, kind)
        if ref is None:
            return None
        if self.media is None:
            raise CatalogError(
                f"track {track.track_id!r} has a file for its {kind}, and the catalogue no media folder",
                file=self.source,
                field=kind,
            )
        path = self.media / ref.path
        if not path.is_file():
            raise CatalogError(
                f"track {track.track_id!r}: the file of its {kind} is missing",
                file=path,
                field=kind,
                hint="`segue catalog check` lists all missing files",
            )
        return path

    def coverage(self) -> dict[str, int]:
        present = set(self.tracks.columns)
        counts = self.tracks.select(_held(n) for n in TRACK_COLUMNS if n in present).row(0, named=True)
        return {field: int(counts.get(field, 0)) for field in Track.model_fields}

    def _unknown(self, what: str, wanted: str, known: pl.Series) -> CatalogError:
        hint = f"its {what} ids look like {known[0]!r}" if len(known) else f"it has no {what}s at all"
        return CatalogError(f"the catalogue {self.name!r} has no {what} {wanted!r}", hint=hint)


def as_table(catalog: Catalog) -> TableCatalog:
    """`catalog` as tables, made from its objects unless it is held so already. Media stay with `catalog`."""
    if isinstance(catalog, TableCatalog):
        return catalog
    tracks = table_of(map(catalog.track, catalog.track_ids()), TRACK_COLUMNS)
    sessions = table_of(map(catalog.session, catalog.session_ids()), SESSION_COLUMNS)
    rows = {track_id: row for row, track_id in enumerate(tracks["track_id"])}
    played = [[rows[track_id] for track_id in played] for played in sessions["track_ids"]]
    numbered = pl.Series("tracks", played, dtype=pl.List(pl.UInt32))
    return TableCatalog(
        name=catalog.name,
        source=catalog.source,
        tracks=tracks,
        sessions=sessions.drop("track_ids").with_columns(numbered),
        report=ReadingReport(format=catalog.name, files=()),
    )


def _held(name: str) -> pl.Expr:
    column = pl.col(name)
    if isinstance(TRACK_COLUMNS[name], pl.List):
        return (column.list.len() > 0).sum()
    if isinstance(TRACK_COLUMNS[name], pl.Struct):
        return column.struct.field("path").is_not_null().sum().alias(name)
    return column.is_not_null().sum()


def _slices(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    return table.iter_slices(_SLICE)

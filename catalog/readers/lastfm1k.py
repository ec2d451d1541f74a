"""Reader of the Last.fm 1K users data: a play log with names in every line, user profiles, perhaps tags."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from ..detect import Source
from ..table import TableCatalog
from .delimited import Columns, located, scan_tsv
from .lastfm1k_tracks import identify
from .listeners import clean_users, with_unlisted
from .playlog import read_play_log
from .sessionization import session_table, sessionize

_PROFILES: Final[Columns] = dict.fromkeys(("user_id", "gender", "age", "country", "registered"), pl.String)


def read_lastfm1k(source: Source, *, session_gap: int | None = None) -> TableCatalog:
    """The catalogue of a Last.fm 1K folder, or of its play log alone. Tracks are in the order of their ids.

    A play without a MusicBrainz id of its track is taken for the track of the same artist and title that has
    one; where there is none, the id is made from artist and title.

    Raises:
        CatalogError: a line does not fit the layout.
    """
    log = read_play_log(source.need("lastfm1k-events"))
    users, ages = _users(source.one("lastfm1k-users"), log.users)
    rows, dropped = log.rows, log.dropped
    found = identify(log.tracks, log.plays, source.one("lastfm1k-tags"))
    # The plays are the bulk of what is held: once counted by the tracks found, they are not needed twice.
    del log
    sessionized = sessionize(found.plays, session_gap)
    return TableCatalog.read_from(
        source,
        tracks=found.tracks,
        sessions=session_table(sessionized, users),
        rows=rows,
        dropped={**dropped, "plays without track title or artist": found.unnamed, **sessionized.dropped},
        noticed={**ages, **found.noticed},
    )


def _users(file: Path | None, seen: pl.Series) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Demographics of the users in `seen`, in its order."""
    if file is None:
        return pl.DataFrame({"user_id": seen}), {}
    with located(file, _PROFILES, header=True):
        profiles = scan_tsv(file, _PROFILES, header=True).collect()
    return clean_users(with_unlisted(profiles, seen), country="country_name")

"""What an import does to a catalogue beyond reading it: joins, tags without junk, duplicates made one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ..import_settings import Duplicates
from ..table import TableCatalog
from .duplicates import duplicates, likeness, merge
from .joins import Joined, join_songs, join_tags, plays_of
from .tags import JunkTags, TagFile, without_junk


@dataclass(frozen=True)
class Enrichment:
    """What is to be done, in this order.

    Attributes:
        songs: catalogues that facts are taken from.
        tags: files that tags are taken from.
        junk: the filter; None leaves all tags.
        duplicates: `merge` them, `list` them in the report, or `keep` them unseen.
        only_joined: leave out tracks that met none of `songs`.
    """

    songs: Sequence[TableCatalog] = ()
    tags: Sequence[TagFile] = ()
    junk: JunkTags | None = field(default_factory=JunkTags.load)
    duplicates: Duplicates = "list"
    only_joined: bool = False


def enriched(catalogue: TableCatalog, what: Enrichment) -> TableCatalog:
    """`catalogue` with that done to it, and told of in its report. Sessions keep their ids and their order."""
    # What was heard in recordings stays apart from what sources say.
    tracks = catalogue.features.tracks if catalogue.features else catalogue.tracks
    sessions = catalogue.sessions.drop("distinct")
    plays = plays_of(len(tracks), sessions)
    report = catalogue.given
    done: list[Joined] = []
    for songs in what.songs:
        done.append(
            join_songs(tracks, plays, songs.tracks, name=songs.source, spotify_ids=catalogue.spotify_ids)
        )
        tracks = done[-1].tracks
    met = [joined.met for joined in done]
    for tags in what.tags:
        done.append(join_tags(tracks, plays, tags))
        tracks = done[-1].tracks
    merges: dict[str, Any] = {}
    if what.junk is not None:
        tracks, cleaned = without_junk(tracks, what.junk)
        merges["junk_tags"] = cleaned.to_json()
    dropped = dict(report.dropped)
    if what.only_joined and met:
        tracks, sessions, gone = _only(tracks, sessions, met)
        dropped |= {"tracks that met no song, with their plays (--only-joined)": gone} if gone else {}
    if what.duplicates != "keep":
        merges["duplicates"] = {
            name: likeness(tracks, same).to_json() for name, same in duplicates(tracks).items()
        }
    if what.duplicates == "merge":
        merged = merge(tracks, sessions, plays_of(len(tracks), sessions))
        tracks, sessions = merged.tracks, merged.sessions
        merges["duplicates"]["merged_away"] = merged.gone
    report = report.having(
        joins=tuple(joined.report.to_json() for joined in done), merges=merges, dropped=dropped
    )
    return catalogue.having(tracks=tracks, sessions=sessions, report=report)


def _only(
    tracks: pl.DataFrame, sessions: pl.DataFrame, met: Sequence[pl.Series]
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Tracks that met something; sessions without the others, and without those that have none left."""
    keep = pl.DataFrame(met).select(pl.any_horizontal(pl.all())).to_series() if len(met) > 1 else met[0]
    rows = pl.DataFrame({"row": pl.int_range(len(tracks), dtype=pl.UInt32, eager=True)}).filter(keep)
    new = rows.with_row_index("new")
    played = (
        pl.DataFrame({"at": pl.int_range(len(sessions), eager=True), "row": sessions["tracks"]})
        .explode("row")
        .join(new, on="row", maintain_order="left")
        .group_by("at", maintain_order=True)
        .agg(tracks="new")
    )
    kept = sessions[played["at"]].with_columns(played["tracks"])
    return tracks.filter(keep), kept, len(tracks) - len(rows)


def load_songs(paths: Sequence[Path]) -> list[TableCatalog]:
    """The catalogues to take facts from. Raises `CatalogError` as `read_catalog` does."""
    from ..opening import read_catalog

    return [read_catalog(path) for path in paths]


def load_tags(paths: Sequence[Path]) -> list[TagFile]:
    """The tag files. Raises `CatalogError` naming what is wrong."""
    from ..readers.folder.tag_files import read_tags

    return [read_tags(path) for path in paths]

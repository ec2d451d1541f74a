"""The reader of published track metadata, on small made-up sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from segue.catalog.opening import read_catalog
from segue.core.errors import CatalogError
from support.catalog.sources import shared
from support.published import made_row, write_rows


def track(track_id: str, **changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "track_id": track_id,
        "ISRC": ["GBX0"],
        "track_name": [f"Song {track_id}"],
        "artist_name": ["The Ones", "A Guest"],
        "album_name": ["First"],
        "tag_list": ["folk", ""],
        "popularity": 41.0,
        "release_date": "2001-05",
        "duration": 200_000,
        "artist_id": ["a1", "a2"],
        "album_id": ["b1"],
    }
    return {**whole, **changes}


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_metadata_alone_is_a_catalogue_of_tracks(tmp_path: Path, kind: str) -> None:
    rows = [track("t1"), track("t2")]
    if kind == "jsonl":
        jsonl(tmp_path / "all_tracks.jsonl", rows)
    else:
        pl.DataFrame(rows).write_parquet(tmp_path / "all_tracks-00000-of-00001.parquet")
    catalog = read_catalog(tmp_path)
    read = catalog.track("t1")
    assert (read.title, read.artist_name, read.tag_list) == ("Song t1", ("The Ones", "A Guest"), ("folk",))
    assert (read.ISRC, read.duration, read.popularity, read.release_date) == (
        ("GBX0",),
        200_000,
        41.0,
        "2001-05",
    )
    assert catalog.session_ids() == () and catalog.report.format == "talkplay"


def test_conversations_are_sessions_of_what_was_played(tmp_path: Path) -> None:
    jsonl(tmp_path / "tracks.metadata.jsonl", [track("track-2"), track("track-1")])
    write_rows(tmp_path / "train.jsonl", [made_row("u1__2018-05-04", turns=3), made_row("u2__2017-01-01")])
    catalog = read_catalog(tmp_path)
    assert catalog.session_ids() == ("u2__2017-01-01", "u1__2018-05-04")
    session = catalog.session("u1__2018-05-04")
    assert session.track_ids == ("track-1", "track-2")
    assert (session.user_id, session.age, session.country_code) == ("u1", 34, "UK")
    assert session.origin == "simulated"
    assert catalog.report.dropped == {"plays of tracks without metadata": 1}


def test_what_a_track_cannot_have_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        track("t1", popularity=140.0, duration=0, release_date="soon"),
        track("t1"),
        track("t2", track_name=[""]),
        track("t3", artist_name=None),
    ]
    catalog = read_catalog(jsonl(tmp_path / "tracks.metadata.jsonl", rows))
    read = catalog.track("t1")
    assert (read.popularity, read.duration, read.release_date) == (None, None, None)
    assert catalog.report.dropped == {
        "tracks without id, title or artist": 2,
        "tracks that are there again": 1,
    }
    assert sorted(catalog.report.noticed.values()) == [1, 1, 1]


def test_conversations_without_metadata_are_no_catalogue() -> None:
    with pytest.raises(CatalogError, match="no track metadata") as caught:
        read_catalog(shared("talkplay2-rows"))
    assert "segue import" in str(caught.value)

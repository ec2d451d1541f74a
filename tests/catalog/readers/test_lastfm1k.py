"""The reader of Last.fm 1K logs on small made-up sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.catalog.opening import read_catalog
from segue.core.errors import CatalogError
from support.catalog.sources import lastfm1k, lastfm1k_line, write_lines


def test_several_sittings_of_a_day_are_numbered(tmp_path: Path) -> None:
    catalog = read_catalog(lastfm1k(tmp_path), session_gap=60)
    assert catalog.session_ids() == ("user_3__2009-05-03", "user_2__2009-05-04", "user_2__2009-05-04__2")
    assert catalog.session("user_2__2009-05-04").track_ids == ("m-1", "m-1", "m-1")
    assert len(catalog.session("user_2__2009-05-04__2").track_ids) == 2


def test_gap_of_exactly_the_minutes_given_does_not_end_a_session(tmp_path: Path) -> None:
    sessions = read_catalog(lastfm1k(tmp_path), session_gap=5).session_ids()
    assert [s for s in sessions if s.startswith("user_2")] == [
        "user_2__2009-05-04",
        "user_2__2009-05-04__2",
        "user_2__2009-05-04__3",
    ]


def test_gap_must_be_positive(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="makes no session"):
        read_catalog(lastfm1k(tmp_path), session_gap=0)


def test_lastfm1k_track_without_mbid_takes_that_of_the_same_name(tmp_path: Path) -> None:
    catalog = read_catalog(lastfm1k(tmp_path))
    track = catalog.track("m-1")
    assert (track.track_name, track.artist_name, track.artist_id) == (("Red",), ("One",), ("a-1",))
    assert track.tag_list == ("rock", "old rock")
    assert catalog.track("m-2").artist == 'Jo "Hammond" Doe'


def test_lastfm1k_id_is_made_from_names_and_is_stable(tmp_path: Path) -> None:
    catalog = read_catalog(lastfm1k(tmp_path / "a"))
    (made,) = [i for i in catalog.track_ids() if i.startswith("name-")]
    assert catalog.session("user_3__2009-05-03").track_ids == (made,)
    alone = write_lines(
        tmp_path / "b.tsv", lastfm1k_line("u", "2009-05-03T23:59:59Z", "ŌSAKA BAND", " blue ", artist_mbid="")
    )
    assert read_catalog(alone).track_ids() == (made,)


def test_lastfm1k_report_and_listeners(tmp_path: Path) -> None:
    catalog = read_catalog(lastfm1k(tmp_path))
    assert catalog.report.dropped == {
        "plays without track title or artist": 1,
        "plays repeated within the same second": 1,
        "plays dated before 2002": 1,
    }
    assert catalog.report.noticed == {
        "plays without track MBID, found by artist and title": 1,
        "plays without track MBID, id made from artist and title": 2,
        "ages outside 10-100 or unreadable, left out": 1,
        "lines of tags without a tag": 1,
        "tracks given tags": 1,
    }
    listed, unlisted = catalog.session("user_2__2009-05-04"), catalog.session("user_3__2009-05-03")
    assert (listed.gender, listed.age, listed.country_name) == ("female", None, "United States")
    assert (unlisted.gender, unlisted.country_name, unlisted.country_code) == (None, None, None)


def test_lastfm1k_unreadable_time_is_named(tmp_path: Path) -> None:
    good = lastfm1k_line("u", "2009-05-03T23:59:59Z", "A", "B")
    file = write_lines(tmp_path / "log.tsv", *[good] * 30, lastfm1k_line("u", "yesterday", "A", "B"))
    with pytest.raises(CatalogError, match=r"log\.tsv, line 31, field 'time': 'yesterday' is not a time"):
        read_catalog(file)


def test_lastfm1k_line_without_user_is_counted(tmp_path: Path) -> None:
    good = lastfm1k_line("u", "2009-05-03T23:59:59Z", "A", "B")
    file = write_lines(
        tmp_path / "log.tsv", *[good] * 30, lastfm1k_line("", "2009-05-03T23:59:59Z", "A", "B")
    )
    report = read_catalog(file).report
    assert report.dropped == {
        "lines without user or time": 1,
        "plays repeated within the same second": 29,
    }


def test_lastfm1k_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    good = lastfm1k_line("u", "2009-05-03T23:59:59Z", "A", "B")
    file = write_lines(tmp_path / "log.tsv", *[good] * 30)
    file.write_bytes(file.read_bytes() + good.replace("B", "é").encode("latin-1") + b"\n")
    with pytest.raises(CatalogError, match=r"line 31, field 'title': .* is not UTF-8"):
        read_catalog(file)


def test_lastfm1k_tags_must_be_a_list(tmp_path: Path) -> None:
    folder = lastfm1k(tmp_path)
    write_lines(folder / "tags.csv", "track-name,artist-name,tags", "Red,One,__import__('os')")
    with pytest.raises(CatalogError, match=r"tags\.csv, line 2, field 'tags'"):
        read_catalog(folder)


def test_long_log_keeps_names_and_plays_together(tmp_path: Path) -> None:
    """More lines than are parsed in one piece, the same users and tracks coming back in all of them."""
    lines = [
        lastfm1k_line(
            f"user_{i % 7}",
            f"2009-05-{i % 28 + 1:02d}T{i // 28 % 24:02d}:{i // 672 % 60:02d}:{i // 40320 % 60:02d}Z",
            f"Artist {i % 1013}",
            f"Title {i % 1013}",
            f"mbid-{i % 1013:04d}" if i % 3 else "",
        )
        for i in range(60_000)
    ]
    catalog = read_catalog(write_lines(tmp_path / "log.tsv", *lines))
    assert len(catalog.track_ids()) == 1013
    assert all(catalog.track(f"mbid-{n:04d}").title == f"Title {n}" for n in range(1013))
    plays = [catalog.session(s) for s in catalog.session_ids()]
    assert sum(len(s.track_ids) for s in plays) == 60_000
    # Line 3 is the first of that day; it has no MBID, and other lines of the same title have.
    assert catalog.session("user_3__2009-05-04").track_ids[0] == "mbid-0003"

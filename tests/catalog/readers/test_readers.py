"""Readers on small made-up sources: what is taken over, what is left out, and what is said about it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from segue.catalog.native_writing import write_native
from segue.catalog.opening import read_catalog
from segue.core.errors import CatalogError
from support.catalog.sources import (
    lfm1b,
    lfm2b,
    mpd_playlist,
    mpd_slice,
    spotify,
    write_lines,
)


def test_lfm1b_sessions_are_days_of_a_user(tmp_path: Path) -> None:
    catalog = read_catalog(lfm1b(tmp_path))
    assert catalog.session_ids() == ("7__2012-03-04", "8__2012-03-04", "7__2012-03-05")
    assert catalog.session_ids(min_tracks=21) == ("7__2012-03-04",)
    session = catalog.session("7__2012-03-04")
    assert session.track_ids == tuple(str(100 + i) for i in range(22))
    assert session.session_date == date(2012, 3, 4)


def test_lfm1b_demographics_that_are_missing_stay_missing(tmp_path: Path) -> None:
    catalog = read_catalog(lfm1b(tmp_path))
    known, unknown = catalog.session("7__2012-03-04"), catalog.session("8__2012-03-04")
    assert (known.age, known.age_group, known.gender, known.country_code) == (31, "30s", "female", "UK")
    assert (unknown.age, unknown.age_group, unknown.gender, unknown.country_code) == (None, None, None, None)
    assert known.country_name is None


def test_lfm1b_tracks_get_artist_and_the_album_played_most(tmp_path: Path) -> None:
    catalog = read_catalog(lfm1b(tmp_path))
    track = catalog.track("100")
    assert (track.title, track.artist, track.album) == ("Song 0", "The Ones", "First")
    assert (track.artist_id, track.album_id) == (("1",), ("50",))
    assert catalog.track("200").track_name == ('Seven "Inch" Mix',)
    assert catalog.track("200").artist == "Zażółć"


def test_lfm1b_report_counts_what_was_left_out(tmp_path: Path) -> None:
    report = read_catalog(lfm1b(tmp_path)).report
    assert report.rows == 27
    assert report.dropped == {
        "plays of a track id that has no name or artist": 1,
        "plays repeated within the same second": 1,
        "plays dated before 2002": 1,
    }
    assert report.noticed == {"names freed of CSV quoting": 1, "track ids listed again, left out": 1}
    assert (report.users, report.tracks, report.sessions, report.qualifying) == (2, 23, 3, 1)
    assert report.modalities == ("text",)


def test_lfm1b_tracks_and_albums_are_told_apart_by_content(tmp_path: Path) -> None:
    usual = read_catalog(lfm1b(tmp_path / "a"))
    misnamed = read_catalog(lfm1b(tmp_path / "b", names=("albums.txt", "tracks.txt")))
    assert misnamed.digest == usual.digest


def test_lfm1b_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    first = read_catalog(lfm1b(tmp_path / "a"))
    folder = lfm1b(tmp_path / "b")
    lines = (folder / "events.txt").read_text("utf-8").splitlines()
    write_lines(folder / "events.txt", *sorted(lines))
    assert read_catalog(folder).digest == first.digest


def test_lfm1b_wrong_line_is_named(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path)
    lines = (folder / "events.txt").read_text("utf-8").splitlines()
    write_lines(folder / "events.txt", *lines, "7\t1\t50\tnine\t1330851600")
    with pytest.raises(CatalogError, match=r"events\.txt, line 28, field 'track': 'nine' is not") as caught:
        read_catalog(folder)
    assert (caught.value.line, caught.value.field) == (28, "track")


def test_lfm1b_line_with_too_many_fields_is_named(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path)
    lines = (folder / "tracks.txt").read_text("utf-8").splitlines()
    write_lines(folder / "tracks.txt", *lines, "300\tA\tB\t1")
    with pytest.raises(CatalogError, match=r"tracks\.txt, line 25: has 4 fields where 3 are expected"):
        read_catalog(folder)


def test_lfm1b_needs_its_artists(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path)
    (folder / "artists.txt").unlink()
    with pytest.raises(CatalogError, match="needs a file of artists") as caught:
        read_catalog(folder)
    assert "events.txt" in (caught.value.hint or "")


def test_lfm1b_needs_tracks_that_its_plays_name(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path)
    (folder / "tracks.txt").unlink()
    with pytest.raises(CatalogError, match="none holds the tracks played"):
        read_catalog(folder)


def test_lfm1b_without_users_knows_no_demographics(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path)
    (folder / "users.txt").unlink()
    session = read_catalog(folder).session("7__2012-03-04")
    assert (session.user_id, session.age, session.country_code) == ("7", None, None)


def test_lfm2b_needs_its_tracks(tmp_path: Path) -> None:
    folder = lfm2b(tmp_path)
    (folder / "tracks.tsv").unlink()
    with pytest.raises(CatalogError, match="LFM-2b needs a file of tracks"):
        read_catalog(folder)


def test_lfm2b_layout(tmp_path: Path) -> None:
    catalog = read_catalog(lfm2b(tmp_path))
    assert catalog.session_ids() == ("3__2019-05-04", "3__2019-05-05")
    track = catalog.track("11")
    assert (track.title, track.artist, track.artist_id) == ('"Lone quote', "No One", ("31",))
    assert (track.album, track.album_id) == ("Record", ("21",))
    session = catalog.session("3__2019-05-04")
    assert (session.age, session.gender, session.country_code) == (None, "male", "DE")
    assert catalog.report.noticed == {"ages outside 10-100 or unreadable, left out": 1}


def test_session_gap_ends_sessions_by_silence_not_by_midnight(tmp_path: Path) -> None:
    catalog = read_catalog(lfm2b(tmp_path), session_gap=5)
    assert catalog.session_ids() == ("3__2019-05-04",)
    assert catalog.session("3__2019-05-04").track_ids == ("11", "11")
    assert read_catalog(tmp_path, session_gap=10**9).digest == catalog.digest


def test_mpd_folder_of_slices(tmp_path: Path) -> None:
    mpd_slice(tmp_path / "mpd.slice.0-0.json", mpd_playlist(0, "b", "a", "b"))
    mpd_slice(
        tmp_path / "mpd.slice.1-1.json", mpd_playlist(12, "c", "a", modified_at=1, collaborative="false")
    )
    catalog = read_catalog(tmp_path)
    assert catalog.session_ids() == ("mpd-0", "mpd-12")
    session = catalog.session("mpd-0")
    assert (session.track_ids, session.origin) == (("b", "a", "b"), "playlist")
    assert (session.session_date, session.user_id) == (None, "mpd-0")
    assert catalog.track("a").duration == 9
    assert catalog.track("a").album_name == ()
    assert session.title == "x"


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_titles_of_playlists_are_kept_by_a_native_folder_and_by_no_digest(tmp_path: Path, kind: Any) -> None:
    named = {"a": "  late \n drives ", "b": None, "c": 7}
    lists = [mpd_playlist(n, "a", "b", name=title) for n, title in enumerate(named.values())]
    catalog = read_catalog(mpd_slice(tmp_path / "one.json", *lists))
    write_native(catalog, tmp_path / "native", kind=kind)
    again = read_catalog(tmp_path / "native")
    for opened in (catalog, again):
        assert [opened.session(each).title for each in opened.session_ids()] == ["late drives", None, None]
    bare = read_catalog(
        mpd_slice(tmp_path / "two.json", *({**each, "name": f"other {n}"} for n, each in enumerate(lists)))
    )
    assert catalog.digest == again.digest == bare.digest


def test_mpd_playlist_in_two_slices_is_refused(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        mpd_slice(tmp_path / name, mpd_playlist(5, "a"))
    with pytest.raises(CatalogError, match=r"playlist 5 is in both one\.json and two\.json"):
        read_catalog(tmp_path)


def test_mpd_missing_field_is_named(tmp_path: Path) -> None:
    broken = mpd_playlist(5, "a", "b")
    del broken["tracks"][1]["track_name"]  # type: ignore[index]
    with pytest.raises(CatalogError, match=r"field 'playlists\.0\.tracks\.1\.track_name': Field required"):
        read_catalog(mpd_slice(tmp_path / "x.json", broken))


def test_spotify_songs(tmp_path: Path) -> None:
    catalog = read_catalog(spotify(tmp_path / "songs.csv"))
    first = catalog.track("t1")
    assert (first.title, first.popularity, first.key, first.tempo) == ('Say "Hi", You', 0.0, "A minor", 120.5)
    assert (first.release_date, first.duration) == ("2011-02-03", 1000)
    second, third = catalog.track("t2"), catalog.track("t3")
    assert (second.key, second.tempo, second.release_date) == ("C major", None, "1999")
    assert (third.key, third.release_date) == (None, "1999-07")
    assert catalog.session("p1").track_ids == ("t1", "t2")
    assert catalog.session("p2").track_ids == ("t1", "t3")
    assert [catalog.session(name).title for name in ("p1", "p2")] == ["P", "Q"]
    assert catalog.report.dropped == {
        "lines without track id, title or artist": 1,
        "lines that repeat a track of a playlist": 1,
    }
    assert catalog.report.noticed == {
        "values of tempo out of range or unreadable, left out": 1,
        "values of key out of range or unreadable, left out": 1,
    }


def test_spotify_word_in_place_of_a_number_is_named(tmp_path: Path) -> None:
    file = spotify(tmp_path / "songs.csv", "t9,X,Y,5,a,b,2000,P,p1,1,1,fast,2000")
    with pytest.raises(CatalogError, match=r"songs\.csv, line 8, field 'tempo': 'fast' is not a number"):
        read_catalog(file)


def test_coverage_names_every_field(tmp_path: Path) -> None:
    coverage = read_catalog(spotify(tmp_path / "songs.csv")).coverage()
    assert (coverage["track_id"], coverage["key"], coverage["lyrics"], coverage["audio"]) == (3, 2, 0, 0)


def test_unknown_ids_are_refused(tmp_path: Path) -> None:
    catalog = read_catalog(spotify(tmp_path / "songs.csv"))
    with pytest.raises(CatalogError, match="has no track 't0'") as caught:
        catalog.track("t0")
    assert "'t1'" in (caught.value.hint or "")
    with pytest.raises(CatalogError, match="has no session 'zz'"):
        catalog.session("zz")


def test_line_ends_and_byte_order_marks_of_windows(tmp_path: Path) -> None:
    usual = read_catalog(lfm1b(tmp_path / "a"))
    folder = lfm1b(tmp_path / "b")
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_catalog(folder).digest == usual.digest


def test_control_characters_in_names_are_kept(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path)
    lines = (folder / "tracks.txt").read_text("utf-8").splitlines()
    write_lines(folder / "tracks.txt", "100\tA\x0bB\x17C\x85\u2028D\t1", *lines)
    assert read_catalog(folder).track("100").title == "A\x0bB\x17C\x85\u2028D"

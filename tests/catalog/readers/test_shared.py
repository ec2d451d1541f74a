"""Readers on the real samples: the figures that their README files state."""

from __future__ import annotations

from segue.catalog import Catalog, ListeningSession
from segue.catalog.opening import open_catalog, read_catalog
from support.catalog.sources import shared


def _qualifying(catalog: Catalog) -> list[ListeningSession]:
    return [catalog.session(name) for name in catalog.session_ids(min_tracks=21)]


def test_lfm1b_sample() -> None:
    catalog = read_catalog(shared("lfm1b-sample"))
    found = _qualifying(catalog)
    full = [s for s in found if None not in (s.age, s.gender, s.country_code)]
    assert (len(found), len({s.user_id for s in found})) == (483, 17)
    assert (len(full), len({s.user_id for s in full})) == (314, 11)
    assert catalog.report.rows == 51_631
    assert catalog.report.dropped == {"plays of a track id that has no name or artist": 32}
    assert catalog.track("12799").title == 'True Faith - 2011 Total Version [Shep Pettibone 7" Remix]'
    assert {s.country_code for s in full if s.user_id == "19192269"} == {"UK"}


def test_lfm1b_sample_by_silence() -> None:
    assert len(_qualifying(read_catalog(shared("lfm1b-sample"), session_gap=30))) == 89


def test_lastfm1k_slice() -> None:
    folder = shared("lastfm-1k-slice")
    assert len(_qualifying(read_catalog(folder))) == 77
    assert len(_qualifying(read_catalog(folder, session_gap=30))) == 44


def test_mpd_layout() -> None:
    catalog = open_catalog(shared("playlists-mpd-layout"))
    assert len(catalog.session_ids()) == 48
    assert len(catalog.session_ids(min_tracks=21)) == 48
    assert len(catalog.track_ids()) == 2540


def test_spotify_songs() -> None:
    catalog = read_catalog(shared("spotify-songs"))
    assert len(catalog.track_ids()) == 4618
    assert catalog.report.dropped == {"lines that repeat a track of a playlist": 35}
    assert catalog.coverage()["release_date"] == 4618


def test_every_object_of_the_samples_can_be_built() -> None:
    for name in ("lastfm-1k-slice", "playlists-mpd-layout", "spotify-songs"):
        catalog = read_catalog(shared(name))
        known = {catalog.track(track_id).track_id for track_id in catalog.track_ids()}
        assert all(set(catalog.session(s).track_ids) <= known for s in catalog.session_ids())

"""The demo catalogue: enough of everything, valid, distinct, and the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from segue.catalog import Catalog, Track
from segue.catalog.demo import DemoCatalog, open_demo
from segue.catalog.demo.entries import parse_entries, read_entries
from segue.catalog.demo.harmony import chord_of, parse_key
from segue.catalog.demo.sessions import ARTIST_SHARE
from segue.core.errors import CatalogError

CHORD = re.compile(r"[A-G][#b]?m?(7|maj7)?")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalog:
    return open_demo(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def tracks(demo: DemoCatalog) -> list[Track]:
    return [demo.track(track_id) for track_id in demo.track_ids()]


def test_is_a_catalog(demo: DemoCatalog) -> None:
    assert isinstance(demo, Catalog)
    assert demo.name == "demo"


def test_is_as_large_and_as_varied_as_promised(demo: DemoCatalog, tracks: list[Track]) -> None:
    sessions = [demo.session(name) for name in demo.session_ids()]
    assert len(tracks) >= 240
    assert len({track.artist_id for track in tracks}) >= 40
    assert len({track.tag_list[0] for track in tracks}) >= 12
    assert len({(track.release_date or "")[:3] for track in tracks}) >= 6
    assert len(sessions) >= 30
    assert len({session.country_code for session in sessions}) >= 12
    assert len({session.preferred_language for session in sessions}) >= 10
    ages = [session.age or 0 for session in sessions]
    assert min(ages) <= 17 and max(ages) >= 70


def test_every_track_has_what_goals_ask_about(demo: DemoCatalog, tracks: list[Track]) -> None:
    sung = [track for track in tracks if track.lyrics]
    for field, count in demo.coverage().items():
        if field in {"lyrics", "language"}:
            assert count == len(sung)
        else:
            assert count == (0 if field in {"ISRC", "from_file_name", "images"} else len(tracks)), field
    assert 0.7 <= len(sung) / len(tracks) <= 0.85


def test_values_are_plausible(tracks: list[Track]) -> None:
    for track in tracks:
        assert 5 <= len(track.tag_list) <= 12 and len(set(track.tag_list)) == len(track.tag_list)
        assert 60 <= (track.tempo or 0) <= 180
        assert parse_key(track.key or "").name == track.key
        assert all(CHORD.fullmatch(chord) for chord in track.chords), track.chords
        assert 120_000 <= (track.duration or 0) <= 600_000
        assert date(1960, 1, 1) <= date.fromisoformat(track.release_date or "") < date(2020, 1, 1)
        assert Track.from_row(track.to_row()) == track
    popularity = [track.popularity or 0 for track in tracks]
    assert min(popularity) <= 5 and max(popularity) >= 95
    assert len({(track.title, track.artist) for track in tracks}) == len(tracks)


def test_instrumentals_say_so_and_songs_do_not(tracks: list[Track]) -> None:
    for track in tracks:
        assert ("instrumental" in track.tag_list) == (track.lyrics is None), track.title


def test_lyrics_differ_early_and_are_long_enough(tracks: list[Track]) -> None:
    sung = [track for track in tracks if track.lyrics]
    assert len({(track.lyrics or "")[:200] for track in sung}) == len(sung)
    assert len({track.language for track in sung}) >= 8
    lines = Counter(line for track in sung for line in (track.lyrics or "").splitlines())
    assert lines.most_common(1)[0][1] == 1
    for track in sung:
        # Korean and Japanese say in one character what takes two or three letters elsewhere.
        least = 100 if track.language in {"ja", "ko"} else 200
        assert len(track.lyrics or "") >= least and (track.lyrics or "").count("\n") >= 3, track.title


def test_sessions_are_usable_and_no_artist_fills_them(demo: DemoCatalog) -> None:
    known = set(demo.track_ids())
    for name in demo.session_ids():
        session = demo.session(name)
        heard = session.distinct_track_ids
        assert 24 <= len(heard) <= 40 and set(heard) <= known
        artists = Counter(demo.track(track_id).artist for track_id in heard)
        assert max(artists.values()) <= ARTIST_SHARE * len(heard) and len(artists) >= 5
        assert session.session_id == f"{session.user_id}__{session.session_date}"
        assert session.origin == "fictional" and session.age_group == f"{(session.age or 0) // 10 * 10}s"
    assert demo.session_ids(min_tracks=21) == demo.session_ids()
    assert demo.session_ids(min_tracks=41) == ()


def test_nobody_hears_a_record_before_it_is_out(demo: DemoCatalog) -> None:
    for name in demo.session_ids():
        session = demo.session(name)
        for track_id in session.track_ids:
            assert (demo.track(track_id).release_date or "9") <= str(session.session_date)


def test_sessions_lie_on_both_sides_of_the_split_with_warm_and_cold_listeners(demo: DemoCatalog) -> None:
    sessions = [demo.session(name) for name in demo.session_ids()]
    before = {s.user_id for s in sessions if s.session_date and s.session_date < date(2019, 1, 1)}
    after = {s.user_id for s in sessions if s.session_date and s.session_date >= date(2019, 1, 1)}
    assert len(before) >= 12 and len(before & after) >= 6 and after - before


def test_taste_shows(demo: DemoCatalog) -> None:
    def share(user: str, tag: str) -> float:
        heard = [
            demo.track(track_id)
            for name in demo.session_ids()
            if name.startswith(user)
            for track_id in demo.session(name).distinct_track_ids
        ]
        return sum(tag in track.tag_list for track in heard) / len(heard)

    assert share("sam_outwest", "country") > 4 * share("yusuf_a", "country")
    assert share("lena_vogt", "electronic") > 4 * share("gordon_m", "electronic")
    assert share("ana_braga", "brazilian") > 4 * share("tommi_k", "brazilian")


def test_two_openings_agree_and_the_digest_follows_content(demo: DemoCatalog, tmp_path: Path) -> None:
    other = open_demo(tmp_path)
    assert other.digest == demo.digest
    assert [other.session(n) for n in other.session_ids()] == [demo.session(n) for n in demo.session_ids()]
    assert DemoCatalog(read_entries()[:-1], tmp_path).digest != demo.digest
    assert list(tmp_path.iterdir()) == []


def test_unknown_ids_are_errors_with_an_example(demo: DemoCatalog) -> None:
    with pytest.raises(CatalogError, match=r"no track 'x'[\s\S]*demo-0101"):
        demo.track("x")
    with pytest.raises(CatalogError, match=r"no session 'x'"):
        demo.session("x")
    foreign = demo.track(demo.track_ids()[0]).model_copy(update={"track_id": "elsewhere-1"})
    with pytest.raises(CatalogError, match="elsewhere-1"):
        demo.media_path(foreign, "audio")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("01 | A | 90 | C major | I | 5 | 3:00 | calm", "line 1.*below an album"),
        ("> la la", "line 1.*below a track"),
        ("- A | Title | 1990-01-01 | waves | ice", "line 1.*below an artist"),
        ("= 01 | Name | UK", "line 1.*3 fields"),
        (
            "= 01 | N | UK | X | pop | en | pop | a\n- A | T | 1990-02-31 | waves | ice",
            "line 2.*release date",
        ),
        (
            "= 01 | N | UK | X | pop | en | pop | a\n- A | T | 1990-02-01 | waves | ice\n"
            "01 | T | 90 | H major | I | 5 | 3:00 | calm",
            "line 3.*H major",
        ),
    ],
)
def test_a_bad_entry_is_named_by_file_and_line(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=f"new.txt, {message}"):
        list(parse_entries("new.txt", text))


@pytest.mark.parametrize(
    ("key", "numerals", "names"),
    [
        ("C major", "I vi ii7 V7", "C Am Dm7 G7"),
        ("A minor", "i VI III VII V7", "Am F C G E7"),
        ("F# minor", "i VI bII V7", "F#m D G C#7"),
        ("Bb minor", "i iv V7 VI", "Bbm Ebm F7 Gb"),
        ("E major", "I bVII iii Imaj7", "E D G#m Emaj7"),
    ],
)
def test_numerals_name_chords_as_the_key_spells_them(key: str, numerals: str, names: str) -> None:
    spelled = [chord_of(numeral, parse_key(key)).name for numeral in numerals.split()]
    assert spelled == names.split()


def test_reading_the_catalogue_loads_no_media_library(tmp_path: Path) -> None:
    code = (
        "import sys; from segue.catalog.demo import open_demo; from pathlib import Path; "
        f"open_demo(Path({str(tmp_path)!r})).digest; "
        "print(sorted({'numpy', 'PIL', 'soundfile'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_is_drawn_once_for_a_folder_of_media(tmp_path: Path) -> None:
    assert open_demo(tmp_path) is open_demo(tmp_path) is not open_demo(tmp_path / "other")
    assert open_demo(tmp_path / "other").media_root.parent == tmp_path / "other"

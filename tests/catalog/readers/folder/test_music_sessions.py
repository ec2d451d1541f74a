"""Sessions of a music folder: from a play log, from playlists, and simulated ones."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from segue.catalog.columns import TRACK_COLUMNS, table_of
from segue.catalog.readers.folder.music_sessions import SessionsFrom, with_sessions
from segue.catalog.readers.simulation import simulate_sessions
from segue.catalog.reporting.report import ReadingReport
from segue.catalog.table import TableCatalog
from segue.catalog.track import MediaRef, Track
from segue.core.errors import CatalogError, ConfigError
from support.catalog.sources import write_lines

PATHS = ("Ann/01 Café.ogg", "Ann/02 Blue.ogg", "Bob/Green.ogg", "50% off.ogg")
TITLES = (("Ann", "Café"), ("Ann", "Blue (Remastered)"), ("Bob", "Green"), ("Cy", "Red"))


def catalogue() -> TableCatalog:
    tracks = [
        Track(track_id=f"t{n}", track_name=(title,), artist_name=(artist,), audio=MediaRef(path=path))
        for n, (path, (artist, title)) in enumerate(zip(PATHS, TITLES, strict=True))
    ]
    sessions = pl.DataFrame(
        schema={"session_id": pl.String, "user_id": pl.String, "tracks": pl.List(pl.UInt32)}
    )
    return TableCatalog(
        name="x", source="x", tracks=table_of(tracks, TRACK_COLUMNS), sessions=sessions,
        report=ReadingReport(format="folder", files=()),
    )  # fmt: skip


def played(root: Path, source: SessionsFrom) -> dict[str, tuple[str, ...]]:
    found = with_sessions(catalogue(), root, source)
    return {name: found.session(name).track_ids for name in found.session_ids()}


def test_a_play_log_by_path_and_by_names(tmp_path: Path) -> None:
    log = write_lines(
        tmp_path / "log.csv",
        "User,Time,path,artist,title,age,gender,country",
        f"kim,2024-05-31T23:59:00Z,{tmp_path}/music/Ann/01 Café.ogg,,,34,Female,PL",
        "kim,2024-06-01T02:30:00+02:00,Ann\\02 Blue.ogg,,,,,",
        "kim,1717200000,,ann,blue,,,",
        "kim,2024-06-01T10:00:00,nowhere.ogg,,,,,",
        "lou,2024-06-01T10:00:00,BOB/green.OGG,,,,,United Kingdom",
    )
    found = with_sessions(catalogue(), tmp_path / "music", SessionsFrom(log=log))
    assert {name: found.session(name).track_ids for name in found.session_ids()} == {
        "kim__2024-05-31": ("t0",),
        "kim__2024-06-01": ("t1", "t1"),
        "lou__2024-06-01": ("t2",),
    }
    kim, lou = found.session("kim__2024-05-31"), found.session("lou__2024-06-01")
    assert (kim.age, kim.age_group, kim.gender, kim.country_code) == (34, "30s", "female", "PL")
    assert (lou.country_name, lou.country_code, lou.origin) == ("United Kingdom", None, "played")
    assert found.report.dropped == {"plays of what the folder does not have": 1}
    assert [p.reason for p in found.report.problems] == ["line 5: 'nowhere.ogg' is not in the folder"]
    assert len(played(tmp_path / "music", SessionsFrom(log=log, session_gap=60))) == 2, (
        "midnight ends nothing"
    )


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["user,path", "a,b"], r"line 1, field 'time': the column is missing"),
        (["user,time,artist", "a,0,b"], r"line 1, field 'title'"),
        (["user,time,path", "a,0,b", ",5,b"], r"line 3, field 'user': is empty"),
        (["user,time,path", "", "a,yesterday,b"], r"line 3, field 'time': 'yesterday' is not a time"),
        (["user,time,path,artist,title", "a,5,,b,"], r"line 2, field 'path': names no track"),
    ],
)
def test_a_wrong_log_names_file_line_and_field(tmp_path: Path, lines: list[str], words: str) -> None:
    log = write_lines(tmp_path / "log.csv", *lines)
    with pytest.raises(CatalogError, match=rf"log\.csv, {words}"):
        played(tmp_path, SessionsFrom(log=log))


def test_playlists_of_all_kinds(tmp_path: Path) -> None:
    root = tmp_path / "music"
    lists = root / "lists"
    write_lines(
        lists / "a.m3u8",
        "#EXTM3U",
        "#EXTINF:1,Bob - Green",
        "../gone/Green.ogg",
        "../Ann/01 Café.ogg",
        "gone.ogg",
    )
    (lists / "b.m3u").write_bytes("..\\Ann\\01 Café.ogg\r\n../50% off.ogg\r\n".encode("cp1252"))
    write_lines(
        lists / "deep" / "c.xspf",
        '<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>',
        f"<track><location>{(root / 'Ann' / '02 Blue.ogg').resolve().as_uri()}</location></track>",
        "<track><location>../../Ann/01%20Caf%C3%A9.ogg</location></track>",
        "<track><creator>BOB</creator><title>green</title></track>",
        "<track><location>http://example.org/x.ogg</location></track>",
        "</trackList></playlist>",
    )
    entries = [{"location": ["../50%25%20off.ogg"]}, {"creator": "Ann", "title": "Blue"}]
    write_lines(lists / "d.jspf", json.dumps({"playlist": {"track": entries}}))
    found = with_sessions(catalogue(), root, SessionsFrom(playlists=lists))
    assert {name: found.session(name).track_ids for name in found.session_ids()} == {
        "a": ("t2", "t0"),
        "b": ("t0", "t3"),
        "d": ("t3", "t1"),
        "deep/c": ("t1", "t0", "t2"),
    }
    assert {found.session(name).origin for name in found.session_ids()} == {"playlist"}
    missing = [(p.file, p.reason) for p in found.report.problems]
    assert missing == [
        ("a.m3u8", "line 5: 'gone.ogg' is not in the folder"),
        ("deep/c.xspf", "entry 4: 'http://example.org/x.ogg' is not in the folder"),
    ]
    assert found.report.rows == 11


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.xspf", "<playlist>\n<", "line 2: is not XML"),
        ("a.xspf", "<html/>", "is no XSPF playlist"),
        ("a.jspf", '{"x": 1}', "field 'playlist.track'"),
        ("a.jspf", '[{"playlist": {"track": []}}]', "is no JSPF playlist"),
        ("a.jspf", "[" * 100_000, "is no"),
        ("a.txt", "", "holds no playlist"),
    ],
)
def test_wrong_playlists(tmp_path: Path, name: str, text: str, words: str) -> None:
    write_lines(tmp_path / "lists" / name, text)
    with pytest.raises(CatalogError, match=words):
        played(tmp_path, SessionsFrom(playlists=tmp_path / "lists"))


def test_one_source_of_sessions() -> None:
    with pytest.raises(ConfigError, match="one source"):
        SessionsFrom(log=Path("a"), simulated=1)


def styled(count: int) -> pl.DataFrame:
    """Two styles, each of four artists and of one tempo."""
    return table_of(
        [
            Track(
                track_id=f"t{n}",
                track_name=(f"Song {n}",),
                artist_name=(f"Artist {n % 8}",),
                tag_list=("waltz",) if n % 2 else ("drone",),
                tempo=180.0 if n % 2 else 70.0,
            )
            for n in range(count)
        ],
        TRACK_COLUMNS,
    )


def test_simulated_sessions_are_marked_seeded_and_of_a_kind() -> None:
    tracks = styled(200)
    found = simulate_sessions(tracks, 12, seed=3)
    assert set(found["origin"]) == {"simulated"}
    assert all(name.startswith("simulated-") for name in found["session_id"])
    lengths = found["tracks"].list.n_unique()
    assert lengths.to_list() == found["tracks"].list.len().to_list(), "no track comes twice"
    assert lengths.min() >= 21 and lengths.max() <= 37  # type: ignore[operator]
    same = [sum(t % 2 == walk[0] % 2 for t in walk) / len(walk) for walk in found["tracks"].to_list()]
    assert sum(same) / len(same) > 0.8, "walks stay with what is alike"
    assert found.equals(simulate_sessions(tracks, 12, seed=3))
    assert found["tracks"].to_list() != simulate_sessions(tracks, 12, seed=4)["tracks"].to_list()
    assert found["tracks"].to_list()[:5] == simulate_sessions(tracks, 5, seed=3)["tracks"].to_list()


def test_too_few_tracks_to_simulate_with() -> None:
    with pytest.raises(CatalogError, match="has 20 usable tracks"):
        simulate_sessions(styled(20), 1)
    assert simulate_sessions(styled(21), 1)["tracks"].list.len().to_list() == [21]

"""Playlists as players write them: encodings, separators, namespaces; an odd entry costs itself alone."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from segue.catalog.columns import TRACK_COLUMNS, table_of
from segue.catalog.readers.folder.playlist_files import read_playlists
from segue.catalog.readers.resolving import Resolver
from segue.catalog.reporting.report import ReadingReport
from segue.catalog.table import TableCatalog
from segue.catalog.track import MediaRef, Track

PATHS = ("Bo/plain.mp3", "Ann/Abé Øre/01 First Song.mp3", "Bo/Ã\x85ngstrom.mp3", "Ann/02 100%25 Sure.mp3")
PLAIN, FIRST, NEL, PERCENT = range(4)


def resolver(root: Path) -> Resolver:
    tracks = [
        Track(track_id=f"t{i}", track_name=(path,), artist_name=("Bo",), audio=MediaRef(path=path))
        for i, path in enumerate(PATHS)
    ]
    catalogue = TableCatalog(
        name="x",
        source="x",
        tracks=table_of(tracks, TRACK_COLUMNS),
        sessions=pl.DataFrame(
            schema={"session_id": pl.String, "user_id": pl.String, "tracks": pl.List(pl.UInt32)}
        ),
        report=ReadingReport(format="folder", files=()),
    )
    return Resolver(catalogue, root)


def xspf(location: str, *, namespace: str = ' xmlns="http://xspf.org/ns/0/"', declared: str = "UTF-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{declared}"?>\n<playlist version="1"{namespace}><trackList><track>'
        f"<location>{location}</location><title>歌</title></track></trackList></playlist>"
    )


@pytest.mark.parametrize(
    ("name", "data", "rows"),
    [
        ("vlc.m3u8", b"#EXTM3U\n../music/Ann/Ab%C3%A9%20%C3%98re/01%20First%20Song.mp3\n", [FIRST]),
        ("sign.m3u8", b"../music/Ann/02 100%25 Sure.mp3\n", [PERCENT]),
        ("win.m3u", b"..\\music\\Bo\\plain.mp3\r\n..\\music/Bo\\plain.mp3\r\n", [PLAIN, PLAIN]),
        ("nel.m3u8", "../music/Bo/Ã\x85ngstrom.mp3\n../music/Bo/plain.mp3\n".encode(), [NEL, PLAIN]),
        ("u16.m3u", "#EXTM3U\r\n..\\music\\Bo\\plain.mp3\r\n".encode("utf-16"), [PLAIN]),
        ("cr.m3u", b"#EXTM3U\r#EXTINF:4,x\r../music/Bo/plain.mp3\r", [PLAIN]),
        ("case.m3u8", b"#extm3u\n#extinf:4,Bo - Bo/plain.mp3\nD:/elsewhere/x.mp3\n", [PLAIN]),
        ("no.xspf", xspf("../music/Bo/plain.mp3", namespace="").encode(), [PLAIN]),
        (
            "slash.xspf",
            xspf("../music/Bo/plain.mp3", namespace=' xmlns="http://xspf.org/ns/0"').encode(),
            [PLAIN],
        ),
        ("gbk.xspf", xspf("../music/Bo/plain.mp3", declared="gbk").encode("gbk"), [PLAIN]),
        ("one.jspf", b'{"playlist": {"track": {"location": "../music/Bo/plain.mp3"}}}', [PLAIN]),
        (
            "null.jspf",
            b'{"playlist": {"track": [{"location": null, "creator": "Bo", "title": "Bo/plain.mp3"}]}}',
            [PLAIN],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_read_as_players_write_them(tmp_path: Path, name: str, data: bytes, rows: list[int]) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / name).write_bytes(data)
    found = read_playlists(lists, resolver(tmp_path / "music"))
    assert found.sessions["tracks"].to_list() == [rows]
    assert (found.rows, found.missing, found.problems) == (len(rows), (), ())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.m3u8", "#EXTM3U\n#playlist: Night  Bus\n../music/Bo/plain.mp3\n"),
        (
            "a.xspf",
            "<playlist version='1'><title>Night Bus</title><trackList><track><title>no</title>"
            "<location>../music/Bo/plain.mp3</location></track></trackList></playlist>",
        ),
        ("a.jspf", '{"playlist": {"title": "Night Bus", "track": [{"location": "../music/Bo/plain.mp3"}]}}'),
    ],
    ids=lambda value: value if len(value) < 9 else "",
)
def test_titles_are_kept(tmp_path: Path, name: str, data: str) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / name).write_text(data, "utf-8")
    (lists / "untitled.m3u").write_text("../music/Bo/plain.mp3\n", "utf-8")
    found = read_playlists(lists, resolver(tmp_path / "music")).sessions
    assert found["title"].to_list() == ["Night Bus", None]


def test_an_encoding_that_nobody_knows_is_told(tmp_path: Path) -> None:
    file = tmp_path / "u.xspf"
    file.write_text(xspf("music/Bo/plain.mp3", declared="x-mac-klingon"), "utf-8")
    found = read_playlists(file, resolver(tmp_path / "music"))
    assert found.sessions["tracks"].to_list() == [[PLAIN]]
    assert [problem.reason for problem in found.problems] == [
        "its encoding 'x-mac-klingon' is not known: read as UTF-8"
    ]


def test_odd_entries_cost_themselves(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "nul.m3u").write_bytes(b"../music/Bo/pl\0ain.mp3\n../music/Bo/plain.mp3\nfile://[x/y\n")
    (lists / "odd.jspf").write_text('{"playlist": {"track": [7, {}, {"location": [3]}, {"location": []}]}}')
    (lists / "cut.xspf").write_text("<playlist>\n<")
    found = read_playlists(lists, resolver(tmp_path / "music"))
    assert found.sessions["tracks"].to_list() == [[PLAIN]]
    assert found.rows == 7 == 1 + len(found.missing)
    assert [(p.file, p.left_out) for p in found.problems] == [("cut.xspf", True)]
    assert found.dropped == {"playlists that cannot be read": 1}


def test_names_that_are_no_text_are_shown_escaped(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (Path(f"{lists}/caf\udce9.m3u8")).write_text("../music/Bo/plain.mp3\n")
    found = read_playlists(lists, resolver(tmp_path / "music"))
    assert found.sessions["session_id"].to_list() == ["caf\\xe9"]

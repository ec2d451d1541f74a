"""Whatever damage a source has: it is refused by an error of ours, or every row of it is accounted for."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.id3 import APIC, ID3, TIT2, TPE1
from segue.catalog.native_writing import write_native
from segue.catalog.opening import open_catalog
from segue.catalog.readers.folder.music_folder import find_music, read_music
from segue.catalog.readers.folder.music_sessions import SessionsFrom, with_sessions
from segue.catalog.readers.folder.tag_files import read_tags
from segue.catalog.table import TableCatalog, as_table
from segue.core.errors import SegueError
from support.catalog.music import picture, sound
from support.catalog.mutation import DAMAGES, Damage, damage
from support.catalog.sources import lastfm1k, lfm1b, lfm2b, mpd_playlist, mpd_slice, spotify, write_lines

EXAMPLES = int(os.environ.get("SEGUE_TEST_EXAMPLES", "15"))
"""Damages tried on each kind of file; more of them are a longer search for what nobody has thought of."""

DAMAGED = settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
Source = Callable[[Path], object]

TABLES: dict[str, Source] = {
    "lfm1b": lfm1b,
    "lfm2b": lfm2b,
    "lastfm1k": lastfm1k,
    "mpd": lambda folder: mpd_slice(
        folder / "slice.json", mpd_playlist(1, "x", "y"), mpd_playlist(2, "y", "z")
    ),
    "spotify": lambda folder: spotify(folder / "songs.csv", "t5,Five,Di,1,a,A,1999,,,1,1,9,9"),
}
FOLDERS = count()


def fresh(tmp_path: Path) -> Path:
    """A folder for one example: all examples of a test share one `tmp_path`."""
    return tmp_path / str(next(FOLDERS))


def accounted(found: TableCatalog) -> None:
    """rows read = plays in sessions + rows listed as left out; and every object can be built."""
    plays = int(found.sessions["tracks"].list.len().sum())
    assert found.report.rows == plays + sum(found.report.dropped.values()), found.report
    for track_id in found.track_ids():
        found.track(track_id)
    for session_id in found.session_ids():
        found.session(session_id)


def opens_again(found: TableCatalog, folder: Path) -> None:
    """What an import writes opens, in both kinds of files."""
    for kind in ("parquet", "jsonl"):
        write_native(found, folder / kind, kind=kind)
        assert as_table(open_catalog(str(folder / kind))).digest == found.digest


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
@DAMAGED
@given(damages=DAMAGES, which=st.integers(0, 9))
def test_tables(tmp_path: Path, name: str, damages: list[Damage], which: int) -> None:
    folder = fresh(tmp_path)
    TABLES[name](folder / "source")
    files = sorted(path for path in (folder / "source").iterdir())
    damage(files[which % len(files)], damages)
    try:
        found = as_table(open_catalog(str(folder / "source")))
    except SegueError:
        return
    accounted(found)
    opens_again(found, folder)


def music(root: Path) -> TableCatalog:
    for name in ("a.ogg", "b.ogg", "c.ogg"):
        sound(root / name)
    return read_music(find_music(root))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TableCatalog]:
    root = tmp_path_factory.mktemp("music")
    return root, music(root)


LOG = ["user,time,path", "u1,2024-05-31T20:00:00Z,a.ogg", "u1,1717185700,b.ogg", 'u2,1717185800,"c.ogg"']
LISTS = {
    "a.m3u": b"#EXTM3U\n#EXTINF:1,A - B\na.ogg\nb.ogg\ngone.ogg\n",
    "a.m3u8": "a.ogg\nb.ogg\nZażółć.ogg\n".encode(),
    "a.xspf": b'<?xml version="1.0" encoding="UTF-8"?><playlist xmlns="http://xspf.org/ns/0/"><trackList>'
    b"<track><location>a.ogg</location></track><track><title>x</title></track></trackList></playlist>",
    "a.jspf": b'{"playlist": {"track": [{"location": "a.ogg"}, {"creator": "A", "title": "b"}, {}]}}',
}


@DAMAGED
@given(damages=DAMAGES)
def test_play_logs(tmp_path: Path, three: tuple[Path, TableCatalog], damages: list[Damage]) -> None:
    root, catalogue = three
    folder = fresh(tmp_path)
    log = write_lines(folder / "log.csv", *LOG)
    damage(log, damages)
    try:
        found = with_sessions(catalogue, root, SessionsFrom(log=log))
    except SegueError:
        return
    accounted(found)
    opens_again(found, folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
@DAMAGED
@given(damages=DAMAGES)
def test_playlists(
    tmp_path: Path, three: tuple[Path, TableCatalog], name: str, damages: list[Damage]
) -> None:
    root, catalogue = three
    folder = fresh(tmp_path)
    folder.mkdir()
    file = folder / name
    file.write_bytes(LISTS[name])
    damage(file, damages)
    try:
        found = with_sessions(catalogue, root, SessionsFrom(playlists=file))
    except SegueError:
        return
    accounted(found)
    opens_again(found, folder)


SIDE = {
    "a.json": b'{"tempo": 120, "tag_list": ["x"]}',
    "a.cho": b"{title: X}\n[Am]La [C]la\n",
    "a.txt": b"La la\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".flac", ".opus", ".wav", "cover.png", *SIDE])
@DAMAGED
@given(damages=DAMAGES)
def test_music_and_what_lies_beside(tmp_path: Path, suffix: str, damages: list[Damage]) -> None:
    folder = fresh(tmp_path)
    root = folder / "music"
    beside = not suffix.startswith(".")
    track = sound(root / f"a{'.ogg' if beside else suffix}", 3.5)
    sound(root / "good.ogg", 3.5)
    if suffix == ".mp3":
        tags = ID3()
        for frame in (TIT2(text=["T"]), TPE1(text=["A"]), APIC(mime="image/png", type=3, data=picture())):
            tags.add(frame)
        tags.save(track)
    damaged = root / suffix if beside else track
    if beside:
        damaged.write_bytes(SIDE.get(suffix) or picture())
    damage(damaged, damages)
    found = read_music(find_music(root), out=folder / "out", workers=1)
    report = found.report
    assert report.rows == 2 == len(found.track_ids()) + sum(report.dropped.values())
    opens_again(found, folder)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@DAMAGED
@given(damages=DAMAGES)
def test_tags(tmp_path: Path, kind: str, damages: list[Damage]) -> None:
    rows = ["artist-name,track-name,tags", "A,B,\"['rock', 'x']\"", 'A,"C, D",[]']
    lines = [f'{{"_id": {{"artist": "A", "track": "{name}"}}, "tags": {{"rock": 100}}}}' for name in "BC"]
    file = write_lines(fresh(tmp_path) / f"tags.{kind}", *(rows if kind == "csv" else lines))
    damage(file, damages)
    try:
        read_tags(file)
    except SegueError:
        return

"""Further pictures of a track in a native folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from segue.catalog.import_settings import Kind, Media
from segue.catalog.media import MediaLibrary
from segue.catalog.native import read_native
from segue.catalog.native_writing import write_native
from segue.catalog.readers.folder.music_folder import find_music, read_music
from segue.catalog.track import MediaRef
from support.catalog.listened import native
from support.catalog.music import sound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    several = {"audio": None, "cover": {"path": "a.png"}, "images": [{"path": "b.png", "digest": "d" * 32}]}
    made = native(tmp_path / "cat", {"t1": several, "t2": {"audio": None}})
    (made / "media").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (4, 4)).save(made / "media" / name)
    return made


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
@pytest.mark.parametrize("media", ["copy", "link"])
def test_they_are_kept_and_brought_along(folder: Path, tmp_path: Path, kind: Kind, media: Media) -> None:
    first = read_native(folder)
    assert first.track("t1").images == (MediaRef(path="b.png", digest="d" * 32),)
    assert first.track("t2").images == () and first.coverage()["images"] == 1
    write_native(first, tmp_path / "copy", kind=kind, media=media)
    copy = read_native(tmp_path / "copy")
    assert [copy.track(i) for i in ("t1", "t2")] == [first.track(i) for i in ("t1", "t2")]
    assert copy.digest == first.digest
    assert sorted(p.name for p in (tmp_path / "copy" / "media").iterdir()) == ["a.png", "b.png"]


def test_without_media_they_are_left_out(folder: Path, tmp_path: Path) -> None:
    write_native(read_native(folder), tmp_path / "copy", media="none")
    assert read_native(tmp_path / "copy").track("t1").images == ()


def test_a_catalogue_without_them_keeps_the_digest_it_had(tmp_path: Path) -> None:
    plain = read_native(native(tmp_path / "plain", {"t1": {"tempo": 100.0}}))
    assert "images" not in plain.tracks.columns or plain.coverage()["images"] == 0
    assert plain.digest == "e16f2f4b3441f251ff9ed3fd0a19ac3e"


def test_a_folder_of_music_has_them_by_their_names(tmp_path: Path) -> None:
    music = tmp_path / "music"
    sound(music / "a.flac")
    for name in ("cover.jpg", "Booklet 2.png", "booklet.png", "back.jpg", "holiday.jpg"):
        Image.new("RGB", (9, 9), "red").save(music / name)
    (music / "band.png").write_bytes(b"no picture")
    catalog = read_music(find_music(music))
    track = catalog.track(catalog.track_ids()[0])
    assert track.cover == MediaRef(path="cover.jpg")
    assert [ref.path for ref in track.images] == ["back.jpg", "Booklet 2.png", "booklet.png"]
    assert "band.png" in [problem.file for problem in catalog.report.problems]
    made = MediaLibrary(tmp_path / "media").prepare_images(catalog, track, 2)
    assert len(made) == 2

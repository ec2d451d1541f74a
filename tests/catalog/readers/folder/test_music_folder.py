"""A folder of music files: tags of every kind, what lies beside the files, and what is wrong with some."""

from __future__ import annotations

import base64
from pathlib import Path

import mutagen
import pytest
from mutagen.flac import FLAC
from mutagen.flac import Picture as FlacPicture
from mutagen.id3 import APIC, ID3, SYLT, TALB, TBPM, TCON, TDRC, TIT2, TKEY, TPE1, TSRC, USLT
from mutagen.mp4 import MP4, MP4Cover
from segue.catalog.readers.folder.music_folder import MusicFolder, find_music, read_music
from segue.catalog.readers.folder.probing import JOURNAL
from segue.catalog.reporting.health import check_health
from segue.catalog.track import Track
from segue.core.errors import CatalogError, CorruptionError
from support.catalog.music import m4a, picture, sound


def read(folder: Path, out: Path | None = None) -> MusicFolder:
    return read_music(find_music(folder), out=out)


def tracks(catalog: MusicFolder) -> dict[str, Track]:
    """By the path of the audio; by title for those without."""
    found = [catalog.track(track_id) for track_id in catalog.track_ids()]
    return {track.audio.path if track.audio else track.title: track for track in found}


def problems(catalog: MusicFolder) -> dict[str, str]:
    return {problem.file: problem.reason for problem in catalog.report.problems}


def test_tags_of_an_mp3(tmp_path: Path) -> None:
    path = sound(tmp_path / "music" / "a.mp3")
    tags = ID3()
    for frame in (
        TIT2(text=["Title"]), TPE1(text=["One", "Two"]), TALB(text=["Album"]), TDRC(text=["1999-05"]),
        TCON(text=["(17)", "Ska; Dub"]), TSRC(text=["de-a12-34-56789"]), TBPM(text=["121.5"]), TKEY(text=["F#m"]),
        USLT(lang="eng", desc="", text="La la\r\nla"), SYLT(lang="eng", format=2, type=1, text=[("x", 1)]),
        APIC(mime="image/png", type=0, data=picture(colour="blue")), APIC(mime="image/png", type=3, data=picture()),
    ):  # fmt: skip
        tags.add(frame)
    tags.save(path)
    out = tmp_path / "out"
    catalog = read(tmp_path / "music", out)
    [track] = tracks(catalog).values()
    assert (track.track_name, track.artist_name, track.album_name) == (("Title",), ("One", "Two"), ("Album",))
    assert (track.release_date, track.tempo, track.key) == ("1999-05", 121.5, "F# minor")
    assert track.tag_list == ("Rock", "Ska", "Dub") and track.ISRC == ("DEA123456789",)
    assert track.lyrics == "La la\nla"
    assert track.duration == pytest.approx(4000, abs=100)
    cover = catalog.media_path(track, "cover")
    assert cover is not None and cover.read_bytes() == picture()


@pytest.mark.parametrize("name", ["a.ogg", "a.opus", "a.flac"])
def test_vorbis_comments_and_their_pictures(tmp_path: Path, name: str) -> None:
    path = sound(tmp_path / "music" / name)
    opened = mutagen.File(path)
    opened["TITLE"], opened["artist"], opened["originaldate"] = "T", ["A", "B"], "1970-01-02"
    opened["date"], opened["genre"], opened["initialkey"] = "2001", "Jazz", "8A"
    opened["UNSYNCEDLYRICS"] = "[00:01.50]Sung"
    block = FlacPicture()
    block.type, block.mime, block.data = 3, "image/png", picture()
    if isinstance(opened, FLAC):
        opened.add_picture(block)
    else:
        opened["metadata_block_picture"] = base64.b64encode(block.write()).decode()
    opened.save()
    catalog = read(tmp_path / "music", tmp_path / "out")
    [track] = tracks(catalog).values()
    assert (track.title, track.artist_name, track.release_date) == ("T", ("A", "B"), "1970-01-02")
    assert (track.key, track.lyrics) == ("A minor", "Sung")
    assert track.cover is not None and track.cover.path.startswith("embedded/")


def test_an_m4a_keeps_its_tags_and_says_that_it_cannot_be_heard(tmp_path: Path) -> None:
    path = m4a(tmp_path / "a.m4a")
    opened = MP4(path)
    opened.add_tags()
    assert opened.tags is not None
    opened.tags["\xa9nam"], opened.tags["\xa9ART"], opened.tags["tmpo"] = ["T"], ["A"], [90]
    opened.tags["----:com.apple.iTunes:ISRC"] = [b"GB0000000001"]
    opened.tags["covr"] = [MP4Cover(picture("JPEG"), MP4Cover.FORMAT_JPEG)]
    opened.save()
    catalog = read(tmp_path, tmp_path / "out")
    track = tracks(catalog)["T"]
    assert (track.artist, track.tempo, track.ISRC, track.duration) == ("A", 90.0, ("GB0000000001",), 7000)
    assert track.audio is None and track.cover is not None
    assert "kept without audio" in problems(catalog)["a.m4a"]


def test_names_stand_in_for_tags(tmp_path: Path) -> None:
    sound(tmp_path / "Some Artist" / "03 - The_Song.ogg")
    sound(tmp_path / "x" / "07. Other One - Their Song - Live.ogg")
    half = sound(tmp_path / "y" / "Name - Ignored.ogg")
    opened = mutagen.File(half)
    opened["title"], opened["artist"] = "Real", "Unknown Artist"
    opened.save()
    catalog = read(tmp_path)
    found = {track.title: track for track in tracks(catalog).values()}
    assert found["The Song"].artist == "Some Artist"
    assert found["Their Song - Live"].artist == "Other One"
    assert (found["Real"].artist, found["Real"].from_file_name) == ("y", ("artist_name",))
    assert found["The Song"].from_file_name == ("track_name", "artist_name")
    assert catalog.report.noticed == {
        "artists taken from the name of file or folder": 3,
        "titles taken from the name of file or folder": 2,
    }
    assert catalog.coverage()["from_file_name"] == 3


def test_broken_empty_silent_and_short_files_are_listed(tmp_path: Path) -> None:
    whole = sound(tmp_path / "good.flac")
    (tmp_path / "cut.flac").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (tmp_path / "text.mp3").write_bytes(b"no music at all " * 50)
    (tmp_path / "empty.ogg").touch()
    sound(tmp_path / "silent.wav", level=0.0005)
    sound(tmp_path / "short.wav", 1.0)
    catalog = read(tmp_path)
    assert list(tracks(catalog)) == ["good.flac"]
    reasons = {(p.file, p.reason.partition(":")[0]) for p in catalog.report.problems if p.left_out}
    assert reasons >= {
        ("cut.flac", "cannot be decoded"),
        ("text.mp3", "cannot be decoded"),
        ("empty.ogg", "empty"),
        ("short.wav", "too short"),
        ("silent.wav", "silent"),
        ("silent.wav", "untagged"),
    }
    assert sum(catalog.report.dropped.values()) == 5


def test_what_lies_beside_a_file(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        sound(tmp_path / "CD 1" / f"{name}.ogg")
    (tmp_path / "cover.png").write_bytes(picture())
    folder = tmp_path / "CD 1"
    (folder / "A.JPG").write_bytes(picture("JPEG"))
    (folder / "b.jpg").write_bytes(b"no picture")
    (folder / "a.lrc").write_text("[ar: X]\n[00:01.00]One <00:01.50>two\n[00:02.00][00:09.00]three", "utf-8")
    (folder / "b.txt").write_bytes("Grüße".encode("cp1252"))
    (folder / "c.cho").write_text(
        "{title: Sheet}\n{key: F}\n{capo: 3}\n# no\n[D]Sweet [A7]song [A7]here", "utf-8"
    )
    (folder / "d.json").write_text('{"tempo": 99, "tag_list": ["calm"], "artist_name": ["Real"]}', "utf-8")
    (folder / "c.json").write_text('{"tempo": -1}', "utf-8")
    catalog = read(tmp_path)
    found, wrong = tracks(catalog), problems(catalog)
    a, c, d = (found[f"CD 1/{name}.ogg"] for name in "acd")
    assert a.lyrics == "One two\nthree" and a.cover is not None and a.cover.path == "CD 1/A.JPG"
    assert (c.title, c.key, c.chords, c.lyrics) == ("Sheet", "F major", ("F", "C7"), "Sweet song here")
    assert c.cover is not None and c.cover.path == "cover.png", (
        "of the folder above, as this is a disc of several"
    )
    assert (d.tempo, d.tag_list, d.artist, d.from_file_name) == (99.0, ("calm",), "Real", ("track_name",))
    assert found["CD 1/b.ogg"].cover is None and found["CD 1/b.ogg"].lyrics is None
    assert "cannot be read as a picture" in wrong["CD 1/b.jpg"]
    assert wrong["CD 1/b.txt"] == "line 1: is not UTF-8"
    assert "'tempo'" in wrong["CD 1/c.json"]


def test_an_import_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    music, out = tmp_path / "music", tmp_path / "out"
    for number in range(5):
        sound(music / f"{number}.ogg", 3.5)
    first = read(music, out)
    lines = (out / JOURNAL).read_text("utf-8").splitlines()
    assert len(lines) == 5
    # Two files were done, and the third line was being written.
    (out / JOURNAL).write_text("\n".join([*lines[:2], lines[2][:40]]), "utf-8")
    sound(music / "1.ogg", 5.0)
    again = read(music, out)
    assert again.track_ids() == first.track_ids()
    assert tracks(again)["1.ogg"].duration == pytest.approx(5000, abs=50), "it had changed since"
    assert tracks(read(music, out)) == tracks(again)


def test_a_damaged_journal_is_not_believed(tmp_path: Path) -> None:
    sound(tmp_path / "music" / "a.ogg")
    out = tmp_path / "out"
    out.mkdir()
    (out / JOURNAL).write_text("{broken\n{}\n", "utf-8")
    with pytest.raises(CorruptionError, match="line 1"):
        read(tmp_path / "music", out)


def test_folders_without_music(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="holds no music files"):
        find_music(tmp_path)
    with pytest.raises(CatalogError, match="there is no such folder"):
        find_music(tmp_path / "nowhere")
    (tmp_path / "a.mp3").touch()
    with pytest.raises(CatalogError, match=r"a\.mp3: empty"):
        read(tmp_path)


def test_names_in_two_unicode_forms_are_two_tracks(tmp_path: Path) -> None:
    music = tmp_path / "music"
    for name in ("Café.ogg", "Cafe\u0301.ogg", "good.ogg"):
        sound(music / name)
    catalog = read(music, tmp_path / "out")
    assert len(set(catalog.track_ids())) == 3
    reasons = [problem.reason for problem in catalog.report.problems]
    assert reasons.count("another file's name differs in its Unicode form alone") == 1


def test_names_that_no_catalogue_can_hold_are_listed(tmp_path: Path) -> None:
    music = tmp_path / "music"
    sound(music / "good.ogg")
    sound(music / "x.ogg").rename(f"{music}/caf\udce9.ogg")
    sound(music / "y.ogg").rename(f"{music}/\\y.ogg")
    (Path(f"{music}/cover\udce9.jpg")).write_bytes(picture("JPEG"))
    Path(f"{music}/disc\udce9").mkdir()
    sound(music / "z.ogg").rename(f"{music}/disc\udce9/z.ogg")
    catalog = read(music, tmp_path / "out")
    assert list(tracks(catalog)) == ["good.ogg"] and tracks(catalog)["good.ogg"].cover is None
    assert problems(catalog) | {"good.ogg": ""} == {
        "good.ogg": "",
        "\\y.ogg": "its name begins with a backslash",
        "caf\\xe9.ogg": "its name is not UTF-8",
        "cover\\xe9.jpg": "its name is not UTF-8",
        "disc\\xe9/z.ogg": "its name is not UTF-8",
    }
    assert catalog.report.rows == 4 == len(catalog.track_ids()) + sum(catalog.report.dropped.values())


def test_a_bad_picture_costs_the_picture(tmp_path: Path) -> None:
    path = sound(tmp_path / "music" / "a.ogg")
    opened = mutagen.File(path)
    opened["title"], opened["artist"] = "Title", "Ann"
    opened["metadata_block_picture"] = ["\u00ff no base64"]
    opened.save()
    catalog = read(tmp_path / "music", tmp_path / "out")
    [track] = tracks(catalog).values()
    assert (track.title, track.artist, track.cover) == ("Title", "Ann", None)
    assert problems(catalog)["a.ogg"].startswith("its tag 'metadata_block_picture' cannot be read")


def test_a_picture_that_is_cut_off_is_found_at_import(tmp_path: Path) -> None:
    music = tmp_path / "music"
    path = sound(music / "a.mp3")
    whole = picture("JPEG")
    tags = ID3()
    tags.add(TIT2(text=["Title"]))
    tags.add(APIC(mime="image/jpeg", type=3, data=whole[: len(whole) - 60]))
    tags.save(path)
    (sound(music / "b" / "b.ogg").parent / "cover.jpg").write_bytes(whole[: len(whole) - 60])
    catalog = read(music, tmp_path / "out")
    assert all(track.cover is None for track in tracks(catalog).values())
    assert "cannot be read as a picture" in problems(catalog)["a.mp3"]
    assert "cannot be read as a picture" in problems(catalog)["b/cover.jpg"]


def legacy(path: Path, title: str, encoding: str) -> Path:
    """An MP3 whose title calls itself Latin-1 and is not."""
    tags = ID3()
    tags.add(TIT2(encoding=0, text=[title.encode(encoding).decode("latin-1")]))
    tags.add(TPE1(encoding=0, text=["Ann"]))
    tags.save(sound(path))
    return path


def test_legacy_code_pages_are_named_and_mended(tmp_path: Path) -> None:
    music = tmp_path / "music"
    legacy(music / "ru.mp3", "Песня о море", "cp1251")
    legacy(music / "u8.mp3", "Café à deux", "utf-8")
    legacy(music / "fr.mp3", "Café à deux", "latin-1")
    found = read(music, tmp_path / "out")
    assert problems(found).keys() == {"ru.mp3"} and "--encoding" in problems(found)["ru.mp3"]
    health = check_health(found)
    assert health.encoding["legacy_code_page"].count == 1
    mended = read_music(find_music(music), out=tmp_path / "out", encoding="cp1251")
    titles = {path: track.title for path, track in tracks(mended).items()}
    assert titles["ru.mp3"] == "Песня о море" and titles["u8.mp3"] == "Café à deux"
    assert problems(mended) == {}

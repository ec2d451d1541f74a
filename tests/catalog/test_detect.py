"""Recognition of sources by what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.catalog.demo import DemoCatalog
from segue.catalog.detect import detect
from segue.catalog.opening import open_catalog
from segue.core.errors import CatalogError
from support.catalog.sources import lastfm1k, lfm1b, lfm2b, mpd_playlist, mpd_slice, spotify, write_lines


def test_formats_are_told_from_content(tmp_path: Path) -> None:
    mpd_slice(tmp_path / "mpd" / "any.txt", mpd_playlist(1, "a"))
    spotify(tmp_path / "spotify" / "any.txt")
    assert detect(lfm1b(tmp_path / "1b")).format == "lfm1b"
    assert detect(lfm2b(tmp_path / "2b")).format == "lfm2b"
    assert detect(lastfm1k(tmp_path / "1k")).format == "lastfm1k"
    assert detect(tmp_path / "mpd").format == "mpd"
    assert detect(tmp_path / "mpd" / "any.txt").format == "mpd"
    assert detect(tmp_path / "spotify").format == "spotify"


def test_file_names_say_nothing(tmp_path: Path) -> None:
    folder = lastfm1k(tmp_path / "one")
    (folder / "log.tsv").rename(folder / "mpd.slice.0-999.json")
    source = detect(folder)
    assert source.format == "lastfm1k"
    assert source.one("lastfm1k-events") == folder / "mpd.slice.0-999.json"


def test_other_files_in_the_folder_do_not_disturb(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path)
    write_lines(folder / "README.md", "# read me", "a\tb")
    (folder / "cover.jpg").write_bytes(bytes(range(256)) * 400)
    (folder / ".hidden").write_bytes(b"1\t2\n")
    assert detect(folder).names == ("albums.txt", "artists.txt", "events.txt", "tracks.txt", "users.txt")


def test_two_catalogues_in_a_folder_are_refused_unless_one_is_asked_for(tmp_path: Path) -> None:
    spotify(lastfm1k(tmp_path) / "songs.csv")
    with pytest.raises(CatalogError, match=r"several catalogues \(Last.fm 1K users, Spotify songs CSV\)"):
        detect(tmp_path)
    assert detect(tmp_path, only="spotify").format == "spotify"


def test_two_files_in_one_role_are_refused(tmp_path: Path) -> None:
    folder = lastfm1k(tmp_path)
    (folder / "copy.tsv").write_bytes((folder / "log.tsv").read_bytes())
    with pytest.raises(CatalogError, match=r"copy\.tsv and log\.tsv both look like lastfm1k events"):
        open_catalog(folder)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no such file") as caught:
        open_catalog(tmp_path / "gone")
    assert "looked for" in (caught.value.hint or "")


def test_empty_folder_and_empty_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="is not known; it holds no files"):
        open_catalog(tmp_path)
    (tmp_path / "nothing.csv").touch()
    with pytest.raises(CatalogError, match=r"it holds nothing\.csv"):
        open_catalog(tmp_path / "nothing.csv")


def test_unknown_content_says_what_was_found_and_looked_for(tmp_path: Path) -> None:
    write_lines(tmp_path / "letters.txt", "Dear all,")
    with pytest.raises(CatalogError, match=r"it holds letters\.txt") as caught:
        open_catalog(tmp_path)
    assert "LFM-1b" in (caught.value.hint or "")


def test_another_format_than_asked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"not known as mpd; it holds .*log\.tsv \(lastfm1k events\)"):
        detect(lastfm1k(tmp_path), only="mpd")


def test_packed_files_are_to_be_unpacked(tmp_path: Path) -> None:
    (tmp_path / "listening-events.tsv.bz2").write_bytes(b"BZh91AY&SY" + bytes(40))
    with pytest.raises(CatalogError, match="is packed with bzip2") as caught:
        open_catalog(tmp_path)
    assert caught.value.hint == "unpack it first"


def test_no_path_and_demo_are_the_demo_catalogue() -> None:
    assert isinstance(open_catalog(None), DemoCatalog)
    assert isinstance(open_catalog("demo"), DemoCatalog)


@pytest.mark.parametrize(
    ("name", "lines", "told", "command"),
    [
        ("tags.csv", ["track-name,artist-name,tags", "a,b,\"['rock']\""], "holds tags", "--tags"),
        (
            "tags.json",
            ['{"_id": {"artist": "A", "track": "B"}, "tags": {"rock": 1}}'],
            "holds tags",
            "--tags",
        ),
        ("user_taggedartists.dat", ["userID\tartistID\ttagID"], "holds tags", "--tags"),
        (
            "row.jsonl",
            ['{"session_id": "a__b", "conversations": []}'],
            "holds conversations",
            "`segue import ",
        ),
        ("deep/song.cho", ["{title: A}"], "holds lyrics", "beside the music"),
        ("mine.csv", ["user,time,artist,title", "me,1,A,B"], "is a log of plays", "--sessions-from"),
        ("mix.m3u8", ["#EXTM3U"], "holds playlists", "--playlists"),
    ],
)
def test_what_is_no_catalogue_is_told_what_it_is_good_for(
    tmp_path: Path, name: str, lines: list[str], told: str, command: str
) -> None:
    folder = tmp_path / "my data"
    (folder / name).parent.mkdir(parents=True)
    write_lines(folder / name, *lines)
    with pytest.raises(CatalogError, match=told) as caught:
        open_catalog(folder)
    hint = caught.value.hint or ""
    assert command in hint and ("beside" in hint or f"'{folder}'" in hint)

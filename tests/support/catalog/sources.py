"""Tiny sources in the published layouts, made up here, with the faults that the real ones have."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def shared(name: str) -> Path:
    """A folder of the shared data; skips the test where it is not there."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip("shared data not present")
    return folder


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def write_lines(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def lfm1b(folder: Path, *, names: tuple[str, str] = ("tracks.txt", "albums.txt")) -> Path:
    """Two users; user 7 plays 22 tracks on one day, user 8 three, one of which nobody knows."""
    start = seconds("2012-03-04T10:00:00")
    plays = [f"7\t1\t50\t{100 + i}\t{start + 200 * i}" for i in range(22)]
    plays += [f"8\t2\t51\t200\t{start + 60}", f"8\t2\t51\t999\t{start + 90}", "8\t2\t51\t200\t86400"]
    write_lines(folder / "events.txt", *reversed(plays), f"7\t1\t52\t100\t{start + 86_400}", plays[0])
    quoted = '200\t"Seven ""Inch"" Mix"\t2'
    write_lines(folder / names[0], *(f"{100 + i}\tSong {i}\t1" for i in range(22)), quoted, "100\tAgain\t1")
    write_lines(folder / names[1], "50\tFirst\t1", "51\tOther\t2", "52\tLater\t1")
    write_lines(folder / "artists.txt", "1\tThe Ones", "2\tZażółć")
    write_lines(
        folder / "users.txt",
        "user_id\tcountry\tage\tgender\tplaycount\tregistered_unixtime",
        "7\tUK\t31\tf\t10\t1080584770",
        "8\t\t-1\tn\t10\t1080584770",
        "9\tPL\t20\tm\t10\t1080584770",
    )
    return folder


def lfm2b(folder: Path) -> Path:
    """One user, 103 years old, and two plays of one track."""
    write_lines(
        folder / "listening-events.tsv",
        "user_id\ttrack_id\talbum_id\ttimestamp",
        "3\t11\t21\t2019-05-04 23:59:59",
        "3\t11\t21\t2019-05-05 00:00:01",
    )
    write_lines(folder / "tracks.tsv", "track_id\tartist_name\ttrack_name", '11\tNo One\t"Lone quote')
    write_lines(folder / "albums.tsv", "album_id\talbum_name\tartist_name", "21\tRecord\tNo One")
    write_lines(folder / "artists.tsv", "artist_id\tartist_name", "31\tNo One")
    write_lines(
        folder / "users.tsv",
        "user_id\tcountry\tage\tgender\tcreation_time",
        "3\tDE\t103\tm\t2009-01-01 00:00:00",
    )
    return folder


def lastfm1k_line(
    user: str, time: str, artist: str, title: str, mbid: str = "", artist_mbid: str = "a-1"
) -> str:
    return "\t".join((user, time, artist_mbid, artist, mbid, title))


def lastfm1k(folder: Path) -> Path:
    """One user with two sittings on a day; one track with its MBID, without, and written in another case."""
    line = lastfm1k_line
    write_lines(
        folder / "log.tsv",
        line("user_2", "2009-05-04T21:00:00Z", "Ōsaka  Band", "Blue", artist_mbid=""),
        line("user_2", "2009-05-04T20:00:00Z", 'Jo "Hammond" Doe', "Green", "m-2"),
        line("user_2", "2009-05-04T08:10:00Z", "ONE", "red", artist_mbid=""),
        line("user_2", "2009-05-04T08:05:00Z", "One", "Red", "m-1"),
        line("user_2", "2009-05-04T08:05:00Z", "One", "Red", "m-1"),
        line("user_2", "2009-05-04T08:00:00Z", "One", "Red", "m-1"),
        line("user_3", "1970-01-01T00:00:00Z", "One", "Red", "m-1"),
        line("user_3", "2009-05-03T23:59:59Z", "One", ""),
        line("user_3", "2009-05-03T23:59:59Z", "ōsaka band", "BLUE", artist_mbid=""),
    )
    write_lines(
        folder / "profile.tsv",
        "#id\tgender\tage\tcountry\tregistered",
        "user_1\tm\t22\tPeru\tFeb 24, 2006",
        "user_2\tf\t7\tUnited States\tFeb 24, 2006",
    )
    write_lines(
        folder / "tags.csv",
        "track-name,artist-name,artist-id,track-id,tags",
        """RED,one,x,y,"['rock', 'old rock', 'rock']\"""",
        "Nothing,nobody,x,y,",
    )
    return folder


def mpd_playlist(pid: int, *names: str, **extra: object) -> dict[str, object]:
    tracks = [
        {
            "pos": i,
            "artist_name": "A",
            "track_uri": f"spotify:track:{n}",
            "track_name": n.upper(),
            "duration_ms": 9,
        }
        for i, n in enumerate(names)
    ]
    return {"name": "x", "pid": pid, "tracks": tracks, **extra}


def mpd_slice(path: Path, *playlists: dict[str, object]) -> Path:
    return write_lines(path, json.dumps({"info": {"version": "v1"}, "playlists": playlists}))


SPOTIFY_HEADER = (
    "track_id,track_name,track_artist,track_popularity,track_album_id,track_album_name,"
    "track_album_release_date,playlist_name,playlist_id,key,mode,tempo,duration_ms"
)


def spotify(path: Path, *more: str) -> Path:
    return write_lines(
        path,
        SPOTIFY_HEADER,
        't1,"Say ""Hi"", You",Ann,0,al1,Album,2011-02-03,P,p1,9,0,120.5,1000',
        "t2,Two,Bob,55,al2,Album,1999,P,p1,0,1,0,2000",
        "t1,Say,Ann,10,al1,Album,2011-02-03,P,p1,9,0,120.5,1000",
        "t1,Say,Ann,10,al1,Album,2011-02-03,Q,p2,9,0,120.5,1000",
        "t3,Three,Cy,55,al3,Album,1999-07,Q,p2,-1,1,99,2000",
        "t4,NA,NA,55,al4,NA,1999-07,Q,p2,6,1,99,2000",
        *more,
    )

"""Joins by id and by name, tags from tag files, junk among them, and duplicates made one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from segue.catalog.columns import TRACK_COLUMNS, table_of
from segue.catalog.joining.duplicates import duplicates, merge
from segue.catalog.joining.enrichment import Enrichment, enriched, load_songs, load_tags
from segue.catalog.joining.joins import LEVELS, join_songs, join_tags, plays_of
from segue.catalog.joining.names import folded, loosened, version
from segue.catalog.joining.tags import JunkTags, TagFile, ranked, without_junk
from segue.catalog.opening import read_catalog
from segue.catalog.readers.folder.tag_files import read_tags
from segue.catalog.track import Track
from segue.core.errors import CatalogError
from support.catalog.sources import lfm2b, shared, spotify, write_lines


def one(expression: pl.Expr) -> object:
    return pl.select(expression).item()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Beyoncé", "BEYONCE"),
        ("Simon & Garfunkel", "Simon and Garfunkel"),
        ("Sigur Rós", "Sigur Ro\u0301s"),
        ("Mötley Crüe", "Motley Crue"),
        ("AC/DC", "ac dc"),
        ("Łona", "Lona"),
        ("ＦＵＬＬ", "full"),
        ("Кино", "КИНО"),
    ],
)
def test_spelling_makes_no_difference(first: str, second: str) -> None:
    assert one(folded(pl.lit(first))) == one(folded(pl.lit(second)))


def test_names_of_signs_stay_apart() -> None:
    assert one(folded(pl.lit("!!!"))) == "!!!"
    assert one(folded(pl.lit("???"))) != one(folded(pl.lit("!!!")))


@pytest.mark.parametrize(
    ("title", "bare", "words"),
    [
        ("Song - 2011 Remaster", "song", ""),
        ("Song (feat. Someone)", "song", ""),
        ("Song ft. Someone Else", "song", ""),
        ("Song (Live at Wembley) [Bonus]", "song", "live"),
        ("Song - Radio Edit", "song", "edit"),
        ("Song - Acoustic Remix", "song", "acoustic remix"),
        ("Live Forever", "liveforever", ""),
        ("(Untitled)", "untitled", ""),
        ("Self-Control", "selfcontrol", ""),
    ],
)
def test_suffixes_and_versions(title: str, bare: str, words: str) -> None:
    assert (one(loosened(pl.lit(title))), one(version(pl.lit(title)))) == (bare, words)


def table(*rows: dict[str, object]) -> pl.DataFrame:
    """Tracks t0, t1, … of `artist` and `title` and whatever fields are given."""
    tracks = [
        Track.model_validate(
            {"track_id": f"t{n}", "artist_name": [row["artist"]], "track_name": [row["title"]]}
            | {name: value for name, value in row.items() if name not in ("artist", "title")}
        )
        for n, row in enumerate(rows)
    ]
    return table_of(tracks, TRACK_COLUMNS)


SPOTIFY_ID = "4iV5W9uYEdYUVa79Axb7Rh"


def test_the_surest_likeness_counts_and_nothing_is_overwritten() -> None:
    tracks = table(
        {"track_id": SPOTIFY_ID, "artist": "X", "title": "Other Name"},
        {"artist": "Ann", "title": "A", "ISRC": ["I1"]},
        {"artist": "ann", "title": "blue!", "tempo": 99, "album_name": ["Mine"]},
        {"artist": "Ann feat. Bob", "title": "Green - Remastered 2009"},
        {"artist": "Ann", "title": "Red (Live)"},
        {"artist": "Ann", "title": "Nothing"},
        {"artist": "Nobody", "title": "Blue"},
    )
    songs = table(
        {"track_id": SPOTIFY_ID, "artist": "X", "title": "Name", "tempo": 1},
        {"artist": "Ann", "title": "B", "ISRC": ["I1"], "tempo": 2},
        {
            "artist": "Ann",
            "title": "Blue",
            "tempo": 3,
            "popularity": 5,
            "album_name": ["A"],
            "album_id": ["1"],
        },
        {"artist": "Ann", "title": "Blue", "tempo": 4, "popularity": 50, "key": "A minor", "album_id": ["2"]},
        {"artist": "Ann", "title": "Green", "tempo": 5},
        {"artist": "Ann", "title": "Red", "tempo": 6, "popularity": 7},
    )
    plays = pl.Series([1, 2, 3, 4, 5, 6, 7], dtype=pl.UInt32)
    joined = join_songs(tracks, plays, songs, name="songs")
    assert joined.tracks["tempo"].to_list() == [1.0, 2.0, 99.0, 5.0, None, None, None]
    assert joined.tracks["popularity"].to_list() == [None, None, 50.0, None, 7.0, None, None]
    assert joined.tracks["key"].to_list()[2] == "A minor"
    assert (
        joined.tracks["album_name"].to_list()[2] == ["Mine"] and joined.tracks["album_id"].to_list()[2] == []
    )
    assert {why: hits.plays for why, hits in joined.report.joined.items()} == dict(
        zip(LEVELS.values(), (1, 2, 3, 4, 5), strict=True)
    )
    unjoined = {why: (hits.tracks, hits.plays) for why, hits in joined.report.unjoined.items()}
    assert unjoined == {"no such artist": (1, 7), "the artist is there, the title is not": (1, 6)}
    assert joined.report.examples[0] == ("Nobody", "Blue", 7)
    assert joined.met.to_list() == [True] * 5 + [False] * 2


def test_lfm2b_knows_spotify_ids(tmp_path: Path) -> None:
    folder = lfm2b(tmp_path / "lfm")
    write_lines(folder / "spotify-uris.tsv", "track_id\turi", f"11\tspotify:track:{SPOTIFY_ID}")
    songs = spotify(tmp_path / "s.csv", f"{SPOTIFY_ID},Else,Whoever,40,al,Al,1999,P,p9,0,1,77,2000")
    found = enriched(read_catalog(folder), Enrichment(songs=load_songs([songs])))
    assert (found.track("11").tempo, found.track("11").popularity) == (77.0, 40.0)
    assert found.report.joins[0]["joined"][0] == {"by": "the same Spotify id", "tracks": 1, "plays": 2}


def test_only_what_joined_can_be_kept(tmp_path: Path) -> None:
    source = read_catalog(spotify(tmp_path / "a.csv", "t9,Nine,Zed,1,al,Al,1999,Q,p2,0,1,77,2000"))
    songs = load_songs([spotify(tmp_path / "b.csv")])
    found = enriched(source, Enrichment(songs=songs, only_joined=True))
    assert "t9" in source.track_ids() and "t9" not in found.track_ids()
    assert all(set(found.session(s).track_ids) <= set(found.track_ids()) for s in found.session_ids())
    assert found.report.dropped["tracks that met no song, with their plays (--only-joined)"] == 1


def test_hetrec_tags_by_the_number_of_users(tmp_path: Path) -> None:
    write_lines(tmp_path / "artists.dat", "id\tname\turl\tpictureURL", "1\tBeyoncé\tu\tp", "2\tNo Tags\tu\tp")
    (tmp_path / "tags.dat").write_bytes("tagID\ttagValue\n1\tsoul\n2\tr&b\n3\tcafé\n".encode("iso-8859-1"))
    lines = [
        f"{user}\t1\t{tag}\t1\t4\t2009"
        for user, tag in ((1, 1), (2, 1), (3, 2), (4, 2), (5, 2), (6, 3), (6, 3))
    ]
    write_lines(tmp_path / "user_taggedartists.dat", "userID\tartistID\ttagID\tday\tmonth\tyear", *lines)
    tags = read_tags(tmp_path)
    assert tags.by_artist and tags.table.rows() == [("Beyoncé", ["r&b", "soul"])], (
        "what one user said is left out"
    )
    tracks = table(
        {"artist": "BEYONCE", "title": "A", "tag_list": ["mine"]}, {"artist": "Else", "title": "B"}
    )
    joined = join_tags(tracks, pl.Series([3, 4], dtype=pl.UInt32), tags)
    assert joined.tracks["tag_list"].to_list() == [["mine", "r&b", "soul"], None]
    assert {why: hits.plays for why, hits in joined.report.unjoined.items()} == {"no such artist": 4}


def test_tags_of_tracks_from_csv_and_json_lines(tmp_path: Path) -> None:
    csv = write_lines(
        tmp_path / "t.csv", "track-name,artist-name,tags", "A (Live),Ann,\"['x', 'y']\"", "B,Bob,"
    )
    lines = write_lines(
        tmp_path / "t.json", '{"_id": {"artist": "Ann", "track": "a"}, "tags": {"z": 3, "w": 100}}'
    )
    tracks = table({"artist": "ann", "title": "A"})
    plays = pl.Series([1], dtype=pl.UInt32)
    [first, second] = load_tags([csv, lines])
    once = join_tags(tracks, plays, first).tracks
    assert join_tags(once, plays, second).tracks["tag_list"].to_list() == [["x", "y", "w", "z"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("track-name,artist-name\nA,B\n", "field 'tags': the column is missing"),
        ("track-name,artist-name,tags\nA,B,rock\n", "line 2, field 'tags': 'rock' is not a list"),
        ('{"_id": {}, "tags": {}}\n', "line 1: is not a line of tags"),
    ],
)
def test_wrong_tag_files(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "t").write_text(text, "utf-8")
    with pytest.raises(CatalogError, match=words):
        read_tags(tmp_path / "t")
    with pytest.raises(CatalogError, match=r"artists\.dat is not there"):
        read_tags(tmp_path)


JUNK = (
    "Seen Live",
    "5 stars",
    "4 of 10 stars",
    "favourites",
    "albums I own",
    "my music",
    "a" * 41,
    "100",
    "last.fm",
)
MUSIC = (
    "rock",
    "80s",
    "live electronics",
    "love songs",
    "lo-fi",
    "post-rock",
    "трип-хоп",
    "8-bit",
    "starship",
)


def test_the_packaged_filter() -> None:
    junk = JunkTags.load()
    assert junk.of(pl.Series([*JUNK, *MUSIC])) == set(JUNK)


def test_junk_is_left_out_of_the_tracks(tmp_path: Path) -> None:
    own = write_lines(tmp_path / "own.yaml", "own_names: true", "exact: [Héllo world]", "patterns: ['x+']")
    tracks = table(
        {"artist": "The Cure", "title": "A", "tag_list": ["the cure", "hello, WORLD", "Goth", "goth", "xx"]}
    )
    cleaned, report = without_junk(tracks, JunkTags.load(own))
    assert cleaned["tag_list"].to_list() == [["Goth"]]
    assert (report.left_out, report.different) == (3, 3)
    with pytest.raises(CatalogError, match=r"own\.yaml, field 'patterns.*not a regular expression"):
        JunkTags.load(write_lines(tmp_path / "own.yaml", "patterns: ['(']"))
    with pytest.raises(CatalogError, match="longest"):
        JunkTags.load(write_lines(tmp_path / "own.yaml", "longest: many"))


def test_tags_are_ranked_by_weight() -> None:
    given = pl.DataFrame({"artist": ["a"] * 3, "tag": ["x", "y", "x"], "weight": [1, 1, 1]})
    assert ranked(given, ["artist"]).rows() == [("a", ["x"])]
    assert ranked(given.head(2), ["artist"]).rows() == [("a", ["x", "y"])], "one user is better than none"
    assert TagFile("n", True, ranked(given, ["artist"])).table.height == 1


def test_duplicates_are_found_and_made_one() -> None:
    tracks = table(
        {"artist": "Ann", "title": "Blue", "ISRC": ["I1"]},
        {"artist": "Ann", "title": "Blau", "ISRC": ["I1"], "tempo": 90},
        {"artist": "ANN", "title": "blau!", "key": "A minor"},
        {"artist": "Ann", "title": "Blue (Live)"},
    )
    sessions = pl.DataFrame({"tracks": [[0, 3, 1], [2, 1]]}, schema={"tracks": pl.List(pl.UInt32)})
    found = duplicates(tracks)
    assert {name: same["row"].to_list() for name, same in found.items()} == {"isrc": [0, 1], "name": [1, 2]}
    merged = merge(tracks, sessions, plays_of(len(tracks), sessions))
    assert merged.tracks["track_id"].to_list() == ["t1", "t3"] and merged.gone == 2
    assert merged.sessions["tracks"].to_list() == [[0, 1, 0], [0, 0]]
    kept = merged.tracks.row(0, named=True)
    assert (kept["tempo"], kept["key"], kept["track_name"]) == (90.0, "A minor", ["Blau"])


@pytest.mark.slow
def test_the_samples_join_as_their_readmes_say() -> None:
    """README: 8,453 plays by artist and title, 40,250 by artist, 5,326 by artist and title; 483 sessions."""
    source = read_catalog(shared("lfm1b-sample"))
    tags = [shared("hetrec-artist-tags"), shared("lastfm-1k-slice") / "track-tags.csv"]
    songs = load_songs([shared("spotify-songs")])
    asked = Enrichment(songs=songs, tags=load_tags(tags), duplicates="merge")
    found = enriched(source, asked)
    plays = [sum(by["plays"] for by in joined["joined"]) for joined in found.report.joins]
    assert plays == [8495, 41122, 5348]
    assert (len(found.session_ids(min_tracks=21)), found.report.merges["duplicates"]["merged_away"]) == (
        483,
        107,
    )
    again = read_catalog(shared("playlists-mpd-layout"))
    by_id = enriched(again, Enrichment(songs=songs)).report.joins[0]["joined"][0]
    assert by_id == {"by": "the same Spotify id", "tracks": 2540, "plays": 2579}

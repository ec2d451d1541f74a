"""Files that a user names: paths are no patterns, encodings are told from the bytes, CSV loses no line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.catalog.opening import open_catalog
from segue.catalog.readers.folder.tag_files import read_tags
from segue.catalog.source_files import csv_rows, known_encoding, lines_of, read_csv, text_of
from segue.core.errors import CatalogError, ConfigError
from support.catalog.sources import lastfm1k, lfm1b, mpd_playlist, mpd_slice, spotify, write_lines

PATTERNS = ("year 200?", "a*b", "lfm-1b (subset) [2020]", "[!x]", "{a,b}")


@pytest.mark.parametrize("name", PATTERNS)
def test_a_path_is_no_pattern(tmp_path: Path, name: str) -> None:
    plain = open_catalog(str(lfm1b(tmp_path / "plain")))
    lfm1b(tmp_path / "year 2005")
    found = open_catalog(str(lfm1b(tmp_path / name)))
    assert found.session_ids() == plain.session_ids()
    assert found.report.rows == plain.report.rows
    assert open_catalog(str(lastfm1k(tmp_path / "k" / name))).report.rows == 9
    assert len(open_catalog(str(spotify(tmp_path / "s" / name / "songs.csv"))).track_ids()) == 3


@pytest.mark.parametrize("name", PATTERNS)
def test_what_is_written_under_such_a_name_opens_again(tmp_path: Path, name: str) -> None:
    from segue.catalog.native_writing import write_native

    made = open_catalog(str(lfm1b(tmp_path / "plain")))
    for kind in ("parquet", "jsonl"):
        folder = tmp_path / kind / name
        write_native(made, folder, kind=kind)
        assert open_catalog(str(folder)).digest == made.digest


def test_tags_under_such_a_name(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "x [2].csv", "artist-name,track-name,tags", "A,B,\"['rock']\"")
    write_lines(tmp_path / "x 2.csv", "artist-name,track-name,tags", "C,D,\"['pop']\"")
    assert read_tags(file).table["artist"].to_list() == ["A"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=20))
def test_encodings_are_told_from_the_bytes(encoding: str, text: str) -> None:
    whole = f"artist,title\n{text}"
    assert text_of(whole.encode(encoding), "x.csv") == whole


@pytest.mark.parametrize("text", ["Ā" * 20, "一" * 20])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_letters_with_a_zero_where_plain_ones_have_none_hide_no_encoding(encoding: str, text: str) -> None:
    whole = f"artist,title\n{text}"
    assert text_of(whole.encode(encoding), "x.csv") == whole


def test_other_bytes_are_refused_with_their_line() -> None:
    with pytest.raises(CatalogError, match=r"x\.csv, line 2: is not UTF-8 \(byte 0xe9\)"):
        text_of(b"ok\ncaf\xe9\n", "x.csv")


def test_lines_break_at_nothing_that_a_name_may_hold() -> None:
    assert lines_of("a\x85b\rc\u2028d\r\ne\nf\x0bg") == ["a\x85b", "c\u2028d", "e", "f\x0bg"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('a,b\n1,2\n3,"4\n5,6\n', "line 3: a quote that opens here is not closed"),
        ('a,b\n1,"2\n3,"4"\n', "line 2: a quote that opens here is not closed"),
        ("a,b\n1,2\nx\0,2\n", "line 3: holds a NUL character"),
        ("a,b\n1,2,3\n", "line 2: has 3 fields where 2 are expected"),
        ("a,a\n1,2\n", "line 1, field 'a': the column is there twice"),
    ],
)
def test_a_csv_that_would_lose_lines_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text)
    with pytest.raises(CatalogError, match=words):
        read_csv(file)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_what_a_csv_writer_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    import csv

    file = tmp_path_factory.mktemp("csv") / "x.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("a", "b"), *rows])
    expected = [row for row in rows if any(row)]
    assert [tuple(cells) for _, cells in csv_rows(file, ",")][1:] == expected


def test_numbers_as_pandas_writes_them(tmp_path: Path) -> None:
    more = "t9,Nine,Di,nan,al9,Album,1999,P,p9,3.0,1.0,99.5,200000.0"
    found = open_catalog(str(spotify(tmp_path / "songs.csv", more)))
    track = found.track("t9")
    assert (track.duration, track.key, track.popularity) == (200_000, "D# major", None)


@pytest.mark.parametrize("value", ["1.5", "inf", "abc"])
def test_what_is_no_whole_number_is_named(tmp_path: Path, value: str) -> None:
    more = f"t9,Nine,Di,1,al9,Album,1999,P,p9,3,1,99.5,{value}"
    with pytest.raises(CatalogError, match=f"line 8, field 'duration_ms': '{value}' is not a number"):
        open_catalog(str(spotify(tmp_path / "songs.csv", more)))


def test_a_byte_order_mark_before_json(tmp_path: Path) -> None:
    file = mpd_slice(tmp_path / "mpd" / "slice.json", mpd_playlist(1, "x", "y"))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert open_catalog(str(file.parent)).report.rows == 2


def test_users_in_another_encoding_are_named(tmp_path: Path) -> None:
    folder = lfm1b(tmp_path / "lfm")
    users = folder / "users.txt"
    users.write_bytes(users.read_bytes().replace(b"UK", b"C\xf4te"))
    with pytest.raises(CatalogError, match=r"users\.txt, line 2, field 'country': .* is not UTF-8"):
        open_catalog(str(folder))


def test_unknown_encodings_are_refused() -> None:
    assert known_encoding("CP1251") == "cp1251" and known_encoding(None) is None
    with pytest.raises(ConfigError, match="'klingon' is not known"):
        known_encoding("klingon")


def test_parquet_under_a_pattern(tmp_path: Path) -> None:
    from segue.catalog.source_files import parquet_columns, read_parquet, scan_parquet

    file, other = tmp_path / "x[1].parquet", tmp_path / "x1.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(file)
    pl.DataFrame({"b": [2]}).write_parquet(other)
    assert (
        parquet_columns(file) == read_parquet(file).columns == scan_parquet(file).collect().columns == ["a"]
    )

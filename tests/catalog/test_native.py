"""The native folder: nothing is lost in writing and reading, and what is wrong is named."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.catalog import Catalog, ListeningSession, MediaRef, Track
from segue.catalog.columns import SESSION_COLUMNS, TRACK_COLUMNS, table_of
from segue.catalog.import_settings import Kind
from segue.catalog.native import read_native
from segue.catalog.native_writing import write_native
from segue.catalog.opening import open_catalog, read_catalog
from segue.catalog.reporting.report import ReadingReport
from segue.catalog.table import TableCatalog
from segue.core.errors import CatalogError
from support.catalog.sources import lfm1b, write_lines

KINDS: tuple[Kind, ...] = get_args(Kind)

_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12)
_texts = st.lists(_text, max_size=3).map(tuple)
_ref = st.builds(
    MediaRef, path=st.from_regex(r"[a-z]{1,6}/[a-z]{1,6}\.ogg", fullmatch=True), digest=st.none() | _text
)
_track = st.builds(
    Track,
    track_id=_text,
    track_name=st.lists(_text, min_size=1, max_size=2).map(tuple),
    artist_name=st.lists(_text, min_size=1, max_size=2).map(tuple),
    album_name=_texts,
    ISRC=_texts,
    tag_list=_texts,
    popularity=st.none() | st.floats(0, 100),
    release_date=st.sampled_from([None, "1999", "1999-12", "1999-12-31"]),
    duration=st.none() | st.integers(1, 2**62),
    tempo=st.none() | st.floats(0, 500, exclude_min=True),
    key=st.none() | _text,
    chords=_texts,
    lyrics=st.none() | _text,
    audio=st.none() | _ref,
)


@st.composite
def _sessions(draw: st.DrawFn, tracks: tuple[Track, ...]) -> list[ListeningSession]:
    ids = draw(st.lists(_text, unique=True, max_size=3)) if tracks else []
    played = st.lists(st.sampled_from([t.track_id for t in tracks] or [""]), min_size=1, max_size=6).map(
        tuple
    )
    return [
        ListeningSession(
            session_id=name,
            user_id=draw(_text),
            session_date=draw(st.none() | st.dates()),
            age=draw(st.none() | st.integers(1, 120)),
            country_name=draw(st.none() | _text),
            origin=draw(st.sampled_from(["played", "playlist", "fictional", "simulated"])),
            track_ids=draw(played),
        )
        for name in ids
    ]


def _catalog(
    tracks: list[Track], sessions: list[ListeningSession], media: Path | None = None
) -> TableCatalog:
    rows = {track.track_id: row for row, track in enumerate(tracks)}
    played = [[rows[i] for i in session.track_ids] for session in sessions]
    return TableCatalog(
        name="made",
        source="made by a test",
        tracks=table_of(tracks, TRACK_COLUMNS),
        sessions=table_of(sessions, SESSION_COLUMNS)
        .drop("track_ids")
        .with_columns(pl.Series("tracks", played, dtype=pl.List(pl.UInt32))),
        report=ReadingReport(format="made", files=()),
        media=media,
    )


def _contents(catalog: Catalog) -> tuple[list[Track], list[ListeningSession]]:
    return (
        [catalog.track(i) for i in catalog.track_ids()],
        [catalog.session(i) for i in catalog.session_ids()],
    )


@pytest.mark.slow
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_writing_and_reading_loses_nothing(data: st.DataObject) -> None:
    tracks = data.draw(st.lists(_track, unique_by=lambda track: track.track_id, max_size=5))
    sessions = data.draw(_sessions(tuple(tracks)))
    catalog = _catalog(tracks, sessions)
    assert _contents(catalog) == (tracks, sessions)
    without = [track.model_copy(update={"audio": None, "cover": None}) for track in tracks]
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            write_native(catalog, Path(folder) / kind, kind=kind, media="none")
            again = read_native(Path(folder) / kind)
            assert _contents(again) == (without, sessions)
            assert again.digest == _catalog(without, sessions).digest


@pytest.mark.parametrize("kind", KINDS)
def test_imported_catalogue_keeps_digest_and_order(tmp_path: Path, kind: Kind) -> None:
    imported = read_catalog(lfm1b(tmp_path / "source"))
    counts = write_native(imported, tmp_path / "native", kind=kind)
    again = read_catalog(tmp_path / "native")
    assert counts == (23, 3)
    assert again.digest == imported.digest
    assert again.session_ids() == imported.session_ids()
    assert (again.name, again.source) == (imported.name, imported.source)


def test_demo_catalogue_can_be_written(tmp_path: Path) -> None:
    demo = open_catalog(None)
    write_native(demo, tmp_path, kind="jsonl", media="none", licence="CC0-1.0")
    again = read_native(tmp_path)
    assert again.track_ids() == demo.track_ids()
    assert [again.session(i) for i in again.session_ids()] == [demo.session(i) for i in demo.session_ids()]
    assert json.loads((tmp_path / "catalog.json").read_text("utf-8"))["licence"] == "CC0-1.0"


def test_digest_changes_with_content(tmp_path: Path) -> None:
    track = Track(track_id="a", track_name=("A",), artist_name=("X",))
    session = ListeningSession(session_id="s", user_id="u", track_ids=("a",))
    base = _catalog([track], [session]).digest
    other = track.model_copy(update={"lyrics": "la"})
    dated = session.model_copy(update={"session_date": date(2020, 1, 1)})
    repeated = session.model_copy(update={"track_ids": ("a", "a")})
    assert base == _catalog([track], [session]).digest
    assert len({base, _catalog([other], [session]).digest, _catalog([track], [dated]).digest,
                _catalog([track], [repeated]).digest}) == 4  # fmt: skip


def _with_media(folder: Path) -> TableCatalog:
    (folder / "audio").mkdir(parents=True)
    (folder / "audio" / "a.ogg").write_bytes(b"sound")
    track = Track(track_id="a", track_name=("A",), artist_name=("X",), audio=MediaRef(path="audio/a.ogg"))
    return _catalog([track], [ListeningSession(session_id="s", user_id="u", track_ids=("a",))], folder)


@pytest.mark.parametrize("media", ["copy", "link"])
def test_media_are_copied_or_linked(tmp_path: Path, media: Literal["copy", "link"]) -> None:
    catalog = _with_media(tmp_path / "from")
    write_native(catalog, tmp_path / "to", media=media)
    again = read_native(tmp_path / "to")
    path = again.media_path(again.track("a"), "audio")
    assert path == tmp_path / "to" / "media" / "audio" / "a.ogg"
    assert path.read_bytes() == b"sound"
    assert path.is_symlink() == (media == "link")
    assert again.media_path(again.track("a"), "cover") is None
    assert again.report.modalities == ("text", "audio")


def test_writing_a_catalogue_over_itself_keeps_its_media(tmp_path: Path) -> None:
    catalog = _with_media(tmp_path / "from")
    for media in ("link", "copy", "copy"):
        write_native(catalog, tmp_path / "to", media=media, force=True)  # type: ignore[arg-type]
        catalog = read_native(tmp_path / "to")
    path = tmp_path / "to" / "media" / "audio" / "a.ogg"
    assert not path.is_symlink()
    assert path.read_bytes() == b"sound"


def test_media_can_be_left_out(tmp_path: Path) -> None:
    write_native(_with_media(tmp_path / "from"), tmp_path / "to", media="none")
    assert read_native(tmp_path / "to").track("a").audio is None


def test_missing_media_are_an_error_when_written_and_when_asked_for(tmp_path: Path) -> None:
    catalog = _with_media(tmp_path / "from")
    write_native(catalog, tmp_path / "to")
    (tmp_path / "to" / "media" / "audio" / "a.ogg").unlink()
    again = read_native(tmp_path / "to")
    with pytest.raises(CatalogError, match=r"a\.ogg, field 'audio': track 'a': the file .* is missing"):
        again.media_path(again.track("a"), "audio")
    with pytest.raises(CatalogError, match="is missing"):
        write_native(again, tmp_path / "third")


def test_full_folder_is_not_written_into_without_force(tmp_path: Path) -> None:
    catalog = _with_media(tmp_path / "from")
    write_native(catalog, tmp_path / "to", kind="jsonl")
    write_lines(tmp_path / "to" / "notes.txt", "mine")
    with pytest.raises(CatalogError, match="is there already") as caught:
        write_native(catalog, tmp_path / "to")
    assert "--force" in (caught.value.hint or "")
    write_native(catalog, tmp_path / "to", kind="parquet", force=True)
    assert sorted(p.name for p in (tmp_path / "to").iterdir()) == [
        "catalog.json",
        "media",
        "notes.txt",
        "sessions.parquet",
        "tracks.parquet",
    ]


def test_min_tracks_leaves_sessions_out_and_keeps_tracks(tmp_path: Path) -> None:
    imported = read_catalog(lfm1b(tmp_path / "source"))
    assert write_native(imported, tmp_path / "native", min_tracks=21) == (23, 1)
    assert read_native(tmp_path / "native").session_ids() == ("7__2012-03-04",)


TRACK = '{"track_id": "a", "track_name": ["A"], "artist_name": ["X"]}'
SESSION = '{"session_id": "s", "user_id": "u", "track_ids": ["a"]}'


def _folder(folder: Path, tracks: list[str], sessions: list[str]) -> Path:
    write_lines(folder / "tracks.jsonl", *tracks)
    write_lines(folder / "sessions.jsonl", *sessions)
    return folder


def test_hand_written_folder_needs_no_more_than_names(tmp_path: Path) -> None:
    catalog = open_catalog(_folder(tmp_path, [TRACK, ""], [SESSION]))
    assert catalog.session("s").track_ids == ("a",)
    assert catalog.name == tmp_path.name


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"track_id": "b", "artist_name": ["X"]}', r"line 3, field 'track_name': Field required"),
        (TRACK.replace("}", ', "popularity": 101}'), r"line 3, field 'popularity': .*\(given 101\)"),
        (TRACK.replace("}", ', "genre": "pop"}'), r"line 3, field 'genre': Extra inputs"),
        (TRACK.replace("}", ', "audio": {"path": "../a.ogg"}}'), r"line 3, field 'audio\.path'"),
        ('{"track_id": ', r"line 3: Invalid JSON"),
        (TRACK, r"line 3, field 'track_id': 'a' is there already"),
    ],
)
def test_wrong_track_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    _folder(tmp_path, [TRACK, "", line], [SESSION])
    with pytest.raises(CatalogError, match=rf"tracks\.jsonl, {said}"):
        read_native(tmp_path)


def test_session_of_an_unknown_track_is_named(tmp_path: Path) -> None:
    _folder(tmp_path, [TRACK], [SESSION, SESSION.replace('"s"', '"s2"').replace('["a"]', '["a", "b"]')])
    with pytest.raises(CatalogError, match=r"sessions\.jsonl, line 2, field 'track_ids': .* no track 'b'"):
        read_native(tmp_path)


def test_files_that_are_missing_or_double_are_named(tmp_path: Path) -> None:
    write_lines(tmp_path / "tracks.jsonl", TRACK)
    with pytest.raises(CatalogError, match=r"needs sessions\.jsonl or sessions\.parquet"):
        read_native(tmp_path)
    (tmp_path / "tracks.parquet").touch()
    with pytest.raises(CatalogError, match=r"both tracks\.parquet and tracks\.jsonl"):
        read_native(tmp_path)


def _parquet(folder: Path, **columns: object) -> Path:
    write_native(_with_media(folder / "from"), folder / "to")
    table = pl.DataFrame({"track_id": ["a"], "track_name": [["A"]], "artist_name": [["X"]]} | columns)
    table.write_parquet(folder / "to" / "tracks.parquet")
    return folder / "to"


def test_parquet_with_foreign_or_wrong_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"tracks\.parquet, field 'genre': is not a field of ours"):
        read_native(_parquet(tmp_path / "1", genre=["x"]))
    with pytest.raises(CatalogError, match=r"tracks\.parquet, field 'duration': holds String"):
        read_native(_parquet(tmp_path / "2", duration=["long"]))
    with pytest.raises(CatalogError, match=r"tracks\.parquet, line 1, field 'track_name': is empty"):
        read_native(_parquet(tmp_path / "3", track_name=pl.Series([[]], dtype=pl.List(pl.String))))
    damaged = _parquet(tmp_path / "4")
    (damaged / "tracks.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(CatalogError, match="cannot be read as Parquet"):
        read_native(damaged)


def test_wrong_value_in_parquet_is_named_when_the_track_is_built(tmp_path: Path) -> None:
    catalog = read_native(_parquet(tmp_path, popularity=[101.0]))
    with pytest.raises(CatalogError, match=r"tracks\.parquet, line 1, field 'popularity'"):
        catalog.track("a")

"""The features file of a native catalogue: what it fills in, what goes first, what stays apart."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from segue.catalog.features.record import FeatureRecord, Values
from segue.catalog.features.stored import FILE, agreement, read_stored, write_stored
from segue.catalog.native import read_native
from segue.catalog.native_writing import write_native
from segue.core.errors import CatalogError
from support.catalog.listened import native


def record(**values: object) -> FeatureRecord:
    return FeatureRecord(
        audio="a" * 32, seconds=20.0, values=Values.model_validate(values), made={"tempo": "x/1"}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tracks = {"t1": {"tempo": 100.0, "key": "C major"}, "t2": {"chords": ["Am"]}, "t3": {}}
    return native(tmp_path / "cat", tracks)


HEARD = {
    "t1": record(tempo=50.0, chords=["C", "G"], loudness=-9.0),
    "t2": record(tempo=90.0, key="A minor", chords=["Am", "F"]),
}


def test_features_fill_in_what_the_source_lacks(folder: Path) -> None:
    before = read_native(folder)
    write_stored(folder, HEARD, "source")
    after = read_native(folder)
    one, two, three = (after.track(i) for i in ("t1", "t2", "t3"))
    assert (one.tempo, one.key, one.chords) == (100.0, "C major", ("C", "G"))
    assert (two.tempo, two.key, two.chords) == (90.0, "A minor", ("Am",))
    assert three == before.track("t3")
    assert after.digest != before.digest, "conversations about other tempi are other conversations"
    assert after.coverage()["tempo"] == 2 and after.track_ids() == before.track_ids()


def test_what_was_heard_goes_first_only_when_that_was_asked_for(folder: Path) -> None:
    source = (folder / "tracks.jsonl").read_bytes()
    write_stored(folder, HEARD, "audio")
    opened = read_native(folder)
    assert (opened.track("t1").tempo, opened.track("t1").key) == (50.0, "C major")
    assert opened.track("t2").chords == ("Am", "F")
    assert (folder / "tracks.jsonl").read_bytes() == source, "the source's own values stay"
    (folder / FILE).unlink()
    assert read_native(folder).track("t1").tempo == 100.0


def test_a_copy_keeps_source_and_recording_apart(folder: Path, tmp_path: Path) -> None:
    write_stored(folder, HEARD, "audio")
    opened = read_native(folder)
    write_native(opened, tmp_path / "copy", media="none")
    copy = read_native(tmp_path / "copy")
    assert [copy.track(i).tempo for i in ("t1", "t2")] == [50.0, 90.0]
    assert read_stored(tmp_path / "copy") == read_stored(folder)
    (tmp_path / "copy" / FILE).unlink()
    assert [read_native(tmp_path / "copy").track(i).tempo for i in ("t1", "t2")] == [100.0, None]


def test_a_copy_of_joined_tracks_has_what_the_join_added(folder: Path, tmp_path: Path) -> None:
    write_stored(folder, HEARD, "audio")
    opened = read_native(folder)
    joined = opened.having(
        tracks=opened.tracks.with_columns(
            key=pl.when(pl.col("track_id") == "t3").then(pl.lit("G major")).otherwise("key")
        )
    )
    write_native(joined, tmp_path / "copy", media="none")
    (tmp_path / "copy" / FILE).unlink()
    bare = read_native(tmp_path / "copy")
    assert [bare.track(i).key for i in ("t1", "t2", "t3")] == ["C major", None, "G major"]
    assert bare.track("t1").tempo == 100.0


def test_what_was_written_reads_back_with_its_provenance(folder: Path) -> None:
    write_stored(folder, HEARD, "source")
    stored = read_stored(folder)
    assert stored["t1"].values == HEARD["t1"].values and stored["t1"].made == {"tempo": "x/1"}
    assert stored["t1"].prefer == "source" and sorted(stored) == ["t1", "t2"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prefer": "mine"}, "field 'prefer'"),
        ({"values": {"tempo": "fast"}}, "field 'values.tempo'"),
        ({"values": {"tempo": -3}}, "field 'values.tempo'"),
        ({"colour": 1}, "field 'colour'"),
    ],
)
def test_a_wrong_line_is_named(folder: Path, change: dict[str, object], said: str) -> None:
    write_stored(folder, HEARD, "source")
    lines = (folder / FILE).read_text("utf-8").splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), **change})
    (folder / FILE).write_text("\n".join(lines), "utf-8")
    with pytest.raises(CatalogError, match=rf"features\.jsonl, line 2, {said}"):
        read_stored(folder)


def test_a_line_that_is_no_json_is_named_when_the_catalogue_is_opened(folder: Path) -> None:
    write_stored(folder, HEARD, "source")
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write("{not json\n")
    with pytest.raises(CatalogError, match=r"features\.jsonl, line 3"):
        read_native(folder)


def test_agreement_counts_what_both_tell() -> None:
    pairs = [
        ({"tempo": 100.0, "key": "Am"}, record(tempo=102.0, key="A minor")),
        ({"tempo": 100.0, "key": "C major"}, record(tempo=50.0, key="A minor")),
        ({"tempo": 100.0}, record(key="A minor")),
        ({"key": "odd"}, record(key="A minor")),
    ]
    assert agreement(pairs) == {"tempo": {"both": 2, "agree": 1}, "key": {"both": 3, "agree": 1}}

"""What the check of a catalogue finds."""

from __future__ import annotations

from pathlib import Path

from segue.catalog.native import read_native
from segue.catalog.opening import open_catalog, read_catalog
from segue.catalog.reporting.health import check_health
from support.catalog.sources import lfm1b, write_lines


def _catalogue(folder: Path) -> Path:
    line = '{{"track_id": "{}", "track_name": ["{}"], "artist_name": ["{}"]{}}}'
    tracks = [line.format(f"t{i}", f"Song {i}", "Big" if i < 20 else "Small", "") for i in range(25)]
    tracks += [
        line.format("d1", "Same Thing", "One", ', "ISRC": ["X1"]'),
        line.format("d2", "same thing!", "ONE", ', "ISRC": ["X1"], "audio": {"path": "gone.ogg"}'),
        line.format("e1", "Caf\u00c3\u00a9", "One", ""),
        line.format("e2", "j\\u0017ga", "One", ', "lyrics": "lost \ufffd"'),
    ]
    write_lines(folder / "tracks.jsonl", *tracks)
    ids = [f"t{i}" for i in range(25)]
    session = '{{"session_id": "{}", "user_id": "u", "track_ids": [{}]{}}}'

    def quoted(names: list[str]) -> str:
        return ", ".join(f'"{name}"' for name in names)

    write_lines(
        folder / "sessions.jsonl",
        session.format("full", quoted(ids), ', "age": 30, "gender": "male", "country_code": "PL"'),
        session.format("short", quoted(ids[:20]), ""),
        session.format("repeats", quoted(ids[:10] * 3), ""),
    )
    return folder


def test_sessions_that_qualify_and_why_others_do_not(tmp_path: Path) -> None:
    health = check_health(read_native(_catalogue(tmp_path)))
    assert (health.tracks, health.users, health.sessions) == (29, 1, 3)
    assert (health.qualifying, health.with_demographics) == (1, 1)
    assert health.unqualified == {"too_few_plays": 1, "too_few_different_tracks": 1}


def test_duplicates_pools_encoding_and_media(tmp_path: Path) -> None:
    health = check_health(read_native(_catalogue(tmp_path)))
    assert (health.duplicates_by_isrc.groups, health.duplicates_by_isrc.tracks) == (1, 2)
    assert health.duplicates_by_name.examples == [["d1", "d2"]]
    assert (health.pools.median, health.pools.highest, health.pools.crowded) == (0.8, 0.8, 1)
    assert health.pools.examples == (("full", "Big", 0.8),)
    assert health.encoding["decoding_errors"].examples == (("e1", "track_name"),)
    assert health.encoding["control_characters"].examples == (("e2", "track_name"),)
    assert health.encoding["replacement_characters"].examples == (("e2", "lyrics"),)
    assert health.encoding["csv_quoting"].count == 0
    assert health.missing_media is not None
    assert health.missing_media.examples == (("d2", "audio"),)


def test_demo_catalogue_is_in_good_health() -> None:
    health = check_health(open_catalog(None))
    assert health.qualifying == health.sessions == health.with_demographics
    assert health.duplicates_by_name.groups == health.pools.crowded == 0
    assert all(problem.count == 0 for problem in health.encoding.values())
    assert health.missing_media is None
    assert health.reading is None


def test_report_of_the_reader_is_part_of_it(tmp_path: Path) -> None:
    document = check_health(read_catalog(lfm1b(tmp_path))).to_json()
    assert document["reading"]["rows"] == 27
    assert {"reason": "plays dated before 2002", "rows": 1} in document["reading"]["dropped"]
    assert document["modalities"] == {"text": 23, "audio": 0, "image": 0}


def test_catalogue_without_sessions(tmp_path: Path) -> None:
    folder = _catalogue(tmp_path)
    (folder / "sessions.jsonl").write_text("", "utf-8")
    health = check_health(read_native(folder))
    assert (health.sessions, health.qualifying, health.pools.median) == (0, 0, None)

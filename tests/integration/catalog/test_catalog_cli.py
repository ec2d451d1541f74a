"""`segue catalog` through its command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from segue.cli.catalog.commands import app
from segue.core.errors import CatalogError
from support.catalog.sources import lastfm1k, lfm1b
from support.command import Command
from typer.testing import CliRunner, Result


def _call(*arguments: object, fails: bool = False) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert fails or result.exit_code == 0, result.output
    return result


@pytest.mark.slow
def test_import_writes_a_folder_that_check_reads(tmp_path: Path) -> None:
    source, target = lfm1b(tmp_path / "source"), tmp_path / "native"
    result = _call("import", "auto", source, target)
    assert "plays dated before 2002" in result.stdout
    assert f"23 tracks and 3 sessions written; use them with --catalog {target}" in result.stderr
    document = json.loads(_call("check", target, "--json").stdout)
    assert (document["qualifying"], document["tracks"], document["sessions"]) == (1, 23, 3)
    assert document["digest"] == json.loads(_call("check", source, "--json").stdout)["digest"]


def test_import_report_as_json_has_stable_keys(tmp_path: Path) -> None:
    source = lfm1b(tmp_path / "source")
    result = _call("import", "lfm", source, tmp_path / "x", "--format", "jsonl", "--min-tracks", 21, "--json")
    assert list(json.loads(result.stdout)) == [
        "format",
        "files",
        "rows",
        "dropped",
        "noticed",
        "users",
        "tracks",
        "sessions",
        "qualifying",
        "modalities",
        "problems",
        "joins",
        "merges",
    ]
    assert len((tmp_path / "x" / "sessions.jsonl").read_text("utf-8").splitlines()) == 1


def test_import_by_silence(tmp_path: Path) -> None:
    result = _call(
        "import", "lastfm1k", lastfm1k(tmp_path / "s"), tmp_path / "x", "--session-gap", 60, "--json"
    )
    assert json.loads(result.stdout)["sessions"] == 3


def test_import_refuses_a_full_folder_before_reading(tmp_path: Path) -> None:
    source = lfm1b(tmp_path / "source")
    with pytest.raises(CatalogError, match="is there already"):
        _call("import", "auto", source, source)
    _call("import", "auto", source, tmp_path / "x")
    _call("import", "auto", source, tmp_path / "x", "--force")


def test_wrong_format_is_a_usage_error(tmp_path: Path) -> None:
    assert _call("import", "vinyl", tmp_path, tmp_path / "x", fails=True).exit_code == 2
    with pytest.raises(CatalogError, match="not known as spotify"):
        _call("import", "spotify", lfm1b(tmp_path / "source"), tmp_path / "x")


def test_check_tells_people_and_fails_when_nothing_can_be_played(tmp_path: Path) -> None:
    shown = _call("check", lfm1b(tmp_path / "a")).stdout
    assert "sessions that qualify" in shown
    assert "sessions with too few plays" in shown
    assert _call("check", lastfm1k(tmp_path / "b"), fails=True).exit_code == 1


@pytest.mark.slow
def test_check_keys_are_stable() -> None:
    document = json.loads(_call("check", "demo", "--json").stdout)
    assert list(document) == [
        "name",
        "source",
        "digest",
        "tracks",
        "users",
        "sessions",
        "qualifying",
        "with_demographics",
        "with_all_media",
        "unqualified",
        "coverage",
        "modalities",
        "duplicates_by_id",
        "duplicates_by_isrc",
        "duplicates_by_name",
        "artist_ids",
        "pools",
        "encoding",
        "missing_media",
        "reading",
        "cost",
    ]


@pytest.mark.slow
def test_demo_is_written_without_media_unless_asked(tmp_path: Path) -> None:
    result = _call("demo", tmp_path / "demo")
    assert result.stdout == ""
    assert sorted(p.name for p in (tmp_path / "demo").iterdir()) == [
        "catalog.json",
        "sessions.jsonl",
        "tracks.jsonl",
    ]
    document = json.loads(_call("check", tmp_path / "demo", "--json").stdout)
    assert document["modalities"]["audio"] == document["coverage"]["audio"] == 0
    assert document["qualifying"] == document["sessions"] > 0


def test_tracks_are_found_by_criteria(command: Command) -> None:
    found = command("catalog", "find", "tag: bossa nova; year: ..1975").out
    assert "Janela para o mar" in found and "6 of" in found
    assert command("catalog", "find", "year: 1800", "--json", code=1).document["found"] == 0
    assert "no field of a track" in command("catalog", "find", "mood: sad", code=2).err

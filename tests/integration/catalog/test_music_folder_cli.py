"""A folder of music from import to conversations, through the command line; Gemini answers on a loopback address."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from support.catalog.sources import shared, write_lines
from support.command import Command
from support.gemini.server import GeminiServer

GEMINI = ("--model", "google_genai:gemini-2.5-flash", "--json")
KEY = {"GOOGLE_API_KEY": "test"}
UNTAGGED = "wesnoth/04 - Somebody - No Tags.ogg"


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared folder with one silent, one untagged and one empty file added."""
    folder = tmp_path_factory.mktemp("music") / "music"
    shutil.copytree(shared("music-folder"), folder, copy_function=shutil.copyfile)
    for place in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
        place.chmod(0o755)
    (folder / "wesnoth" / "silence.ogg").unlink()
    soundfile.write(folder / "quiet.ogg", np.zeros(44_100 * 5, np.float32), 44_100)
    tagged = mutagen.File(folder / "quiet.ogg")
    tagged["title"], tagged["artist"] = "Quiet", "Nobody"
    tagged.save()
    shutil.copyfile(folder / "wesnoth" / "battle.ogg", folder / UNTAGGED)
    stripped = mutagen.File(folder / UNTAGGED)
    stripped.delete()
    (folder / "nothing.mp3").touch()
    return folder


def reasons(report: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    return {p["file"]: (p["reason"].partition(":")[0], p["left_out"]) for p in report["problems"]}


@pytest.mark.slow
def test_from_import_to_eight_turns_with_clips_and_covers(
    command: Command, gemini: GeminiServer, music: Path
) -> None:
    done = command("catalog", "import", "folder", music, "--simulate-sessions", 2, "--out", "cat", "--json")
    report = done.document
    assert reasons(report) == {
        "quiet.ogg": ("silent", True),
        "nothing.mp3": ("empty", True),
        UNTAGGED: ("untagged", False),
    }
    assert (report["tracks"], report["qualifying"]) == (38, 2)
    assert report["modalities"] == ["text", "audio", "image"]
    assert "SIMULATED" in done.err

    run = command("run", "--catalog", "cat", *GEMINI, "--base-url", gemini.url, **KEY)
    [row] = run.rows
    assert (row["status"], row["turns"], row["session_id"]) == ("done", 8, "simulated-1")
    assert "1 of 1 sessions are simulated" in run.err
    sent = [{blob.kind for blob in ask.media} for ask in gemini.asks]
    assert sum({"audio", "image"} <= kinds for kinds in sent) >= 8, "clips and covers were on the wire"
    most = max(gemini.asks, key=lambda ask: len(ask.media))
    assert len([b for b in most.media if b.kind == "audio"]) == len(
        [b for b in most.media if b.kind == "image"]
    )
    assert command("audit", "--json").document["sound"]


def test_names_stand_in_for_tags_and_are_marked(command: Command, music: Path) -> None:
    command(
        "catalog", "import", "folder", music, "--out", "cat", "--format", "jsonl", "--simulate-sessions", 1
    )
    rows = [
        json.loads(line) for line in (command.folder / "cat" / "tracks.jsonl").read_text("utf-8").splitlines()
    ]
    [track] = [row for row in rows if "from_file_name" in row]
    assert track["from_file_name"] == ["track_name", "artist_name"]
    assert (track["track_name"], track["artist_name"]) == (["No Tags"], ["Somebody"])
    assert track["cover"]["path"] == "wesnoth/cover.jpg"
    [session] = (command.folder / "cat" / "sessions.jsonl").read_text("utf-8").splitlines()
    assert json.loads(session)["origin"] == "simulated"


def test_the_same_command_goes_on_and_another_is_refused(command: Command, music: Path) -> None:
    line = ("catalog", "import", "folder", music, "--out", "cat", "--simulate-sessions", 2)
    first = command(*line, "--json").document
    journal = command.folder / "cat" / ".import.jsonl"
    before = journal.read_bytes()
    assert command(*line, "--json").document == first
    assert journal.read_bytes() == before, "no file was looked into again"
    other = write_lines(command.folder / "x" / "a.csv", "track_id,track_name,track_artist", "1,a,b")
    assert "is there already" in command("catalog", "import", "spotify", other, "cat", code=2).err


def test_without_sessions_it_says_what_to_add(command: Command, music: Path) -> None:
    done = command("catalog", "import", "folder", music, "--out", "cat")
    assert "add --sessions-from, --playlists or --simulate-sessions" in done.err
    assert "no session" in command("run", "--catalog", "cat", code=1).err
    twice = command(
        "catalog",
        "import",
        "folder",
        music,
        "--out",
        "x",
        "--simulate-sessions",
        1,
        "--playlists",
        ".",
        code=2,
    )
    assert "one source" in twice.err


def test_a_music_folder_that_was_not_imported_is_recognised(command: Command, music: Path) -> None:
    assert "segue catalog import folder" in command("run", "--catalog", music, code=2).err


@pytest.mark.slow
def test_the_packaged_filter_of_tags_can_be_edited(command: Command) -> None:
    printed = command("catalog", "junk-tags").out
    assert "seen live" in printed
    source = shared("lfm1b-sample")
    tags = shared("hetrec-artist-tags")
    line = ("catalog", "import", source, "--tags", tags, "--json")
    mine = write_lines(command.folder / "mine.yaml", "exact: [rock]")
    usual = command(*line, "--out", "a").document["merges"]["junk_tags"]
    own = command(*line, "--out", "b", "--junk-tags", mine).document["merges"]["junk_tags"]
    assert usual["different"] > 100 and "seen live" in {t["tag"] for t in usual["examples"]}
    assert {t["tag"] for t in own["examples"]} == {"rock"}
    wrong = write_lines(command.folder / "wrong.yaml", "patterns: ['(']")
    assert "patterns" in command(*line, "--out", "c", "--junk-tags", wrong, code=2).err

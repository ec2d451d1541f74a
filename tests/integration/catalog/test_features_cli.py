"""`segue catalog features` through its command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from segue.catalog.features.stored import FILE, read_stored
from support.catalog.listened import native, recording
from support.catalog.sounds import RATE, write
from support.command import Command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings, one of a track that has a tempo already; one silent, one that is not there."""
    made = native(tmp_path / "cat", {"a": {"tempo": 60.0}, "b": {}, "quiet": {}, "gone": {}})
    audio = made / "media" / "audio"
    recording(audio / "a.wav")
    recording(audio / "b.wav", shift=5)
    write(audio / "quiet.wav", np.zeros(4 * RATE, dtype=np.float32))
    return made


@pytest.mark.slow
def test_features_are_written_beside_the_tracks_and_troubles_are_listed(
    command: Command, folder: Path
) -> None:
    wanted = ("--only", "tempo,key", "--workers", 1)
    first = command("catalog", "features", folder, *wanted, "--json")
    report = json.loads(first.out)
    assert (report["with_audio"], report["analysed"], report["known"], report["unusable"]) == (4, 2, 0, 2)
    assert report["heard"]["key"] == 2 and report["in_source"]["tempo"] == 1
    assert report["agreement"]["tempo"] == {"both": 1, "agree": 0}
    assert {t["track_id"]: t["trouble"] for t in report["troubles"]} == {"gone": "missing", "quiet": "silent"}
    assert "features of 2 tracks written" in first.err

    stored = read_stored(folder)
    assert stored["a"].made["tempo"].startswith("segue-tempo/") and stored["b"].values.key == "F major"
    again = command("catalog", "features", folder, *wanted, "--prefer", "audio")
    assert "known" in again.out and "quiet" in again.out and "is silent" in again.out
    assert {line.prefer for line in read_stored(folder).values()} == {"audio"}
    health = json.loads(command("catalog", "check", folder, "--json", code=1).out)
    assert health["coverage"]["key"] == 2


def test_features_of_the_demo_need_a_folder_of_their_own(command: Command) -> None:
    refused = command("catalog", "features", "demo", code=2)
    assert "not a native folder" in refused.err and "--out" in refused.err


@pytest.mark.slow
def test_another_folder_gets_tracks_and_features(command: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    wanted = ("--only", "energy", "--workers", 1, "--out", out, "--media", "none")
    (folder / "media" / "audio" / "gone.wav").write_bytes(b"no sound")
    command("catalog", "features", folder, *wanted)
    assert set(read_stored(out)) == {"a", "b"} and (out / "tracks.parquet").is_file()
    assert not (folder / FILE).exists()
    assert "is there already" in command("catalog", "features", folder, *wanted, code=2).err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--only", "tempo,colour"), "'colour' is not a feature"),
        (("--only", "lyrics"), "add --lyrics"),
        (("--lyrics",), "--lyrics needs a model"),
        (("--whisper-model", "."), "is of use with --lyrics only"),
    ],
)
def test_flags_that_make_no_sense_are_refused(
    command: Command, folder: Path, flags: tuple[str, ...], said: str
) -> None:
    refused = command("catalog", "features", folder, *flags, code=2)
    assert said in refused.err and not (folder / FILE).exists()


def test_nothing_to_hear_is_an_error(command: Command, tmp_path: Path) -> None:
    mute = native(tmp_path / "mute", {"a": {"audio": None}})
    assert "no track of" in command("catalog", "features", mute, code=2).err
    gone = native(tmp_path / "gone", {"a": {}})
    none = command("catalog", "features", gone, "--workers", 1, code=1)
    assert "features of 0 tracks" in none.err and "missing" in none.out

"""Recordings analysed, kept by digest, taken up again; what cannot be analysed is listed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from segue.catalog.features.analysis import analyse
from segue.catalog.features.cache import FeatureCache
from segue.catalog.features.extraction import Extraction, ExtractionOutcome
from segue.catalog.features.record import FROM_SIGNAL, METHODS, FeatureRecord
from segue.catalog.native import read_native
from segue.core.errors import CorruptionError
from segue.core.hashing import file_digest
from support.catalog.listened import native, recording
from support.catalog.sounds import RATE, sine, write


def run(extraction: Extraction, folder: Path) -> dict[str, ExtractionOutcome]:
    catalog = read_native(folder)
    return {outcome.track_id: outcome for outcome in extraction.run(catalog, catalog.track_ids())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One good recording under two ids, and one of each kind that cannot be used."""
    made = native(tmp_path / "cat", {i: {} for i in ("good", "twin", "silent", "short", "broken", "gone")})
    audio = made / "media" / "audio"
    recording(audio / "good.wav")
    (audio / "twin.wav").write_bytes((audio / "good.wav").read_bytes())
    write(audio / "silent.wav", np.zeros(5 * RATE, dtype=np.float32))
    write(audio / "short.wav", sine(440.0, 1.0))
    (audio / "broken.wav").write_bytes(b"RIFF and then nothing")
    return made


def test_what_can_be_analysed_is_and_the_rest_is_listed(folder: Path, tmp_path: Path) -> None:
    found = run(Extraction(FeatureCache(tmp_path / "cache")), folder)
    record = found["good"].record
    assert record is not None and record.made == {f: METHODS[f] for f in FROM_SIGNAL}
    assert record.audio == file_digest(folder / "media" / "audio" / "good.wav")
    assert record.values.key == "C major" and record.values.chords == ("C", "Am", "F", "G")
    assert record.values.tempo == pytest.approx(120.0, rel=0.01)
    assert record.seconds == 8.0 and found["twin"].known, "the same recording is heard once"
    troubles = {i: o.trouble.trouble for i, o in found.items() if o.trouble}
    assert troubles == {"silent": "silent", "short": "short", "broken": "broken", "gone": "missing"}


def test_what_was_analysed_is_found_again_until_it_is_forced(folder: Path, tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "cache")
    first = run(Extraction(cache), folder)["good"]
    again = run(Extraction(cache), folder)["good"]
    assert not first.known and again.known and again.record == first.record
    assert not run(Extraction(cache, force=True), folder)["good"].known


def test_another_recording_under_the_same_name_is_analysed(folder: Path, tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "cache")
    run(Extraction(cache), folder)
    recording(folder / "media" / "audio" / "good.wav", shift=2)
    found = run(Extraction(cache), folder)["good"]
    assert not found.known and found.record is not None and found.record.values.key == "D major"


def test_features_asked_for_one_by_one_come_together(folder: Path, tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "cache")
    tempo = run(Extraction(cache, wanted=("tempo",)), folder)["good"].record
    assert tempo is not None and set(tempo.made) == {"tempo"} and tempo.values.key is None
    both = run(Extraction(cache, wanted=("key",)), folder)["good"].record
    assert both is not None and set(both.made) == {"tempo", "key"}
    assert both.values.tempo == tempo.values.tempo and both.values.key == "C major"
    assert run(Extraction(cache, wanted=("tempo", "key")), folder)["good"].known


def test_what_another_version_heard_is_heard_anew(folder: Path, tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "cache")
    record = run(Extraction(cache, wanted=("tempo", "key")), folder)["good"].record
    assert record is not None
    older = {**record.to_row(), "made": {**record.made, "tempo": "segue-tempo/0: by hand"}}
    older["values"] = {**older["values"], "tempo": 60.0}
    cache.keep(FeatureRecord.model_validate(older), anew=True)
    found = run(Extraction(cache, wanted=("tempo", "key")), folder)["good"]
    assert not found.known and found.record is not None
    assert found.record.values.tempo == record.values.tempo and found.record.made == record.made


def test_a_cache_that_was_tampered_with_is_named(folder: Path, tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "cache")
    run(Extraction(cache, wanted=("energy",)), folder)
    file = next((tmp_path / "cache").rglob("*.json"))
    file.write_text("{}", "utf-8")
    with pytest.raises(CorruptionError, match="cannot be read") as caught:
        run(Extraction(cache, wanted=("energy",)), folder)
    assert file.name in str(caught.value)


@pytest.mark.slow
def test_several_processes_find_what_one_finds(folder: Path, tmp_path: Path) -> None:
    wanted = ("energy", "loudness")
    alone = run(Extraction(FeatureCache(tmp_path / "one"), wanted), folder)
    several = run(Extraction(FeatureCache(tmp_path / "two"), wanted, workers=2), folder)
    assert {i: o.record for i, o in alone.items()} == {i: o.record for i, o in several.items()}
    assert {i: o.trouble for i, o in alone.items()} == {i: o.trouble for i, o in several.items()}


def test_a_level_in_decibels_is_that_of_the_samples(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(1000.0, 4.0, 0.5))
    record = analyse(path, "d" * 32, ("energy", "brightness", "onset_rate"))
    assert isinstance(record, FeatureRecord)
    assert record.values.energy == pytest.approx(-9.0, abs=0.1)
    assert record.values.brightness == pytest.approx(1000.0, rel=0.02)
    assert record.values.onset_rate is not None and record.values.onset_rate < 0.6


_KILLED = """
import sys
from pathlib import Path
from segue.catalog.features.cache import FeatureCache
from segue.catalog.features.extraction import Extraction
from segue.catalog.native import read_native
if __name__ == "__main__":
    catalog = read_native(Path(sys.argv[1]))
    extraction = Extraction(FeatureCache(Path(sys.argv[2])), ("energy",))
    for outcome in extraction.run(catalog, catalog.track_ids()):
        print(outcome.track_id, outcome.known, flush=True)
        if len(sys.argv) > 3:
            import time
            time.sleep(60)
"""


@pytest.mark.slow
def test_what_was_done_before_a_kill_is_not_done_again(tmp_path: Path) -> None:
    folder = native(tmp_path / "cat", {f"t{i}": {} for i in range(3)})
    for i in range(3):
        write(folder / "media" / "audio" / f"t{i}.wav", sine(200.0 + i, 3.0))
    command = [sys.executable, "-c", _KILLED, str(folder), str(tmp_path / "cache")]
    process = subprocess.Popen([*command, "slowly"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "t0 False\n"
    process.kill()
    process.communicate()
    time.sleep(0.05)
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:3] == ["t0 True", "t1 False", "t2 False"]
    assert not list((tmp_path / "cache").rglob(".part-*"))

"""Lyrics: the message where nothing can transcribe, and the way of the words where something can."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from segue.catalog.features.cache import FeatureCache
from segue.catalog.features.record import FeatureRecord, Values
from segue.catalog.features.transcription import LyricsPass, Transcript, Whisper
from segue.core.errors import CatalogError, ConfigError

RECORD = FeatureRecord(audio="b" * 32, seconds=20.0, values=Values(tempo=90.0), made={"tempo": "x/1"})


@dataclass
class Choir:
    """A transcriber that hears what it was told, and counts how often it listened."""

    heard: dict[str, Transcript | CatalogError]
    method: str = "choir/1"
    asked: list[str] = field(default_factory=list)

    def transcribe(self, path: Path) -> Transcript:
        self.asked.append(path.name)
        said = self.heard[path.name]
        if isinstance(said, CatalogError):
            raise said
        return said


def test_without_the_package_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    if importlib.util.find_spec("faster_whisper"):
        pytest.skip("faster-whisper is installed")
    with pytest.raises(ConfigError, match="faster-whisper, which is not installed") as caught:
        Whisper.load(tmp_path)
    assert caught.value.hint == "pip install 'segue[whisper]'"


def test_words_are_kept_with_the_recording_and_not_asked_for_twice(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path)
    choir = Choir({"a.wav": Transcript("la la\nlo", "pt")})
    records, paths = {"t1": RECORD}, {"t1": Path("a.wav")}
    heard, troubles = LyricsPass(choir, cache).run(records, paths)
    assert not troubles
    assert (heard["t1"].values.lyrics, heard["t1"].values.language) == ("la la\nlo", "pt")
    assert heard["t1"].made == {"lyrics": "choir/1"}
    again, _ = LyricsPass(choir, cache).run(heard, paths)
    assert again == heard and choir.asked == ["a.wav"]
    LyricsPass(choir, cache, force=True).run(heard, paths)
    assert choir.asked == ["a.wav"] * 2
    LyricsPass(Choir(choir.heard, method="choir/2", asked=choir.asked), cache).run(heard, paths)
    assert choir.asked == ["a.wav"] * 3, "another model listens for itself"


def test_words_come_beside_the_other_features(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path)
    cache.keep(RECORD)
    choir = Choir({"a.wav": Transcript("oh", "en")})
    heard, _ = LyricsPass(choir, cache).run({"t1": RECORD}, {"t1": Path("a.wav")})
    assert heard["t1"].values.tempo == 90.0 and heard["t1"].made == {"tempo": "x/1", "lyrics": "choir/1"}
    assert cache.find(RECORD.audio) == heard["t1"]


def test_where_nobody_sings_there_are_no_words_and_that_is_known(tmp_path: Path) -> None:
    choir = Choir({"a.wav": Transcript(None, None)})
    heard, _ = LyricsPass(choir, FeatureCache(tmp_path)).run({"t1": RECORD}, {"t1": Path("a.wav")})
    assert heard["t1"].values.lyrics is None and heard["t1"].made["lyrics"] == "choir/1"


def test_one_that_cannot_be_transcribed_does_not_stop_the_others(tmp_path: Path) -> None:
    choir = Choir({"a.wav": CatalogError("odd", file="a.wav"), "b.wav": Transcript("hey", "en")})
    other = RECORD.model_copy(update={"audio": "c" * 32})
    done: list[str] = []
    heard, troubles = LyricsPass(choir, FeatureCache(tmp_path)).run(
        {"t1": RECORD, "t2": other}, {"t1": Path("a.wav"), "t2": Path("b.wav")}, done.append
    )
    assert heard["t1"] == RECORD and heard["t2"].values.lyrics == "hey"
    assert list(troubles) == ["t1"] and done == ["t1", "t2"]


class Model:
    """What faster-whisper's model gives: segments as they come, and what it knows of the language."""

    def __init__(self, *segments: tuple[str, float, float]) -> None:
        self.segments = [
            SimpleNamespace(text=text, no_speech_prob=silent, avg_logprob=sure)
            for text, silent, sure in segments
        ]

    def transcribe(self, audio: str, **_: Any) -> tuple[Any, Any]:
        if audio.endswith("broken.wav"):
            raise ValueError("no stream")
        return iter(self.segments), SimpleNamespace(language="fr")


def test_passages_that_whisper_made_up_are_left_out() -> None:
    model = Model(
        (" Bonjour ", 0.1, -0.3), ("Merci", 0.9, -0.2), ("Sous-titres", 0.1, -1.5), ("  ", 0.1, -0.1)
    )
    whisper = Whisper(model, "w/1")
    assert whisper.transcribe(Path("a.wav")) == Transcript("Bonjour", "fr")
    assert Whisper(Model(("la", 0.99, -0.1)), "w/1").transcribe(Path("a.wav")) == Transcript(None, None)
    with pytest.raises(CatalogError, match=r"broken\.wav.*no stream"):
        whisper.transcribe(Path("broken.wav"))

"""Lyrics heard in recordings: the port for transcribers, and faster-whisper behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol, Self

from ...core.errors import CatalogError, ConfigError
from ...core.packages import Need, require_all
from .cache import FeatureCache
from .record import FeatureRecord, Values

WHISPER: Final = Need("faster_whisper", extra="whisper", needed_by="transcribing lyrics")

_LIKELY_SILENT: Final = 0.6
_UNSURE: Final = -1.0
"""Whisper makes words up over instruments: passages are left out that it takes for no speech with a higher
probability than the first, or understands with a lower mean log probability than the second."""


@dataclass(frozen=True)
class Transcript:
    """What is sung: lines of text, or None when nothing is; ISO 639-1 code of its language."""

    lyrics: str | None
    language: str | None


class Transcriber(Protocol):
    """Anything that turns a recording into words."""

    @property
    def method(self) -> str:
        """Name, version and model, for the record."""

    def transcribe(self, path: Path) -> Transcript:
        """The words of a recording. Raises `CatalogError` when it cannot be read."""


class Whisper:
    """faster-whisper with a model that lies on this machine; nothing is fetched."""

    def __init__(self, model: Any, method: str) -> None:
        self._model, self._method = model, method

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The model in `folder`, which holds `model.bin` and its vocabulary as CTranslate2 writes them.

        Raises:
            ConfigError: the package is not installed, or there is no model in the folder.
        """
        require_all([WHISPER])
        faster_whisper = import_module("faster_whisper")
        if not (folder / "model.bin").is_file():
            raise ConfigError(
                f"--whisper-model: there is no model in {folder}: it has no model.bin",
                hint="name the folder of a Whisper model converted for CTranslate2, such as a copy of "
                "Systran/faster-whisper-large-v3",
            )
        try:
            model = faster_whisper.WhisperModel(str(folder), device="auto", local_files_only=True)
        except (RuntimeError, ValueError, OSError) as error:
            raise ConfigError(f"--whisper-model: {folder} cannot be loaded: {error}") from error
        return cls(model, f"faster-whisper/{version('faster-whisper')}: {folder.name}")

    @property
    def method(self) -> str:
        return self._method

    def transcribe(self, path: Path) -> Transcript:
        """The words of a recording. Raises `CatalogError` when it cannot be read."""
        try:
            segments, info = self._model.transcribe(
                str(path), beam_size=5, vad_filter=True, condition_on_previous_text=False
            )
            sung = [s for s in segments if s.no_speech_prob <= _LIKELY_SILENT and s.avg_logprob >= _UNSURE]
        except (RuntimeError, ValueError, OSError) as error:
            raise CatalogError(f"cannot be transcribed: {error}", file=path, field="audio") from error
        lyrics = "\n".join(text for s in sung if (text := s.text.strip()))
        return Transcript(lyrics or None, info.language if lyrics else None)


@dataclass(frozen=True)
class LyricsPass:
    """Transcribes recordings that were analysed, one after the other, and keeps the words with them."""

    transcriber: Transcriber
    cache: FeatureCache
    force: bool = False

    def run(
        self,
        records: Mapping[str, FeatureRecord],
        paths: Mapping[str, Path],
        done: Callable[[str], None] = lambda _: None,
    ) -> tuple[dict[str, FeatureRecord], dict[str, CatalogError]]:
        """The records with lyrics, and why those of some tracks have none.

        Args:
            records, paths: by track id; both have the same ids.
            done: called with each track's id.
        """
        heard: dict[str, FeatureRecord] = {}
        troubles: dict[str, CatalogError] = {}
        for track_id, record in records.items():
            try:
                heard[track_id] = self._with_lyrics(record, paths[track_id])
            except CatalogError as error:
                heard[track_id], troubles[track_id] = record, error
            done(track_id)
        return heard, troubles

    def _with_lyrics(self, record: FeatureRecord, path: Path) -> FeatureRecord:
        method = self.transcriber.method
        if not self.force and not record.lacks({"lyrics": method}):
            return record
        said = self.transcriber.transcribe(path)
        values = Values(lyrics=said.lyrics, language=said.language)
        made = FeatureRecord(
            audio=record.audio, seconds=record.seconds, values=values, made={"lyrics": method}
        )
        return self.cache.keep(made)

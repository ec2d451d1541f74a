"""`SurveySettings`: what `segue catalog features` can be told, each thing described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ...core.errors import ConfigError
from ...core.settings import About, Settings
from ..import_settings import Media

Preference = Literal["source", "audio"]


class SurveySettings(Settings):
    """What is heard in a catalogue's recordings, and where it is written."""

    only: Annotated[str | None, About("Some of them, set apart by commas, such as tempo,key.", env=None)] = (
        None
    )
    workers: Annotated[
        int | None,
        Field(ge=1, le=256),
        About("Processes; as many as there are cores by default.", env=None),
    ] = None
    force: Annotated[
        bool, About("Analyse again, and write into an --out folder that is not empty.", env=None)
    ] = False
    out: Annotated[
        Path | None, About("Write a folder of its own; needed unless CATALOG is a native one.", env=None)
    ] = None
    media: Annotated[Media, About("Audio and covers in the --out folder.", env=None)] = "copy"
    prefer: Annotated[
        Preference, About("Whose tempo, key, chords and lyrics count where both have them.", env=None)
    ] = "source"
    lyrics: Annotated[bool, About("Transcribe what is sung.", env=None)] = False
    whisper_model: Annotated[
        Path | None, About("A faster-whisper model on this machine, for --lyrics.", env=None)
    ] = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.lyrics and self.whisper_model is None:
            raise ConfigError(
                "--lyrics needs a model",
                hint="name the folder of a faster-whisper model with --whisper-model",
            )
        if self.whisper_model is not None and not self.lyrics:
            raise ConfigError("--whisper-model is of use with --lyrics only", hint="add --lyrics")
        return self

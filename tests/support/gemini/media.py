"""Inline media as Gemini reads and counts them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from functools import cached_property

import soundfile
from PIL import Image
from segue.core.hashing import digest

from .refusals import invalid

AUDIO_TYPES = {"audio/mp3", "audio/mpeg", "audio/wav", "audio/ogg", "audio/flac", "audio/aac", "audio/aiff"}
IMAGE_TYPES = {"image/jpeg", "image/png", "image/webp"}
READ_BEFORE: dict[tuple[str, str], Blob] = {}
"""Media by type and digest: what a client sends again is not decoded again, and kept once."""


@dataclass(frozen=True)
class Blob:
    """One inline medium. `tokens` as Gemini counts them."""

    mime_type: str
    data: bytes = field(repr=False)
    tokens: int

    @property
    def kind(self) -> str:
        return self.mime_type.partition("/")[0]

    @cached_property
    def digest(self) -> str:
        return digest(self.data)


def read_blob(mime: str, data: bytes) -> Blob:
    """A medium, counted. Raises `Refused` for one that cannot be read."""
    key = (mime, digest(data))
    if key not in READ_BEFORE:
        READ_BEFORE[key] = Blob(mime, data, _tokens(mime, data))
    return READ_BEFORE[key]


def _tokens(mime: str, data: bytes) -> int:
    try:
        if mime in AUDIO_TYPES:
            return (
                math.ceil(soundfile.info(io.BytesIO(data)).duration * 32 - 1e-6) + 1
            )  # 97 for 3 s, as logged
        if mime in IMAGE_TYPES:
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
            return 258
    except (OSError, soundfile.SoundFileError) as error:
        kind = "image" if mime in IMAGE_TYPES else "audio"
        raise invalid(f"Unable to process input {kind}. Please retry or report.") from error
    raise invalid(f"Unsupported MIME type: {mime}")

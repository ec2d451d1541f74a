"""What an audio file says of itself: its tags and embedded picture, read by mutagen."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...core.errors import ConfigError

Texts = Mapping[str, list[str]]

_ID3: Final = {
    "TIT2": "title", "TPE1": "artist", "TPE2": "albumartist", "TALB": "album", "TDOR": "originaldate",
    "TORY": "originaldate", "TDRC": "date", "TYER": "date", "TSRC": "isrc", "TBPM": "bpm", "TKEY": "initialkey",
    "TLAN": "language", "TMOO": "mood",
}  # fmt: skip
_MP4: Final = {
    "\xa9nam": "title", "\xa9ART": "artist", "aART": "albumartist", "\xa9alb": "album", "\xa9day": "date",
    "\xa9gen": "genre", "tmpo": "bpm", "\xa9lyr": "lyrics",
}  # fmt: skip
_MP4_FREE: Final = "----:com.apple.iTunes:"
_FRONT: Final = 3
_GENRE_BREAK: Final = re.compile(r"\s*[;,|]\s*|\s+/\s+")


@dataclass(frozen=True)
class Picture:
    """An embedded picture, as it lies in the file."""

    mime_type: str
    data: bytes


@dataclass(frozen=True)
class Tags:
    """Tags as texts, by names in lower case such as Vorbis comments have; and the front cover.

    Attributes:
        container: mutagen's name of the format, such as `OggVorbis`, `MP4`.
        seconds: length that the header states.
    """

    texts: Texts
    picture: Picture | None
    container: str
    seconds: float | None

    def first(self, *names: str) -> str | None:
        """The first text under the first of the names that has one."""
        return next((text for name in names for text in self.texts.get(name, ())), None)

    def all(self, *names: str) -> tuple[str, ...]:
        """Every text under the first of the names that has any, each once."""
        return tuple(dict.fromkeys(next((self.texts[n] for n in names if self.texts.get(n)), [])))

    @property
    def genres(self) -> tuple[str, ...]:
        """Genres, styles and moods, one by one."""
        whole = (text for name in ("genre", "style", "mood") for text in self.texts.get(name, ()))
        parts = (part.strip() for text in whole for part in _GENRE_BREAK.split(text))
        return tuple(dict.fromkeys(part for part in parts if part))


def read_audio_tags(path: Path) -> Tags | None:
    """The tags of an audio file; None for a file that mutagen takes for none.

    Raises:
        ConfigError: mutagen is not installed.
        ValueError: the file is damaged; says how.
    """
    mutagen = _mutagen()
    try:
        opened = mutagen.File(path)
    except mutagen.MutagenError as error:
        raise ValueError(str(error)) from error
    if opened is None:
        return None
    seconds = getattr(opened.info, "length", None)
    texts, pictures = _contents(opened)
    return Tags(_cleaned(texts), _front(pictures), type(opened).__name__, float(seconds) if seconds else None)


def _mutagen() -> Any:
    try:
        import mutagen
    except ImportError as error:
        raise ConfigError("reading tags needs mutagen", hint="pip install 'segue[music]'") from error
    return mutagen


def _contents(opened: Any) -> tuple[dict[str, list[str]], list[tuple[int, Picture]]]:
    from mutagen.id3 import ID3
    from mutagen.mp4 import MP4Tags

    if isinstance(opened.tags, ID3):
        return _of_id3(opened.tags)
    if isinstance(opened.tags, MP4Tags):
        return _of_mp4(opened.tags)
    texts = {str(name).lower(): [str(v) for v in values] for name, values in dict(opened.tags or {}).items()}
    blocks = [_Block(p.type, p.mime, p.data) for p in getattr(opened, "pictures", ())]
    blocks += _vorbis_pictures(texts.pop("metadata_block_picture", []))
    return texts, [(b.kind, Picture(b.mime_type, b.data)) for b in blocks]


@dataclass(frozen=True)
class _Block:
    kind: int
    mime_type: str
    data: bytes


def _vorbis_pictures(encoded: Iterable[str]) -> list[_Block]:
    from mutagen.flac import Picture as Flac
    from mutagen.flac import error as FlacError

    found = []
    for text in encoded:
        try:
            block: Any = Flac(base64.b64decode(text))  # type: ignore[no-untyped-call]
        except (binascii.Error, FlacError) as error:
            raise ValueError(f"its embedded picture is damaged: {error}") from error
        found.append(_Block(block.type, block.mime, block.data))
    return found


def _of_id3(tags: Any) -> tuple[dict[str, list[str]], list[tuple[int, Picture]]]:
    texts: dict[str, list[str]] = {}
    for frame in tags.values():
        name = _ID3.get(frame.FrameID)
        if name:
            texts.setdefault(name, []).extend(str(text) for text in frame.text)
        elif frame.FrameID == "TCON":
            texts.setdefault("genre", []).extend(frame.genres)
        elif frame.FrameID == "TXXX":
            texts.setdefault(frame.desc.lower(), []).extend(map(str, frame.text))
        elif frame.FrameID == "USLT":
            texts.setdefault("lyrics", []).append(frame.text)
        elif frame.FrameID == "SYLT":
            texts.setdefault("syncedlyrics", []).append("\n".join(text.strip() for text, _ in frame.text))
    return texts, [(int(p.type), Picture(p.mime, p.data)) for p in tags.getall("APIC")]


def _of_mp4(tags: Any) -> tuple[dict[str, list[str]], list[tuple[int, Picture]]]:
    texts: dict[str, list[str]] = {}
    for name, values in tags.items():
        if name in _MP4:
            texts.setdefault(_MP4[name], []).extend(map(str, values))
        elif name.startswith(_MP4_FREE):
            free = [bytes(value).decode("utf-8", "replace") for value in values]
            texts.setdefault(name.removeprefix(_MP4_FREE).lower(), []).extend(free)
    covers = tags.get("covr", [])
    kinds = {13: "image/jpeg", 14: "image/png"}
    return texts, [(_FRONT, Picture(kinds.get(c.imageformat, "image/jpeg"), bytes(c))) for c in covers]


def _cleaned(texts: Texts) -> dict[str, list[str]]:
    """Without what is empty; ID3 ends texts with a nought at times."""
    stripped = {name: [text.strip(" \t\r\n\0") for text in values] for name, values in texts.items()}
    return {name: kept for name, values in stripped.items() if (kept := [text for text in values if text])}


def _front(pictures: list[tuple[int, Picture]]) -> Picture | None:
    filled = [(kind, picture) for kind, picture in pictures if picture.data]
    return min(filled, key=lambda found: found[0] != _FRONT)[1] if filled else None

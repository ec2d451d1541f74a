"""What an audio file says of itself: its tags and embedded picture, read by mutagen."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ....core.errors import ConfigError
from ....core.packages import require
from ...source_files import without_lone_surrogates

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
_MOJIBAKE_LEAST, _MOJIBAKE_SHARE = 3, 0.6
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
        complaints: tags that could not be read, and texts that look wrong.
    """

    texts: Texts
    picture: Picture | None
    container: str
    seconds: float | None
    complaints: tuple[str, ...] = ()

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


def read_audio_tags(path: Path, *, encoding: str | None = None) -> Tags | None:
    """The tags of an audio file; None for a file that mutagen takes for none.

    A tag that cannot be read costs that tag alone and is told in `complaints`.

    Args:
        encoding: what ID3 texts that call themselves Latin-1 are really in, such as `cp1251`.

    Raises:
        ConfigError: mutagen is not installed.
        ValueError: the file is damaged; says how.
    """
    mutagen = require("mutagen", extra="music", needed_by="reading tags")
    with _guarded():
        opened = mutagen.File(path)
    if opened is None:
        return None
    found = _Contents(encoding)
    with _guarded():
        found.take(opened)
    seconds = getattr(opened.info, "length", None)
    return Tags(
        _cleaned(found.texts),
        _front(found.pictures),
        type(opened).__name__,
        float(seconds) if seconds else None,
        tuple(dict.fromkeys(found.complaints)),
    )


@contextmanager
def _guarded() -> Iterator[None]:
    """Whatever a tag library raises over a damaged file is the file's fault. Raises `ValueError` saying what."""
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:
        raise ValueError(
            f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        ) from error


@dataclass
class _Contents:
    """What is gathered from one file."""

    encoding: str | None
    texts: dict[str, list[str]] = field(default_factory=dict)
    pictures: list[tuple[int, Picture]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def take(self, opened: Any) -> None:
        from mutagen.id3 import ID3
        from mutagen.mp4 import MP4Tags

        if isinstance(opened.tags, ID3):
            tags: Any = opened.tags
            for frame in tags.values():
                self._one(frame.FrameID, self._id3, frame)
        elif isinstance(opened.tags, MP4Tags):
            atoms: Any = opened.tags
            for name, values in atoms.items():
                self._one(name, self._mp4, name, values)
        else:
            for name, values in dict(opened.tags or {}).items():
                self._one(str(name), self._comment, str(name).lower(), values)
            for picture in getattr(opened, "pictures", ()):
                self.pictures.append((int(picture.type), Picture(picture.mime, picture.data)))
        if any(map(is_mojibake, self._latin)):
            self.complaints.append(
                f"its tags look like another code page read as Latin-1 ({self._latin[0]!r}): --encoding reads them"
            )

    _latin: list[str] = field(default_factory=list)
    """Texts that ID3 calls Latin-1 and that look otherwise."""

    def _one(self, name: str, take: Callable[..., None], *values: Any) -> None:
        try:
            with _guarded():
                take(*values)
        except ValueError as error:
            self.complaints.append(f"its tag {name!r} cannot be read: {error}")

    def _add(self, name: str, texts: Iterable[str]) -> None:
        self.texts.setdefault(name, []).extend(texts)

    def _id3(self, frame: Any) -> None:
        name = _ID3.get(frame.FrameID)
        if name:
            self._add(name, self._decoded(frame, map(str, frame.text)))
        elif frame.FrameID == "TCON":
            self._add("genre", self._decoded(frame, frame.genres))
        elif frame.FrameID == "TXXX":
            self._add(frame.desc.lower(), self._decoded(frame, map(str, frame.text)))
        elif frame.FrameID == "USLT":
            self._add("lyrics", self._decoded(frame, [frame.text]))
        elif frame.FrameID == "SYLT":
            self._add("syncedlyrics", ["\n".join(text.strip() for text, _ in frame.text)])
        elif frame.FrameID == "APIC":
            self.pictures.append((int(frame.type), Picture(frame.mime, frame.data)))

    def _decoded(self, frame: Any, texts: Iterable[str]) -> list[str]:
        """The texts of a frame; those that say Latin-1 in the encoding that the user named."""
        given = list(texts)
        if getattr(frame, "encoding", None) != 0:
            return given
        if self.encoding is None:
            self._latin += [text for text in given if is_mojibake(text)]
            return given
        return [_redecoded(text.encode("latin-1"), self.encoding) for text in given]

    def _mp4(self, name: str, values: Any) -> None:
        if name in _MP4:
            self._add(_MP4[name], map(str, values))
        elif name.startswith(_MP4_FREE):
            free = [bytes(value).decode("utf-8", "replace") for value in values]
            self._add(name.removeprefix(_MP4_FREE).lower(), free)
        elif name == "covr":
            kinds = {13: "image/jpeg", 14: "image/png"}
            for cover in values:
                mime = kinds.get(cover.imageformat, "image/jpeg")
                self.pictures.append((_FRONT, Picture(mime, bytes(cover))))

    def _comment(self, name: str, values: Any) -> None:
        texts = [values] if isinstance(values, str) else [str(value) for value in values]
        if name != "metadata_block_picture":
            self._add(name, texts)
            return
        from mutagen.flac import Picture as Flac

        for text in texts:
            block: Any = Flac(base64.b64decode(text))  # type: ignore[no-untyped-call]
            self.pictures.append((int(block.type), Picture(block.mime, block.data)))


def _redecoded(data: bytes, encoding: str) -> str:
    """What is UTF-8 by its form is that: hardly any text of another encoding is by chance."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(encoding)


def is_mojibake(text: str) -> bool:
    """Whether a text looks like a legacy code page that was read as Latin-1: nearly all of it beyond ASCII."""
    beyond = sum("\x80" <= c <= "\xff" for c in text)
    letters = beyond + sum(c.isascii() and c.isalpha() for c in text)
    return beyond >= _MOJIBAKE_LEAST and beyond >= _MOJIBAKE_SHARE * letters and max(text) <= "\xff"


def _cleaned(texts: Texts) -> dict[str, list[str]]:
    """Without what is empty, and without NUL: ID3 ends texts with it at times."""
    stripped = {
        name: [without_lone_surrogates(text.replace("\0", " ")).strip() for text in values]
        for name, values in texts.items()
    }
    return {name: kept for name, values in stripped.items() if (kept := [text for text in values if text])}


def _front(pictures: list[tuple[int, Picture]]) -> Picture | None:
    filled = [(kind, picture) for kind, picture in pictures if picture.data]
    return min(filled, key=lambda found: found[0] != _FRONT)[1] if filled else None

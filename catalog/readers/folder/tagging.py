"""`Tagger`: from what a music file holds, and what lies beside it, to a `Track`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ....core.hashing import digest
from ...reporting.report import FileProblem
from ...track import MediaRef, Track
from ..key_names import spelled_key
from .audio_tags import Tags
from .lyrics import SongSheet, plain_lyrics
from .pictures import fault_of, neighbouring, others
from .probing import Probe
from .sidecars import SHEETS, WORDS, read_sheet, read_sidecar

_ID_LENGTH: Final = 16
_DATE: Final = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")
_NUMBER: Final = re.compile(r"^(?:\d{1,2}-)?\d{1,3}(?:\s*[._-]\s*|\s+)(?=\S)")
_NO_NAME: Final = {
    "",
    "none",
    "unknown",
    "unknown artist",
    "unknown album",
    "unknown title",
    "n/a",
    "null",
    "untitled",
}
_LYRICS: Final = ("lyrics", "unsyncedlyrics", "unsynced lyrics", "syncedlyrics")


def twin_id(path: str) -> str:
    """The id of a track whose usual id is taken by a file of the same name in another Unicode form."""
    return digest(f"twin\0{path}")[:_ID_LENGTH]


class Tagger:
    """Makes the tracks of one folder.

    Args:
        folders: relative folder -> names of all files in it.
    """

    def __init__(self, root: Path, folders: Mapping[str, Sequence[str]]) -> None:
        self.root, self.folders = root, folders

    def track_of(self, found: Probe) -> tuple[Track, list[FileProblem]]:
        """The track of a good file, and what is wrong beside it.

        A sidecar wins over the file's tags, those over what lies beside the file, and that over its name.
        """
        wrong: list[FileProblem] = []
        facts = _facts(found.tags)
        for name, value in _of_sheet(self._sheet(found.path, wrong)).items():
            if not facts.get(name):
                facts[name] = value
        facts |= self._sidecar(found.path, wrong)
        named = self._named(found.path, facts)
        guessed = [name for name in ("track_name", "artist_name") if not facts.get(name)]
        cover = self._cover(found, wrong)
        track = Track(
            **{
                **{name: value for name, value in facts.items() if value},
                **{name: named[name] for name in guessed},
                "track_id": digest(unicodedata.normalize("NFC", found.path))[:_ID_LENGTH],
                "duration": facts.get("duration") or max(1, round(found.seconds * 1000)),
                "audio": MediaRef(path=found.path, digest=found.digest) if found.playable else None,
                "cover": MediaRef(path=cover) if cover else None,
                "images": tuple(MediaRef(path=p) for p in self._images(found, cover, wrong)),
                "from_file_name": tuple(guessed),
            }
        )
        return track, wrong

    def _named(self, path: str, facts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        """Title and artist as file and folder are called: `03 - Artist - Title`, or `Artist/Title`."""
        folder, _, name = path.rpartition("/")
        stem = name.rpartition(".")[0].replace("_", " ").strip()
        bare = _NUMBER.sub("", stem) or stem or name
        parts = [part.strip() for part in re.split(r"\s+[-–—]\s+", bare) if part.strip()]
        home = folder.rpartition("/")[2] or self.root.resolve().name
        if len(parts) > 1 and not facts.get("track_name"):
            return {"artist_name": (parts[0],), "track_name": (" - ".join(parts[1:]),)}
        return {"artist_name": (home,), "track_name": (bare,)}

    def _beside(self, path: str, endings: Sequence[str]) -> str | None:
        """The file of the same name with one of the endings, those before others sought first."""
        folder, _, name = path.rpartition("/")
        stem = name.rpartition(".")[0].lower()
        names = self._lower.get(folder, {})
        found = next((names[stem + ending] for ending in endings if stem + ending in names), None)
        return None if found is None else f"{folder}/{found}" if folder else found

    @cached_property
    def _lower(self) -> Mapping[str, Mapping[str, str]]:
        return {folder: {name.lower(): name for name in names} for folder, names in self.folders.items()}

    def _sheet(self, path: str, wrong: list[FileProblem]) -> SongSheet:
        """Of a ChordPro file, or else of a text; both where there are both, chords from the one."""
        sheets = [self._read(self._beside(path, endings), read_sheet, wrong) for endings in (SHEETS, WORDS)]
        found = [sheet for sheet in sheets if sheet is not None]
        if len(found) == 2 and not found[0].lyrics:
            first, second = found
            return SongSheet(second.lyrics, first.chords, first.key, first.title, first.artist, first.tempo)
        return found[0] if found else SongSheet(None)

    def _sidecar(self, path: str, wrong: list[FileProblem]) -> Mapping[str, Any]:
        return self._read(self._beside(path, (".json",)), read_sidecar, wrong) or {}

    def _read(self, path: str | None, read: Any, wrong: list[FileProblem]) -> Any:
        if path is None:
            return None
        try:
            return read(self.root / path)
        except ValueError as error:
            wrong.append(FileProblem(path, str(error), True))
            return None

    def _cover(self, found: Probe, wrong: list[FileProblem]) -> str | None:
        if found.picture:
            return found.picture
        path = neighbouring(found.path, self.folders)
        return path if path and self._is_picture(path, wrong) else None

    def _images(self, found: Probe, cover: str | None, wrong: list[FileProblem]) -> list[str]:
        """Further pictures of the album; none where there is no cover that they could follow."""
        there = others(found.path, self.folders, cover) if cover else []
        return [path for path in there if self._is_picture(path, wrong)]

    def _is_picture(self, path: str, wrong: list[FileProblem]) -> bool:
        fault = fault_of(self.root / path)
        problem = FileProblem(path, fault or "", True)
        wrong += [problem] if fault and problem not in wrong else []
        return fault is None


def _facts(tags: Tags) -> dict[str, Any]:
    """Fields of a track that the tags fill; nothing for placeholders such as `Unknown Artist`."""
    bpm, lyrics = tags.first("bpm", "tempo"), tags.first(*_LYRICS)
    isrcs = (re.sub(r"[\s-]", "", text).upper() for text in tags.all("isrc"))
    return {
        "track_name": _real(tags.all("title")),
        "artist_name": _real(tags.all("artist")) or _real(tags.all("albumartist", "album artist")),
        "album_name": _real(tags.all("album")),
        "artist_id": tags.all("musicbrainz_artistid", "musicbrainz artist id"),
        "album_id": tags.all("musicbrainz_albumid", "musicbrainz album id"),
        "ISRC": tuple(dict.fromkeys(isrc for isrc in isrcs if isrc)),
        "tag_list": tags.genres,
        "release_date": next(
            filter(None, map(_date, tags.all("originaldate", "originalyear", "date", "year"))), None
        ),
        "tempo": _tempo(bpm) if bpm else None,
        "key": spelled_key(tags.first("initialkey", "key") or ""),
        "language": _language(tags.first("language")),
        "lyrics": plain_lyrics(lyrics) if lyrics else None,
    }


def _real(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name.strip().lower() not in _NO_NAME)


def _date(text: str) -> str | None:
    match = _DATE.match(text.strip())
    return match[0] if match and match[1] != "0000" else None


def _tempo(text: str) -> float | None:
    try:
        tempo = float(text.replace(",", "."))
    except ValueError:
        return None
    return tempo if 0 < tempo <= 500 else None


def _language(text: str | None) -> str | None:
    """ISO 639-1 as it is; the commonest of the three-letter codes that ID3 asks for as those."""
    lower = (text or "").strip().lower()
    return lower if re.fullmatch(r"[a-z]{2}", lower) else _LANGUAGES.get(lower)


_LANGUAGES: Final = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "pol": "pl", "rus": "ru", "jpn": "ja", "kor": "ko", "zho": "zh", "chi": "zh", "nld": "nl", "dut": "nl",
    "swe": "sv", "nor": "no", "dan": "da", "fin": "fi", "tur": "tr", "ara": "ar", "hin": "hi", "ukr": "uk",
    "ces": "cs", "cze": "cs", "ell": "el", "gre": "el", "hun": "hu", "lat": "la",
}  # fmt: skip


def _of_sheet(sheet: SongSheet) -> dict[str, Any]:
    return {
        "lyrics": sheet.lyrics,
        "chords": sheet.chords,
        "key": sheet.key,
        "tempo": sheet.tempo,
        "track_name": (sheet.title,) if sheet.title else (),
        "artist_name": (sheet.artist,) if sheet.artist else (),
    }

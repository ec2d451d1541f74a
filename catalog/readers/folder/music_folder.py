"""Reader of a folder of music files: what the files, their names, and the files beside them say."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from ....core.errors import CatalogError
from ...catalog import MediaKind
from ...clips.version import LEAST_SECONDS
from ...columns import SESSION_COLUMNS, TRACK_COLUMNS, table_of
from ...reporting.report import FileProblem, ReadingReport
from ...table import TableCatalog
from ...track import Track
from .pictures import EMBEDDED
from .pictures import ENDINGS as PICTURES
from .probing import JOURNAL, Probe, probe_all
from .sidecars import SHEETS, WORDS
from .tagging import Tagger, twin_id

FORMAT: Final = "folder"
SOUNDS: Final = (".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".m4b", ".mp4", ".wav", ".aif", ".aiff")
"""Endings of the files that are looked into."""

NOT_UTF8, BACKSLASH = "its name is not UTF-8", "its name begins with a backslash"

BESIDE: Final = (*SHEETS, *WORDS, ".json")
"""Endings of what may lie beside a sound: lyrics, chords, facts."""

Progress = Callable[[int], AbstractContextManager[Callable[[str], None]]]


@dataclass(frozen=True)
class MusicFiles:
    """The files of a folder.

    Attributes:
        root: the folder.
        sounds: audio files, relative, with forward slashes, in order.
        folders: relative folder -> names of all files in it.
        problems: files whose names cannot be used.
    """

    root: Path
    sounds: tuple[str, ...]
    folders: Mapping[str, tuple[str, ...]]
    problems: tuple[FileProblem, ...] = ()


@dataclass
class _Reading:
    """What is gathered while files are gone through."""

    tracks: list[Track] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    problems: list[FileProblem] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)


class MusicFolder(TableCatalog):
    """A folder of music as a catalogue without sessions. Media lie in the folder; embedded covers in `covers`."""

    covers: Path | None = None

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        ref = track.cover if kind == "cover" else None
        if ref is not None and self.covers is not None and ref.path.startswith(f"{EMBEDDED}/"):
            taken = self.covers / ref.path
            if taken.is_file():
                return taken
        return super().media_path(track, kind)


def find_music(root: Path) -> MusicFiles:
    """Every audio file under `root`, hidden ones aside. Raises `CatalogError` when there is none."""
    if not root.is_dir():
        raise CatalogError("there is no such folder", file=root, hint="name a folder with music files in it")
    folders: dict[str, tuple[str, ...]] = {}
    sounds, problems = list[str](), list[FileProblem]()
    for relative, names in _walk(root):
        usable = list[str]()
        for name in names:
            path = f"{relative}/{name}" if relative else name
            wrong = _wrong_name(path)
            if wrong is None:
                usable.append(name)
            elif name.lower().endswith((*SOUNDS, *PICTURES, *BESIDE)):
                problems.append(FileProblem(shown_path(path), wrong, True))
            if wrong is None and name.lower().endswith(SOUNDS):
                sounds.append(path)
        if _wrong_name(relative) is None:
            folders[relative] = tuple(usable)
    if not sounds:
        raise CatalogError(
            "holds no music files", file=root, hint=f"looked for {', '.join(SOUNDS)} in it and below"
        )
    return MusicFiles(root, tuple(sounds), folders, tuple(problems))


def _walk(root: Path) -> Iterator[tuple[str, list[str]]]:
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith("."))
        relative = Path(folder).relative_to(root).as_posix()
        yield "" if relative == "." else relative, sorted(n for n in names if not n.startswith("."))


def _wrong_name(path: str) -> str | None:
    """Why a relative path cannot stand in a catalogue; None for one that can."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return NOT_UTF8
    return BACKSLASH if path.startswith("\\") else None


def read_music(
    files: MusicFiles,
    *,
    out: Path | None = None,
    covers: bool = True,
    shortest: float = LEAST_SECONDS,
    encoding: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> MusicFolder:
    """The tracks of a folder; sessions come from elsewhere (`music_sessions`).

    Args:
        out: the folder that the catalogue will be written into: embedded covers and the journal go there.
        covers: take covers out of the files.
        shortest: seconds; shorter files are left out, since no clip can be cut from them.
        encoding: what ID3 tags that call themselves Latin-1 are really in, such as `cp1251`.
        workers: files looked into at once; one for each core by default.
        progress: shows how far it is.
    """
    media = out / "media" if out and covers else None
    reading, tagger = _Reading(problems=list(files.problems)), Tagger(files.root, files.folders)
    unnamed = [p for p in files.problems if p.file.lower().endswith(SOUNDS)]
    reading.dropped.update(f"files {_kind(problem.reason)}" for problem in unnamed)
    probes = probe_all(
        files.root,
        files.sounds,
        media=media,
        journal=out / JOURNAL if out else None,
        encoding=encoding,
        workers=workers or os.cpu_count() or 1,
    )
    with progress(len(files.sounds)) if progress else nullcontext(_silent) as advance:
        for found in probes:
            _take(found, tagger, reading, shortest)
            advance(found.path)
    _refuse_none(files.root, reading)
    return _catalogue(files, reading, media)


def _silent(_: str) -> None:
    """Where nobody watches."""


def _take(found: Probe, tagger: Tagger, reading: _Reading, shortest: float) -> None:
    reasons = [found.fault] if found.fault else []
    if not reasons and found.playable and found.seconds < shortest:
        reasons = [f"too short: {found.seconds:.1f} s, and clips last {shortest:g} s"]
    untagged = found.fault in (None, "silent") and not found.tags.first("title", "artist", "album")
    complaints = [*found.complaints, *(["untagged: no title, artist or album"] if untagged else [])]
    if not reasons:
        track, wrong = tagger.track_of(found)
        if track.track_id in reading.ids:  # of a file whose name differs in its Unicode form alone
            track = track.model_copy(update={"track_id": twin_id(found.path)})
            wrong = [
                *wrong,
                FileProblem(found.path, "another file's name differs in its Unicode form alone", False),
            ]
        reading.ids.add(track.track_id)
        reading.tracks.append(track)
        reading.noticed.update(
            f"{_WORDS[name]} taken from the name of file or folder" for name in track.from_file_name
        )
        reading.problems += wrong
    reading.dropped.update(f"files {_kind(reason)}" for reason in reasons)
    reading.problems += [FileProblem(found.path, reason, True) for reason in reasons]
    reading.problems += [FileProblem(found.path, complaint, bool(reasons)) for complaint in complaints]


_WORDS: Final = {"track_name": "titles", "artist_name": "artists"}


def _refuse_none(root: Path, reading: _Reading) -> None:
    if not reading.tracks:
        first = reading.problems[0]
        raise CatalogError(
            f"none of its music files can be used; the first: {first.file}: {first.reason}", file=root
        )


def _catalogue(files: MusicFiles, reading: _Reading, media: Path | None) -> MusicFolder:
    facts = {name: kind for name, kind in SESSION_COLUMNS.items() if name != "track_ids"}
    catalogue = MusicFolder(
        name=shown_path(files.root.resolve().name),
        source=described(files.root),
        tracks=table_of(reading.tracks, TRACK_COLUMNS),
        sessions=pl.DataFrame(schema={**facts, "tracks": pl.List(pl.UInt32())}),
        report=ReadingReport(
            format=FORMAT,
            files=(),
            rows=len(files.sounds) + sum(p.file.lower().endswith(SOUNDS) for p in files.problems),
            dropped=dict(sorted(reading.dropped.items())),
            noticed=dict(sorted(reading.noticed.items())),
            problems=tuple(reading.problems),
        ),
        media=files.root,
    )
    catalogue.covers = media
    return catalogue


def _kind(reason: str) -> str:
    """What kind of fault a reason is: what stands before its colon."""
    kinds = {
        "empty": "that are empty",
        "silent": "that are silent",
        "too short": "that are too short",
        NOT_UTF8: "whose names are not UTF-8",
        BACKSLASH: "whose names begin with a backslash",
    }
    begin = reason.partition(":")[0]
    return kinds.get(begin, f"that {begin}")


def described(root: Path) -> str:
    """The folder as the source of a catalogue, for people."""
    return f"{shown_path(str(root))} (folder of music files)"


def shown_path(path: str) -> str:
    """A path for people and for tables: bytes in it that are not UTF-8 are written as `\\xe9`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def canonical(path: str) -> str:
    """A path in the form that does not depend on the file system that it was typed on."""
    return unicodedata.normalize("NFC", path)

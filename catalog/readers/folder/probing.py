"""Looking into audio files once each: sound, tags, digest; kept in a file so that a second import is quick."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self

from ....core.errors import CatalogError, CorruptionError
from ....core.hashing import file_digest
from .audio_tags import Tags, read_audio_tags
from .pictures import keep_picture
from .sound import listen

PROBING: Final = 2
"""Raised when probes find other things than before; kept ones are then made anew."""

JOURNAL: Final = ".import.jsonl"
_AHEAD: Final = 32
_UNPLAYED: Final = ("MP4", "ASF", "MonkeysAudio", "WavPack")
"""Containers whose tags can be read and whose sound libsndfile does not decode."""


@dataclass(frozen=True)
class Probe:
    """What one file holds.

    Attributes:
        path: relative to the folder, with forward slashes.
        signature: size in bytes and time of change in nanoseconds.
        digest: BLAKE2b-128 of the bytes; None for an empty file.
        seconds: length; 0 where it cannot be told.
        fault: why the file is left out; None for a good one.
        playable: its sound can be decoded here.
        texts: its tags.
        picture: path of the embedded cover, once it was taken out, in the media folder.
        complaints: what is wrong with it beside.
        encoding: what its Latin-1 tags were read as.
    """

    path: str
    signature: tuple[int, int]
    digest: str | None = None
    seconds: float = 0.0
    fault: str | None = None
    playable: bool = True
    texts: Mapping[str, list[str]] = field(default_factory=dict)
    picture: str | None = None
    complaints: tuple[str, ...] = ()
    encoding: str | None = None

    @property
    def tags(self) -> Tags:
        return Tags(self.texts, None, "", self.seconds)

    def to_json(self) -> dict[str, Any]:
        return {"probing": PROBING, **asdict(self)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        lists = {"signature": tuple(row["signature"]), "complaints": tuple(row["complaints"])}
        return cls(**{**{k: v for k, v in row.items() if k != "probing"}, **lists})


def probe(root: Path, path: str, media: Path | None, encoding: str | None = None) -> Probe:
    """Look into one file. Nothing about a bad file is fatal. Raises `ConfigError` without mutagen.

    Args:
        media: folder for embedded covers; None to leave them where they are.
    """
    file = root / path
    try:
        signature = signature_of(file)
        if not signature[0]:
            return Probe(path, signature, fault="empty: 0 bytes")
        digest = file_digest(file)
    except OSError as error:
        return Probe(path, (0, 0), fault=f"cannot be read: {error.strerror}")
    try:
        tags = read_audio_tags(file, encoding=encoding)
    except ValueError as error:
        bad = Probe(
            path, signature, digest, complaints=(f"its tags cannot be read: {error}",), encoding=encoding
        )
        return _listened(bad, file, None, media)
    return _listened(Probe(path, signature, digest, encoding=encoding), file, tags, media)


def _listened(found: Probe, file: Path, tags: Tags | None, media: Path | None) -> Probe:
    sound = listen(file)
    unplayed = sound.fault is not None and tags is not None and tags.container in _UNPLAYED and tags.seconds
    picture, wrong = None, (*found.complaints, *(tags.complaints if tags else ()))
    if tags and tags.picture and media:
        try:
            picture = keep_picture(tags.picture, media)
        except ValueError as error:
            wrong = (*wrong, f"its embedded cover {error}")
    if unplayed:
        wrong = (
            *wrong,
            f"no decoder here for the sound of {tags.container if tags else ''}: kept without audio",
        )
    return Probe(
        found.path,
        found.signature,
        found.digest,
        seconds=(tags.seconds or 0.0) if unplayed and tags else sound.seconds,
        fault=None if unplayed else "silent" if sound.silent else sound.fault,
        playable=not unplayed,
        texts=tags.texts if tags else {},
        picture=picture,
        complaints=wrong,
        encoding=found.encoding,
    )


def signature_of(file: Path) -> tuple[int, int]:
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns


def probe_all(
    root: Path,
    paths: Sequence[str],
    *,
    media: Path | None,
    journal: Path | None,
    workers: int,
    encoding: str | None = None,
) -> Iterator[Probe]:
    """Probes of `paths` in their order; those in the journal whose file has not changed are taken from there.

    Args:
        journal: file to which each new probe is added at once, so that an interrupted import goes on from there.
        workers: files at once.
        encoding: of ID3 tags that call themselves Latin-1.
    """
    known = read_journal(journal) if journal else {}
    if journal:
        journal.parent.mkdir(parents=True, exist_ok=True)
        _cut_back(journal)

    def look(path: str) -> tuple[Probe, bool]:
        kept = known.get(path)
        if kept is not None and kept.encoding == encoding and _still_holds(kept, root, media):
            return kept, False
        return probe(root, path, media, encoding), True

    with ThreadPoolExecutor(workers) as pool:
        for found, new in _in_order(pool, look, paths):
            if new and journal:
                with journal.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(found.to_json(), ensure_ascii=False) + "\n")
            yield found


def _in_order(pool: ThreadPoolExecutor, look: Any, paths: Sequence[str]) -> Iterator[tuple[Probe, bool]]:
    """Results in order with a bounded number under way, so that tags of 50,000 files are not held at once."""
    rest = iter(paths)
    waiting: list[Future[tuple[Probe, bool]]] = [pool.submit(look, path) for path in islice(rest, _AHEAD)]
    while waiting:
        yield waiting.pop(0).result()
        waiting.extend(pool.submit(look, path) for path in islice(rest, 1))


def _cut_back(journal: Path) -> None:
    """Take away a last line that was cut off, so that the next one does not run on from it."""
    if journal.is_file():
        with journal.open("r+b") as opened:
            opened.truncate(opened.read().rfind(b"\n") + 1)


def _still_holds(kept: Probe, root: Path, media: Path | None) -> bool:
    """The file has not changed, and its cover has been taken out where covers are wanted."""
    try:
        same = signature_of(root / kept.path) == kept.signature
    except OSError:
        return False
    return same and (media is None or kept.picture is None or (media / kept.picture).is_file())


def read_journal(file: Path) -> dict[str, Probe]:
    """Path -> its last probe. A last line that was cut off is passed over; so are probes of another version.

    Raises:
        CorruptionError: another line is damaged.
        CatalogError: the file cannot be read.
    """
    if not file.is_file():
        return {}
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=file) from error
    found: dict[str, Probe] = {}
    for number, line in enumerate(lines, 1):
        try:
            row: dict[str, Any] = json.loads(line) if line else {"probing": 0}
            if row["probing"] == PROBING:
                found[row["path"]] = Probe.from_json(row)
        except (ValueError, KeyError, TypeError) as error:
            if number < len(lines):
                raise CorruptionError(
                    f"{file}, line {number}: not a line of an import",
                    hint="delete this file; it is made anew",
                ) from error
    return found

"""Training data in a folder: conversations of each part, playlists, and what it was all made from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from ...catalog.atomic_files import write_atomically
from ...core.errors import CatalogError, ConfigError
from ...core.hashing import digest
from ...core.validation import invalid
from .dividing import PARTS, DividedTalks, DividingRule, Part
from .talks import PlayedTalk

VERSION: Final = 1
MANIFEST: Final = "data.json"
PLAYLISTS: Final = "playlists.jsonl"


class TrainingOrigin(BaseModel):
    """What training data were made from.

    Attributes:
        catalog, catalog_digest: where the tracks are, as `--catalog` takes it (`demo`), and what was in it.
        conversations: of which store or data set.
        more: data sets whose conversations are learned from alone.
        left_out: reason -> conversations, or turns, that are not there.
        files: file -> digest of its bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = VERSION
    catalog: str
    catalog_digest: str
    conversations: str
    more: tuple[str, ...] = ()
    rule: DividingRule
    held_out: tuple[str, ...] = ()
    left_out: dict[str, int] = {}
    counts: dict[str, int] = {}
    files: dict[str, str] = {}


@dataclass(frozen=True)
class TrainingData:
    """Conversations and playlists to learn from and to test on, with their origin."""

    origin: TrainingOrigin
    divided: DividedTalks

    @property
    def digest(self) -> str:
        """Of all that is in it."""
        return digest(json.dumps(self.origin.files, sort_keys=True))


def write_training(folder: Path, divided: DividedTalks, origin: TrainingOrigin) -> TrainingOrigin:
    """Write the folder, its manifest last, so that what was cut off is not taken for whole.

    Raises:
        ConfigError: it cannot be written.
    """
    files = {f"{part}.jsonl": _lines(_row(talk) for talk in divided.talks[part]) for part in PARTS}
    files[PLAYLISTS] = _lines({"tracks": list(tracks)} for tracks in divided.playlists)
    told = origin.model_copy(
        update={
            "held_out": tuple(sorted(divided.held_out)),
            "counts": divided.counts(),
            "files": {name: digest(data) for name, data in files.items()},
        }
    )
    try:
        for name, data in files.items():
            write_atomically(folder / name, data)
        write_atomically(folder / MANIFEST, told.model_dump_json(indent=1).encode() + b"\n")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror or error}") from error
    return told


def read_training(folder: Path) -> TrainingData:
    """What `write_training` wrote.

    Raises:
        CatalogError: it is not there, or something in it is not what was written; names file and line.
    """
    try:
        origin = TrainingOrigin.model_validate_json(_bytes(folder / MANIFEST))
    except ValidationError as error:
        raise invalid(error, file=folder / MANIFEST) from error
    if origin.version != VERSION:
        raise CatalogError(f"is of version {origin.version}, not {VERSION}", file=folder / MANIFEST)
    talks: dict[Part, tuple[PlayedTalk, ...]] = {
        part: tuple(_talks(folder / f"{part}.jsonl", origin)) for part in PARTS
    }
    rows = _rows(folder / PLAYLISTS, origin)
    playlists = tuple(tuple(json.loads(line)["tracks"]) for _, line in rows)
    return TrainingData(origin, DividedTalks(talks, playlists, frozenset(origin.held_out)))


def _talks(path: Path, origin: TrainingOrigin) -> Iterator[PlayedTalk]:
    for number, line in _rows(path, origin):
        try:
            yield PlayedTalk.model_validate_json(line)
        except ValidationError as error:
            raise invalid(error, file=path, line=number) from error


def _rows(path: Path, origin: TrainingOrigin) -> Iterator[tuple[int, bytes]]:
    data = _bytes(path)
    if digest(data) != origin.files.get(path.name):
        raise CatalogError(
            "is not what was written with the manifest beside it",
            file=path,
            hint="make the folder anew: `segue talkplay data`",
        )
    return ((number, line) for number, line in enumerate(data.splitlines(), 1))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CatalogError(
            f"cannot be read: {error.strerror or error}",
            file=path,
            hint="`segue talkplay data` writes such a folder",
        ) from error


def _row(talk: PlayedTalk) -> dict[str, Any]:
    return talk.model_dump(mode="json")


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")

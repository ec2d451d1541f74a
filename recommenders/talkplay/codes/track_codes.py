"""`TrackCodes`: the codes of a catalogue's tracks with the codebook they came from, kept in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ....catalog.atomic_files import keep_cached
from ....core.errors import CorruptionError, InputError
from ....core.hashing import digest_of, file_digest
from ....state.values import TrackCard
from ...retrieval.array_files import read_arrays, write_arrays
from .code_figures import CodeFigures, figures_of
from .codebook import Codebook, Coded
from .modalities import MODALITIES, CodeTuple
from .track_vectors import vectors_of_cards

CODES_VERSION: Final = 1
"""Raised when the same tracks would get other codes."""
_ABOUT: Final = "codes.json"
_ARRAYS: Final = "codes.arrays"
_HINT: Final = "`segue talkplay tokenize CATALOG --out DIR` makes one"


@dataclass(frozen=True)
class TrackCodes:
    """Tracks as codes.

    Attributes:
        ids: of the tracks, in the order of all tables here.
        made_of: name and digest of the catalogue, seed, and what else they depend on.
    """

    ids: tuple[str, ...]
    coded: Coded
    codebook: Codebook
    made_of: Mapping[str, Any]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Track id -> row."""
        return {track_id: place for place, track_id in enumerate(self.ids)}

    @cached_property
    def digest(self) -> str:
        """Of all codes; a model is made for one."""
        return digest_of([CODES_VERSION, self.codebook.size, list(self.ids), self.coded.codes.tolist()])

    @cached_property
    def figures(self) -> CodeFigures:
        """How well they tell tracks apart."""
        clusters = {name: len(self.codebook.centres[name]) for name in MODALITIES}
        return figures_of(self.coded.codes, self.codebook.size, clusters)

    def codes_of(self, track_id: str) -> CodeTuple:
        """Of one track of the table. Raises `KeyError` for another one."""
        return tuple(self.coded.codes[self.places[track_id]].tolist())

    def with_tracks(self, cards: Sequence[TrackCard]) -> TrackCodes:
        """The same with further tracks, which get codes by the centres that there are; of playlists nothing is known
        of them. A track of the table keeps its codes."""
        new = [card for card in cards if card.track_id not in self.places]
        if not new:
            return self
        more = self.codebook.encode(vectors_of_cards(new))
        coded = Coded(
            np.concatenate([self.coded.codes, more.codes]),
            np.concatenate([self.coded.distances, more.distances]),
        )
        ids = (*self.ids, *(card.track_id for card in new))
        return TrackCodes(ids, coded, self.codebook, self.made_of)

    def write(self, folder: Path) -> None:
        """Keep them. Raises `CacheError` where the folder cannot be written."""
        arrays: dict[str, NDArray[Any]] = {
            f"centres.{name}": self.codebook.centres[name] for name in MODALITIES
        }
        arrays |= {"codes": self.coded.codes, "distances": self.coded.distances}
        write_arrays(folder / _ARRAYS, arrays)
        about = {
            "version": CODES_VERSION,
            "size": self.codebook.size,
            "modalities": list(MODALITIES),
            "made_of": dict(self.made_of),
            "digest": self.digest,
            "arrays": file_digest(folder / _ARRAYS),
            "figures": self.figures.to_json(),
            "ids": list(self.ids),
        }
        keep_cached(folder / _ABOUT, json.dumps(about, indent=1, ensure_ascii=False).encode())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What was kept.

        Raises:
            InputError: the folder holds no codes, or those of another version.
            CorruptionError: they are not what was written.
        """
        about = _about(folder)
        if about.get("version") != CODES_VERSION:
            raise InputError(
                f"{folder}: codes of version {about.get('version')}, not {CODES_VERSION}", hint=_HINT
            )
        try:
            arrays = read_arrays(folder / _ARRAYS)
        except FileNotFoundError:
            raise CorruptionError(f"{folder}: {_ARRAYS} is gone", hint=_HINT) from None
        centres = {name: arrays[f"centres.{name}"] for name in MODALITIES}
        found = cls(
            tuple(about["ids"]),
            Coded(arrays["codes"], arrays["distances"]),
            Codebook(about["size"], centres),
            about["made_of"],
        )
        if found.digest != about["digest"]:
            raise CorruptionError(f"{folder}: the codes are not those of its list of tracks", hint=_HINT)
        return found


def codes_file(folder: Path) -> Path:
    """The file that says what is in a folder of codes."""
    return folder / _ABOUT


def _about(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / _ABOUT).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder}: there are no codes of tracks", hint=_HINT) from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise CorruptionError(f"{folder / _ABOUT}: {error}", hint=_HINT) from error
    if not isinstance(found, dict):
        raise CorruptionError(f"{folder / _ABOUT}: it holds no object", hint=_HINT)
    return found

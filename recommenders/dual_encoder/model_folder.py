"""A trained dual encoder as a folder: its card, its company, and where its training stood."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ...catalog.atomic_files import write_atomically
from ...core.errors import CatalogError, ConfigError, CorruptionError
from ...core.validation import invalid
from ..retrieval.array_files import read_arrays, write_arrays
from .company import CompanyTable
from .features import SOURCES
from .model import DualEncoder
from .reranker.card import RerankerCard
from .training import TrainingState

ENCODER_VERSION: Final = 1
"""Raised when the same collections and settings would give another encoder."""
CARD: Final = "card.json"
COMPANY: Final = "company.arrays"
TRAINING: Final = "training.json"
FOLD: Final = "fold-"
"""Begins the names of folders within, each an encoder that knows less of the dialogs."""


class LearnedCatalog(BaseModel):
    """One catalogue that was learned from; `digest`: of its collections and texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    digest: str
    tracks: int
    collections: int


class EncoderCard(BaseModel):
    """What an encoder is and what it was trained on.

    Attributes:
        identity: digest of all that it was made of.
        catalogs: what conversations were walked through.
        tags: names of tag files.
        dialogs: ids of the conversations between people whose playlists were learned from, never what was said.
        text_encoder: see `text_encoder`.
        settings, seed: of the training.
        groups, artists, words, dimensions: of the company.
        examples: requests that were learned from.
        losses: mean of each epoch.
        weights: of the sources.
        reranker: what is kept beside it, if anything.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "dual encoder"
    version: int = ENCODER_VERSION
    identity: str
    catalogs: tuple[LearnedCatalog, ...]
    tags: tuple[str, ...] = ()
    dialogs: tuple[str, ...] = ()
    text_encoder: str
    settings: dict[str, Any]
    seed: int
    groups: int
    artists: int
    words: int
    dimensions: int
    examples: int
    losses: tuple[float, ...] = ()
    weights: dict[str, float]
    reranker: RerankerCard | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = self.model_dump(mode="json")
        return found


class KeptTraining(BaseModel):
    """A training that may go on. `identity`: see `EncoderCard`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: str
    state: TrainingState


def save_encoder(folder: Path, encoder: DualEncoder, card: EncoderCard) -> None:
    """Write it; the card comes last, so that a folder with a card is whole. Raises `CacheError`, `ConfigError`."""
    write_arrays(folder / COMPANY, encoder.company.arrays())
    write_card(folder, card)


def write_card(folder: Path, card: EncoderCard) -> None:
    """Write the card alone. Raises `ConfigError` where it cannot be written."""
    _write(folder / CARD, card)


def load_encoder(folder: Path) -> DualEncoder:
    """The encoder in a folder.

    Raises:
        ConfigError: there is none, or it is damaged or of another version.
    """
    card = read_card(folder)
    try:
        company = CompanyTable.of_arrays(read_arrays(folder / COMPANY))
    except (FileNotFoundError, CorruptionError, KeyError, ValueError) as error:
        raise ConfigError(f"{folder / COMPANY} cannot be read: {error}", hint=_AGAIN) from error
    return DualEncoder(company, card.text_encoder, _whole(card, folder))


def read_card(folder: Path) -> EncoderCard:
    """The card of the encoder in a folder. Raises `ConfigError`, see `load_encoder`."""
    path = folder / CARD
    if not path.is_file():
        begun = " yet: its training was not ended" if (folder / TRAINING).is_file() else ""
        raise ConfigError(f"{folder} holds no trained encoder{begun}", hint=_AGAIN)
    card = _read(path, EncoderCard)
    if card.version != ENCODER_VERSION:
        raise ConfigError(f"{path} is of version {card.version}, not {ENCODER_VERSION}", hint=_AGAIN)
    return card


def fold_folders(folder: Path) -> list[Path]:
    """Folders of encoders within a folder, by name."""
    return sorted(each.parent for each in folder.glob(f"{FOLD}*/{CARD}"))


def keep_training(folder: Path, kept: KeptTraining) -> None:
    """Write where a training stands. Raises `ConfigError` where it cannot be written."""
    _write(folder / TRAINING, kept)


def kept_training(folder: Path) -> KeptTraining | None:
    """Where a training in this folder stood, if one began. Raises `ConfigError` where that is damaged."""
    path = folder / TRAINING
    return _read(path, KeptTraining) if path.is_file() else None


_AGAIN: Final = "`segue walk train --out FOLDER` makes one"
ReadT = TypeVar("ReadT", bound=BaseModel)


def _read(path: Path, kind: type[ReadT]) -> ReadT:
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror or error}", file=path) from error
    except ValidationError as error:
        raise invalid(error, file=path) from error


def _write(path: Path, told: BaseModel) -> None:
    try:
        write_atomically(path, f"{told.model_dump_json(indent=1)}\n".encode())
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from error


def _whole(card: EncoderCard, folder: Path) -> Mapping[str, float]:
    if card.weights.keys() != SOURCES.keys():
        raise ConfigError(
            f"{folder / CARD}: the weights are not those of an encoder of this version", hint=_AGAIN
        )
    return card.weights

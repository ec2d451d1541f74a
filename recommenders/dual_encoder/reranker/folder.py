"""A reranker kept in the folder of its encoder: files of trees, and what they learned from on the encoder's card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ....catalog.atomic_files import write_atomically
from ....core.errors import ConfigError
from ....core.hashing import digest
from ...embeddings.sentences import sentence_texts
from ..model_folder import CARD, EncoderCard, read_card, write_card
from ..reranking import RankingTrees
from .card import RERANKER_VERSION, KeptTrees, LearnedFrom, ReadSentences, RerankerCard

_FIT: Final = "`segue walk train --out FOLDER --rerank walked` keeps one there"


@dataclass(frozen=True)
class FittedTrees:
    """Trees, and the conversations between people that these alone did not learn from."""

    trees: RankingTrees
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class FittedReranker:
    """A reranker before it is kept; see `RerankerCard`."""

    learned_from: LearnedFrom
    dialogs: tuple[str, ...]
    requests: int
    trees: Sequence[FittedTrees]
    sentences: str | None = None


def keep_reranker(folder: Path, identity: str, fitted: FittedReranker, seed: int) -> EncoderCard:
    """Write it beside the encoder in a folder, whose card is written last. Raises `ConfigError` where it cannot be."""
    kept = []
    for number, each in enumerate(fitted.trees):
        name, text = f"reranker-{number}.txt", each.trees.text()
        try:
            write_atomically(folder / name, text.encode())
        except OSError as error:
            raise ConfigError(f"{folder / name} cannot be written: {error.strerror or error}") from error
        kept.append(KeptTrees(file=name, digest=digest(text), left_out=each.left_out))
    card = RerankerCard(
        identity=identity,
        learned_from=fitted.learned_from,
        dialogs=fitted.dialogs,
        requests=fitted.requests,
        seed=seed,
        trees=tuple(kept),
        sentences=_read_by(fitted.sentences),
    )
    encoder = read_card(folder).model_copy(update={"reranker": card})
    write_card(folder, encoder)
    return encoder


def kept_reranker(folder: Path) -> RerankerCard | None:
    """What is told of the reranker in a folder, if it holds one. Raises `ConfigError` for one of another version."""
    card = read_card(folder).reranker if (folder / CARD).is_file() else None
    if card is not None and card.version != RERANKER_VERSION:
        told = f"the reranker in {folder} is of version {card.version}, not {RERANKER_VERSION}"
        raise ConfigError(told, hint=f"{_FIT}; --overwrite replaces what is there")
    return card


def load_trees(folder: Path, kept: KeptTrees | None = None) -> RankingTrees:
    """Trees in a folder, those of all by default.

    Raises:
        ConfigError: there are none, they are damaged, a package is missing, or the model of sentence-transformers that
            they read is not at hand or another one.
    """
    card = kept_reranker(folder)
    if card is None:
        raise ConfigError(f"{folder} holds no reranker", hint=_FIT)
    found = kept or card.trees[0]
    path = folder / found.file
    try:
        written = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}", hint=_FIT) from error
    if digest(written) != found.digest:
        raise ConfigError(f"{path}: its bytes are not those that were written", hint=_FIT)
    return RankingTrees.of_text(written.decode(), _at_hand(folder, card))


def _read_by(name: str | None) -> ReadSentences | None:
    return None if name is None else ReadSentences(name=name, digest=sentence_texts(name).digest)


def _at_hand(folder: Path, card: RerankerCard) -> str | None:
    """The name of the model that the trees read, if any."""
    read = card.sentences
    if read is not None and sentence_texts(read.name).digest != read.digest:
        raise ConfigError(
            f"the reranker in {folder} learned by another model than {read.name} is now",
            hint=f"put that one back, or {_FIT}",
        )
    return None if read is None else read.name

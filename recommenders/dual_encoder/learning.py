"""From collections to a trained encoder in a folder: company, walked conversations, epochs; goes on where it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from ...catalog.joining.tags import TagFile
from ...core.errors import ConfigError
from ...core.hashing import digest_of
from ..embeddings.arrays import VectorTable
from ..walk.collections import FoundCollections
from ..walk.generating import Generator
from ..walk.phrases import phrases_of
from ..walk.walk_settings import WalkSettings
from .company import CompanyTable
from .encoder_settings import EncoderSettings
from .example_table import ExampleTable
from .examples import examples_of
from .groups import ArtistGroup, groups_of, groups_of_tags
from .model import DualEncoder, untrained_weights
from .model_folder import (
    CARD,
    ENCODER_VERSION,
    EncoderCard,
    KeptTraining,
    LearnedCatalog,
    keep_training,
    kept_training,
    load_encoder,
    read_card,
    save_encoder,
)
from .training import Trainer, TrainingState

Say = Callable[[str], None]
_OTHERS: Final = "give another folder, or --overwrite to train anew"


@dataclass(frozen=True)
class WalkedCatalog:
    """Collections of one catalogue.

    Attributes:
        vectors: makes the vectors of its items that conversations are walked by, with or without their sound.
    """

    name: str
    found: FoundCollections
    vectors: Callable[[bool], VectorTable]

    @cached_property
    def told(self) -> LearnedCatalog:
        """Of the card."""
        collections = [[each.name, list(each.words), list(each.places)] for each in self.found.kept]
        digest = digest_of([self.found.items.digest, collections])
        return LearnedCatalog(
            name=self.name, digest=digest, tracks=len(self.found.items.ids), collections=len(collections)
        )


@dataclass(frozen=True)
class Lesson:
    """All that an encoder is made of.

    Attributes:
        dialogs: ids of the conversations between people whose playlists are among the collections.
    """

    materials: tuple[WalkedCatalog, ...]
    tags: tuple[TagFile, ...]
    dialogs: tuple[str, ...]
    settings: EncoderSettings
    seed: int

    @cached_property
    def groups(self) -> tuple[ArtistGroup, ...]:
        """All groups of artists."""
        found = (group for each in self.materials for group in groups_of(each.found))
        return (*found, *groups_of_tags(self.tags))

    @cached_property
    def identity(self) -> str:
        """See `EncoderCard`."""
        tags = [list(group) for group in groups_of_tags(self.tags)]
        catalogs = [each.told.digest for each in self.materials]
        return digest_of([ENCODER_VERSION, catalogs, tags, self.settings.model_dump(), self.seed])

    def learn(self, folder: Path, *, overwrite: bool = False, say: Say = lambda _: None) -> EncoderCard:
        """Train, and keep the encoder in a folder. What is there already is taken up: a training goes on after its last
        epoch, and ends with the same weights.

        Args:
            overwrite: another encoder in the folder is replaced.
            say: told what is done, an epoch at a time.

        Raises:
            ConfigError: the folder holds another encoder, or a package is missing.
            CacheError: something cannot be kept.
        """
        if (folder / CARD).is_file() and not overwrite:
            return self._there(folder)
        state = self._begun(folder, overwrite)
        say("company of artists")
        encoder = DualEncoder(
            CompanyTable.learned(self.groups, self.settings.dimensions),
            self.settings.text_encoder,
            untrained_weights(),
        )
        count = 0
        if self.settings.conversations:
            say("conversations")
            table = self._examples(encoder)
            state, count = self._trained(table, state, folder, say), len(table)
        trained = DualEncoder(encoder.company, encoder.texts, state.weights)
        card = self._card(trained, state, count)
        save_encoder(folder, trained, card)
        return card

    def _there(self, folder: Path) -> EncoderCard:
        card = read_card(folder)
        if card.identity != self.identity:
            raise ConfigError(f"{folder} holds an encoder that was trained otherwise", hint=_OTHERS)
        load_encoder(folder)  # what is damaged is told of
        return card

    def _begun(self, folder: Path, overwrite: bool) -> TrainingState:
        kept = None if overwrite else kept_training(folder)
        if kept is not None and kept.identity != self.identity:
            raise ConfigError(f"{folder} holds a training that was begun otherwise", hint=_OTHERS)
        (folder / CARD).unlink(missing_ok=True)
        return TrainingState.begun() if kept is None else kept.state

    def walks(self, count: int, seed: int) -> Iterator[tuple[WalkedCatalog, Generator, int]]:
        """What walks `count` conversations, shared among the catalogues by their collections: each catalogue with its
        generator and how many that makes."""
        phrases = phrases_of("en")
        said = phrases.bare() if self.settings.wording == "bare" else phrases
        walked = WalkSettings(slates=self.settings.slates)
        sizes: Sequence[int] = [len(each.found.kept) for each in self.materials]
        begin = 0
        for material, reach in zip(self.materials, _running(sizes), strict=True):
            end = round(count * reach / sum(sizes))
            vectors = material.vectors(self.settings.sound)
            yield material, Generator(material.found, vectors, walked, seed, phrases=said), end - begin
            begin = end

    def _examples(self, encoder: DualEncoder) -> ExampleTable:
        made = []
        for number, (material, generator, count) in enumerate(
            self.walks(self.settings.conversations, self.seed)
        ):
            examples = list(examples_of(generator, count))
            if examples:
                features = encoder.features(material.found.items)
                made.append(
                    ExampleTable.of(
                        examples,
                        features,
                        encoder.weights,
                        self.settings.hard,
                        catalog=number,
                        seed=self.seed,
                    )
                )
        if not made:
            raise ConfigError("no conversation asks for anything", hint="give more --conversations")
        return ExampleTable.joined(made)

    def _trained(self, table: ExampleTable, state: TrainingState, folder: Path, say: Say) -> TrainingState:
        trainer = Trainer(table, self.settings, self.seed)
        while state.epochs < self.settings.epochs:
            state = trainer.epoch(state)
            keep_training(folder, KeptTraining(identity=self.identity, state=state))
            say(f"epoch {state.epochs}, loss {state.losses[-1]:.4f}")
        return state

    def _card(self, encoder: DualEncoder, state: TrainingState, examples: int) -> EncoderCard:
        return EncoderCard(
            identity=self.identity,
            catalogs=tuple(each.told for each in self.materials),
            tags=tuple(each.name for each in self.tags),
            dialogs=self.dialogs,
            text_encoder=encoder.texts,
            settings=self.settings.model_dump(mode="json"),
            seed=self.seed,
            groups=len(self.groups),
            artists=len(encoder.company.artists),
            words=len(encoder.company.words),
            dimensions=encoder.company.dimensions,
            examples=examples,
            losses=state.losses,
            weights=dict(encoder.weights),
        )


def _running(sizes: Sequence[int]) -> Iterator[int]:
    total = 0
    for size in sizes:
        total += size
        yield total

"""A training from end to end: made ready, measured before it costs time, and carried out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ....catalog.catalog import Catalog
from ....core.errors import InputError
from ....core.hashing import digest, digest_of
from ....core.tables import Table
from ....state.values import TrackCard
from ...next_track.talks import PlayedTalk
from ...next_track.training_files import TrainingData
from ..codes.code_meanings import code_meanings
from ..codes.tokenizing import playlists_digest
from ..codes.track_codes import TrackCodes
from ..language.libraries import require_language_models, torch
from ..language.new_rows import add_music_rows
from ..language.opening import open_language_model
from ..language.rows import RowWriter
from ..language.tiny import start_from_meanings
from ..language.tiny_settings import TINY
from ..language.trained_model import TrainedModel, forget, is_whole
from ..views import cards_of
from .checkpoints import forget_training
from .examples import ExampleOrder, talk_row
from .loop import MusicTrainer, Told
from .train_settings import TrainSettings

MOST_WATCHED: Final = 100
"""Conversations of the validation part that the loss is watched on."""
_TRIED_STEPS: Final = 3
_WARM_STEPS: Final = 1


@dataclass(frozen=True)
class TrainingPlan:
    """What a training will take, as far as it can be told before.

    Attributes:
        parameters: of the model, its music rows included.
        tokens: that are read in all.
        memory: bytes of weights, gradients and the optimizer's state; what a step holds beside them is not told.
        hours: by a few steps, timed on this machine as it is now.
    """

    parameters: int
    music_tokens: int
    conversations: int
    watched: int
    tokens: int
    steps: int
    memory: int
    hours: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def tables(self) -> list[Table]:
        """To read."""
        told = {
            "parameters": f"{self.parameters:,}",
            "music tokens": f"{self.music_tokens:,}",
            "conversations to learn from": f"{self.conversations:,}",
            "conversations watched": f"{self.watched:,}",
            "tokens read": f"{self.tokens:,}",
            "steps": f"{self.steps:,}",
            "MiB of weights and optimizer": f"{self.memory / 2**20:,.0f}",
            "hours, as this machine is now": f"{self.hours:.2f}",
        }
        return [Table(["", "how much"], [list(each) for each in told.items()], right=["how much"])]


class Training:
    """A training that is made ready: nothing is written yet.

    Raises:
        InputError: codes, catalogue and data do not fit together, or the model cannot be opened.
        ConfigError: a package is missing.
    """

    def __init__(
        self, catalog: Catalog, codes: TrackCodes, data: TrainingData, settings: TrainSettings
    ) -> None:
        require_language_models()
        require_fitting(catalog, codes, data)
        self.codes, self.settings, self.data = codes, settings, data
        cards = cards_of(catalog)
        learned = [card for card in cards if card.track_id not in data.divided.held_out]
        talks = data.divided.talks["train"]
        self.model, self.tokenizer = open_language_model(
            settings.model, _texts(talks, learned), settings.tiny, settings.seed
        )
        words = len(self.tokenizer)
        self.vocabulary = add_music_rows(self.model, words, codes.codebook.size, settings.seed)
        if settings.model == TINY:
            start_from_meanings(self.model, words, self.vocabulary, code_meanings(codes, learned))
        self.model.to("cuda" if torch().cuda.is_available() else "cpu")
        writer = RowWriter(
            self.tokenizer,
            self.vocabulary,
            codes,
            {card.track_id: card for card in cards},
            settings.window,
            names=settings.names,
            replies=settings.replies,
        )
        self.order = ExampleOrder(writer, settings, talks, data.divided.playlists, learned)
        self.trainer = MusicTrainer(
            self.model,
            self.vocabulary,
            self.order,
            settings,
            centres=codes.codebook.centres,
            pad=_pad(self.tokenizer),
            watched=[talk_row(writer, talk) for talk in data.divided.talks["validation"][:MOST_WATCHED]],
        )

    @property
    def fingerprint(self) -> str:
        """Of all that the weights depend on."""
        words = digest(self.tokenizer.backend_tokenizer.to_str())
        return digest_of([self.settings.model_dump(mode="json"), self.codes.digest, self.data.digest, words])

    def plan(self) -> TrainingPlan:
        """What it will take. Takes a few steps, after which this cannot be trained any more."""
        rows = [
            len(each.row.tokens)
            for step in range(self.order.steps_an_epoch)
            for each in self.order.step(step)
        ]
        for step in range(_WARM_STEPS):
            self.trainer.step(step)
        began = time.monotonic()
        for step in range(_TRIED_STEPS):
            self.trainer.step(step)
        seconds = (time.monotonic() - began) / _TRIED_STEPS
        parameters = self.parameters
        return TrainingPlan(
            parameters=parameters,
            music_tokens=self.vocabulary.rows - self.vocabulary.first,
            conversations=len(self.data.divided.talks["train"]),
            watched=len(self.data.divided.talks["validation"][:MOST_WATCHED]),
            tokens=sum(rows) * self.settings.epochs,
            steps=self.trainer.steps,
            memory=16 * parameters,
            hours=seconds * self.trainer.steps / 3600,
        )

    @property
    def parameters(self) -> int:
        """Of the model, tied ones once."""
        return sum(each.numel() for each in self.model.parameters())

    def about(self) -> dict[str, Any]:
        """What is kept beside the weights; see `TrainedModel`."""
        return {
            "context": self.settings.window,
            "names": self.settings.names,
            "replies": self.settings.replies,
            "plays": self._plays() if self.settings.blank > 0 else None,
            "settings": self.settings.model_dump(mode="json"),
            "made_of": dict(self.codes.made_of),
            "parameters": self.parameters,
            "steps": self.trainer.steps,
            "data": self.data.digest,
            "conversations": len(self.data.divided.talks["train"]),
            "kept_epoch": self.trainer.kept_epoch,
            "curves": self.trainer.curves,
        }

    def _plays(self) -> list[list[int]]:
        """Of each modality how often each code is played in what is learned from."""
        talks, places = self.data.divided.talks["train"], self.codes.places
        rows = [places[track] for talk in talks for track in talk.tracks() if track in places]
        played = self.codes.coded.codes[rows]
        return [np.bincount(codes, minlength=self.codes.codebook.size).tolist() for codes in played.T]

    def clear(self, folder: Path) -> None:
        """Forget what an earlier training has left in the folder."""
        forget(folder)
        forget_training(folder)

    def run(self, folder: Path, told: Told) -> TrainedModel:
        """Train to the end, on from where an earlier attempt was ended, and keep the model in the folder.

        Raises:
            InputError: the folder holds another training, or a trained model.
            CacheError: the folder cannot be written.
        """
        if is_whole(folder):
            raise InputError(
                f"{folder}: a trained model is there already", hint="--overwrite, or another folder"
            )
        self.trainer.train(folder, self.fingerprint, told)
        trained = TrainedModel(self.model.eval(), self.tokenizer, self.vocabulary, self.codes, self.about())
        trained.write(folder)
        forget_training(folder)
        return trained


def require_fitting(catalog: Catalog, codes: TrackCodes, data: TrainingData) -> None:
    """See, before it costs time, that a model of these could be trained and tested fairly.

    Raises:
        InputError: they do not fit together.
    """
    there = set(catalog.track_ids())
    unknown = next((each for each in codes.ids if each not in there), None)
    if unknown is not None:
        raise InputError(
            f"the codes are of {codes.made_of.get('catalog')!r}: {catalog.name!r} has no track {unknown!r}",
            hint="--catalog names the catalogue that was tokenized",
        )
    if codes.made_of.get("playlists_digest") != playlists_digest(data.divided.playlists):
        raise InputError(
            "the codes know other playlists than the training part, so that what is tested on may show in them",
            hint="`segue talkplay tokenize --data DATA` takes the codes' playlists from the training part",
        )
    if not any(track in codes.places for talk in data.divided.talks["train"] for track in talk.tracks()):
        raise InputError("no conversation of the training part plays a track that has codes")


def _pad(tokenizer: Any) -> int:
    """What fills rows up; nothing ever sees it."""
    return int(tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id or 0)


def _texts(talks: Sequence[PlayedTalk], cards: Sequence[TrackCard]) -> Iterator[str]:
    """All words to learn words from: what was said, and twice what tracks are called."""
    for talk in talks:
        for turn in talk.turns:
            yield turn.said
            yield turn.replied
    for card in cards:
        yield from (card.title, card.artist, *card.tags) * 2

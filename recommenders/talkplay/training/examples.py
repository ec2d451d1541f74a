"""`ExampleOrder`: the rows of every step, which follow from the seed and the number of the step alone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Literal, NamedTuple

from ....core.random import stream
from ....state.values import TrackCard
from ...next_track.talks import PlayedTalk
from ..codes.modalities import MISSING, MODALITIES
from ..language.rows import RowWriter, TokenRow
from ..views import PlayedTurn
from .descriptions import request_for
from .train_settings import TrainSettings

ExampleKind = Literal["conversation", "playlist", "description"]
KINDS: Final[tuple[ExampleKind, ...]] = ("conversation", "playlist", "description")
_LONGEST_PLAYLIST: Final = 64
_LEAST: Final = 2
"""Tracks of a playlist that can be divided."""


class Example(NamedTuple):
    """One row to learn from."""

    kind: ExampleKind
    row: TokenRow
    read: list[int]
    """What is read where the tokens of the row are to be learned."""


class ExampleOrder:
    """All examples of a training.

    Args:
        playlists: as track ids.
        cards: of the tracks that are described.
    """

    def __init__(
        self,
        writer: RowWriter,
        settings: TrainSettings,
        talks: Sequence[PlayedTalk],
        playlists: Sequence[Sequence[str]],
        cards: Sequence[TrackCard],
    ) -> None:
        self.writer, self._settings, self._talks = writer, settings, tuple(talks)
        known = writer.codes.places
        held = [[each for each in dict.fromkeys(one) if each in known] for one in playlists]
        self._playlists = [one for one in held if len(one) >= _LEAST]
        self._cards = [card for card in cards if card.track_id in known]
        self._epoch: tuple[int, list[tuple[ExampleKind, int]]] = (-1, [])

    @cached_property
    def counts(self) -> dict[ExampleKind, int]:
        """Rows of each kind in an epoch."""
        return rows_of_epoch(self._settings, len(self._talks), bool(self._playlists))

    @property
    def steps_an_epoch(self) -> int:
        """Steps in which every conversation is read once."""
        return steps_of_epoch(self._settings, self.counts)

    def step(self, number: int) -> list[Example]:
        """The examples of a step, which is counted from 0."""
        epoch, place = divmod(number, self.steps_an_epoch)
        if self._epoch[0] != epoch:
            self._epoch = (epoch, self._shuffled(epoch))
        rows = self._settings.rows
        chosen = self._epoch[1][place * rows : (place + 1) * rows]
        rng = stream(self._settings.seed, "rows", number)
        return [self._example(kind, each, rng) for kind, each in chosen]

    def conversations(self) -> list[TokenRow]:
        """All conversations as rows."""
        return [talk_row(self.writer, talk) for talk in self._talks]

    def _shuffled(self, epoch: int) -> list[tuple[ExampleKind, int]]:
        """Each kind is spread evenly, so that every step has its share of all."""
        rng = stream(self._settings.seed, "epoch", epoch)
        order: list[tuple[float, ExampleKind, int]] = []
        for kind in KINDS:
            count = self.counts[kind]
            places = [self._place(kind, each, rng) for each in range(count)]
            rng.shuffle(places)
            order += [((at + rng.random()) / count, kind, place) for at, place in enumerate(places)]
        return [(kind, place) for _, kind, place in sorted(order)]

    def _place(self, kind: ExampleKind, number: int, rng: random.Random) -> int:
        if kind == "conversation":
            return number
        return rng.randrange(len(self._playlists if kind == "playlist" else self._cards))

    def _row(self, kind: ExampleKind, place: int, rng: random.Random) -> TokenRow:
        if kind == "conversation":
            return talk_row(self.writer, self._remembered(self._talks[place], rng))
        if kind == "playlist":
            return self._playlist_row(self._playlists[place], rng)
        card = self._cards[place]
        return self.writer.description(request_for(card, rng), card.track_id)

    def _example(self, kind: ExampleKind, place: int, rng: random.Random) -> Example:
        row = self._row(kind, place, rng)
        return Example(kind, row, self._blanked(row.tokens, rng))

    def _blanked(self, tokens: Sequence[int], rng: random.Random) -> list[int]:
        """What is read, with some tracks as if nothing were known of them."""
        vocabulary, read = self.writer.vocabulary, list(tokens)
        blank = vocabulary.tokens((MISSING,) * len(MODALITIES))
        for place, token in enumerate(tokens[: len(tokens) - len(blank) + 1]):
            if token == vocabulary.start and rng.random() < self._settings.blank:
                read[place : place + len(blank)] = blank
        return read

    def _remembered(self, talk: PlayedTalk, rng: random.Random) -> PlayedTalk:
        """Sometimes without what the listener likes, sometimes without the first turns."""
        share = self._settings.forget
        taste = () if rng.random() < share else talk.taste
        begin = rng.randrange(len(talk.turns)) if rng.random() < share else 0
        return talk.model_copy(update={"taste": taste, "turns": talk.turns[begin:]})

    def _playlist_row(self, track_ids: Sequence[str], rng: random.Random) -> TokenRow:
        begin = rng.randrange(max(1, len(track_ids) - _LONGEST_PLAYLIST))
        part = track_ids[begin : begin + _LONGEST_PLAYLIST]
        return self.writer.playlist(part, rng.randrange(1, len(part)))


def rows_of_epoch(settings: TrainSettings, talks: int, playlists: bool) -> dict[ExampleKind, int]:
    """Rows of each kind in an epoch.

    Args:
        playlists: whether there are any.
    """
    return {
        "conversation": talks,
        "playlist": round(settings.playlists * talks) if playlists else 0,
        "description": round(settings.descriptions * talks),
    }


def steps_of_epoch(settings: TrainSettings, counts: Mapping[ExampleKind, int]) -> int:
    """Steps that read so many rows."""
    return -(-sum(counts.values()) // settings.rows)


def talk_row(writer: RowWriter, talk: PlayedTalk) -> TokenRow:
    """A conversation, without the turns on which nothing was played."""
    played = [
        PlayedTurn(turn.said, turn.track, turn.replied) for turn in talk.turns if turn.track is not None
    ]
    return writer.talk(talk.taste, played)

"""Fresh wishes: what a listener who has found what it wanted asks for next, and judges by from then on."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from ....sessions.languages import ENGLISH
from ..criteria import write_criteria
from ..facts import TrackFacts
from ..grammar import mends_of, tidy
from ..lexicon import clash, repeats
from ..phrases import thing
from ..recipes import wishes_of
from ..wishes import Wish
from .standing import Standing

_KINDS = (
    "genre",
    "mood",
    "decade",
    "instrument",
    "place",
    "pace",
    "scene",
    "theme",
    "known",
    "voice",
    "artist",
)
_FOREMOST = ("genre", "mood", "place", "instrument", "decade", "theme", "artist")
_TRIES = 12
_NEARER = 3
"""How much likelier a wish comes from what was played here than from music of the listener's own."""
_COMMON = 2
"""Tracks known to the listener that must have what it asks for next."""
_TWO = 0.3
"""Chance of two qualities."""


def fresh_wishes(standing: Standing, rng: random.Random) -> tuple[Wish, ...]:
    """One or two qualities of a single track that the listener knows, other than what was wanted so far; none where it
    knows of nothing new."""
    known = {(wish.kind, wish.value) for aim in standing.aims for wish in aim.wishes}
    played = [exchange.track for exchange in standing.exchanges]
    tracks = [*played * _NEARER, *standing.tastes]
    for _ in range(_TRIES):
        found = _of(rng.choice(tracks), standing, known, rng)
        if found:
            return found
    return ()


def _of(
    track: TrackFacts, standing: Standing, known: set[tuple[str, str | float]], rng: random.Random
) -> tuple[Wish, ...]:
    offers = {kind: wish for kind, wish in wishes_of(track, rng).items() if kind in _KINDS}
    new = [wish for wish in offers.values() if (wish.kind, wish.value) not in known]
    heads = [offers[kind] for kind in _FOREMOST if kind in offers and offers[kind] in new]
    # What comes up twice is likelier to be found again.
    heard = [exchange.track for exchange in standing.exchanges] + list(standing.tastes)
    heads = [wish for wish in heads if sum(map(wish.met_by, heard)) >= _COMMON or wish.kind == "artist"]
    # Whoever was just heard is no news, and whether more is there of the listener's own artists it cannot know.
    earlier = {exchange.track.artist for exchange in standing.exchanges} - {standing.last.artist}
    heads = [wish for wish in heads if wish.kind != "artist" or wish.text in earlier]
    if not heads:
        return ()
    first = rng.choice(heads)
    others = list(_beside(first, new)) if first.kind != "artist" and rng.random() < _TWO else []
    return (first, rng.choice(others)) if others else (first,)


def _beside(first: Wish, wishes: Iterable[Wish]) -> Iterator[Wish]:
    for wish in wishes:
        same = wish.kind == first.kind != "tag" or wish.kind == "artist"
        if not same and not clash(first, wish) and not repeats(first, wish) and not repeats(wish, first):
            yield wish


def goal_text(wishes: tuple[Wish, ...], rng: random.Random, language: str = ENGLISH) -> str:
    """A fresh wish as it is written down: in one phrase, and with what counts."""
    return f"{tidy(thing(wishes, rng, language), mends=mends_of(language))}. {write_criteria(wishes)}"

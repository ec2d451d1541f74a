"""The walk: from near the target towards it, a slate of tracks at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .space import WalkSpace
from .walk_settings import WalkSettings

LENGTHS: Final = ((-1, 0.2), (0, 0.7), (1, 0.9), (2, 1.0))
"""How many turns more than usual, by the running sum of the chances: CPCD's spread."""
_MOST_CANDIDATES: Final = 64
"""Tracks of one collection among which a slate is drawn, at most."""


@dataclass(frozen=True)
class WalkedTurn:
    """One slate: places of items, each shown once in a conversation.

    Attributes:
        shown: the slate, in order.
        liked: those of it that are of the target.
        rejected: of the others, those that are said to be disliked.
    """

    shown: tuple[int, ...]
    liked: tuple[int, ...]
    rejected: tuple[int, ...]


@dataclass(frozen=True)
class Walk:
    """What was walked. `target`: the collection that stands for what is liked, by its place."""

    target: int
    turns: tuple[WalkedTurn, ...]


def walked(space: WalkSpace, settings: WalkSettings, rng: np.random.Generator) -> Walk:
    """One walk; the same stream of random numbers gives the same one.

    It begins at a neighbour of the target. A step goes to one of the nearest collections, or to the target if that
    is among them, the likelier the nearer it is to the target; a slate is drawn from where the walk is and from the
    target, by closeness to a point between the two that moves towards the target from turn to turn. Random slates are
    drawn from the target and from any collection, whatever is close.
    """
    target = space.drawn(rng.random())
    begun = here = int(space.nearest[target][int(rng.random() * space.nearest.shape[1])])
    length = settings.turns + _longer(rng.random())
    shown: set[int] = set()
    turns: list[WalkedTurn] = []
    for number in range(length):
        here = _next(space, begun, here, target, settings, rng)
        places = _slate(space, here, target, (number + 1) / length, shown, settings, rng)
        if not places:
            break
        shown.update(places)
        turns.append(_judged(space, target, places, settings, rng))
    return Walk(target, tuple(turns))


def _longer(chance: float) -> int:
    return next(more for more, reach in LENGTHS if chance < reach)


def _next(
    space: WalkSpace, begun: int, here: int, target: int, settings: WalkSettings, rng: np.random.Generator
) -> int:
    if settings.slates == "random":
        return space.drawn(rng.random())
    if rng.random() < settings.restart:
        return begun
    near = space.nearest[here]
    closeness = space.centres[near] @ space.centres[target] / settings.temperature
    return int(near[int(np.argmax(closeness + rng.gumbel(size=len(near))))])


def _slate(
    space: WalkSpace,
    here: int,
    target: int,
    pull: float,
    shown: set[int],
    settings: WalkSettings,
    rng: np.random.Generator,
) -> tuple[int, ...]:
    candidates = np.concatenate([_some(space.members[target], rng), _some(space.members[here], rng)])
    places = np.array([place for place in dict.fromkeys(candidates.tolist()) if place not in shown])
    if not len(places):
        return ()
    point = (1 - pull) * space.centres[here] + pull * space.centres[target]
    chance = rng.gumbel(size=len(places))
    closeness = (
        chance
        if settings.slates == "random"
        else chance + space.vectors[places] @ point / settings.temperature
    )
    return tuple(places[np.argsort(-closeness, kind="stable")[: settings.slate]].tolist())


def _some(members: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    if len(members) <= _MOST_CANDIDATES:
        return members
    begin = int(rng.random() * len(members))
    return np.take(members, np.arange(begin, begin + _MOST_CANDIDATES), mode="wrap")


def _judged(
    space: WalkSpace, target: int, places: tuple[int, ...], settings: WalkSettings, rng: np.random.Generator
) -> WalkedTurn:
    wanted = space.sets[target]
    liked = tuple(place for place in places if place in wanted)
    others = (place for place in places if place not in wanted)
    return WalkedTurn(places, liked, tuple(each for each in others if rng.random() < settings.rejects))

"""Walked conversations as requests to learn from: what was said and liked, and an item that is still sought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from ...core.random import stream_seed
from ..walk.cpcd.dialogs import SEEDS_A_TURN
from ..walk.generating import Generator, WalkedConversation
from ..walk.queries import WalkQuery

ASKED: Final = 2
"""Turns of a conversation that are learned from."""
NEXT: Final = 0.5
"""Chance that the item sought is of the next slate; else it is any of the collection."""


class WalkedExample(NamedTuple):
    """One request.

    Attributes:
        sought: place of an item that fits.
        alike: places of all items that are no negatives: those of the collection.
    """

    query: WalkQuery
    sought: int
    alike: tuple[int, ...]


def examples_of(generator: Generator, count: int) -> Iterator[WalkedExample]:
    """Of the first `count` conversations; the same for the same generator."""
    for number in range(count):
        rng = np.random.default_rng(stream_seed(generator.seed, "examples", number))
        conversation = generator.conversation(number)
        turns = len(conversation.walk.turns)
        for turn in sorted(rng.permutation(turns)[:ASKED].tolist()):
            example = _example(conversation, turn, rng)
            if example is not None:
                yield example


def _example(conversation: WalkedConversation, turn: int, rng: np.random.Generator) -> WalkedExample | None:
    """Of one turn; None where nothing of the collection is left to be sought."""
    walk, collection, said = conversation
    before = walk.turns[:turn]
    liked = tuple(dict.fromkeys(place for past in before for place in past.liked[:SEEDS_A_TURN]))
    next_liked = [place for place in walk.turns[turn].liked if place not in liked]
    left = [place for place in collection.places if place not in liked]
    sought = next_liked if next_liked and rng.random() < NEXT else left
    if not sought:
        return None
    replies = tuple(each.reply for each in said[:turn])
    query = WalkQuery(tuple(each.said for each in said[: turn + 1]), liked, replies)
    return WalkedExample(query, int(sought[int(rng.random() * len(sought))]), collection.places)

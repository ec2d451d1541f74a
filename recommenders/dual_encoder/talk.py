"""A talk with a dual encoder: messages as people write them, what they refuse taken for what it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..retrieval.requests import split_refusals
from ..walk.fusion import from_0_to_1
from ..walk.queries import WalkQuery
from ..walk.spreading import artist_numbers, spread_places
from .model import EncodedItems
from .ranks import RankedItems

REFUSED: Final = np.float32(0.7)
"""What a refusal takes away, as a share of what the same words would have asked for."""


def talked_scores(
    items: RankedItems, messages: Sequence[str], liked: Sequence[int] = (), replies: Sequence[str] = ()
) -> NDArray[np.float32]:
    """How well each item fits a talk; below all others where its artist was refused, and not asked for since.

    Args:
        messages: what was said, the last one last; at least one.
        liked: places of what was liked.
        replies: what was answered to the messages before the last one.
    """
    split = [split_refusals(message) for message in messages]
    said = tuple(wanted for wanted, _ in split)
    refused = _still_refused(items.encoded, split)
    query = WalkQuery(said, tuple(liked), tuple(replies))
    table = items.encoded.scores([query, *(WalkQuery((what,)) for what in refused)])
    wanted = table[0]
    if items.scorer is not items.encoded:  # as far apart as the encoder's, which tells what is refused
        wanted = np.ptp(wanted) * from_0_to_1(items.scorer.scores([query]))[0]
    found: NDArray[np.float32] = wanted - REFUSED * table[1:].sum(axis=0)
    closed = np.zeros(len(found), dtype=bool)
    closed[[place for places in refused.values() for place in places]] = True
    found[closed] -= np.ptp(found) + 1
    return found


def _still_refused(
    items: EncodedItems, split: Sequence[tuple[str, Sequence[str]]]
) -> dict[str, frozenset[int]]:
    """What is refused, and places of the items whose artist it names; without what was asked for again."""
    found: dict[str, frozenset[int]] = {}
    for wanted, refused in split:
        again = frozenset(items.features.named_in(wanted))
        found = {what: places for what, places in found.items() if not places & again}
        found.update({what: frozenset(items.features.named_in(what)) for what in refused})
    return found


class WalkedTalk:
    """One talk about some items: each is shown once.

    Attributes:
        slate: items shown at once.
    """

    def __init__(self, items: RankedItems, slate: int) -> None:
        self.slate = slate
        self._items = items
        self._artists = artist_numbers(items.encoded.features.items.texts)
        self._said: list[str] = []
        self._liked: list[int] = []
        self._shown: list[int] = []

    def say(self, message: str) -> tuple[int, ...]:
        """Places of what is shown in answer, the best first; fewer or none when all was shown."""
        self._said.append(message)
        return self._next()

    def like(self, places: Collection[int]) -> tuple[int, ...]:
        """What is shown after some of what was shown was liked, and nothing else said."""
        self._liked += [place for place in places if place not in self._liked]
        return self._next()

    def _next(self) -> tuple[int, ...]:
        scores = talked_scores(self._items, self._said or [""], self._liked)
        found = tuple(spread_places(from_0_to_1(scores[None])[0], self._artists, self.slate, self._shown))
        self._shown += found
        return found

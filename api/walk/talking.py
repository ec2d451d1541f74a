"""A talk with a trained dual encoder about the tracks of a catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
from ...core.settings import require_bounds
from ...recommenders.dual_encoder.ranks import open_ranking
from ...recommenders.dual_encoder.talk import WalkedTalk
from ...recommenders.walk.items import ItemTable

MOST_SLATE: Final = 50
MOST_CHARACTERS: Final = 10_000


class ShownTrack(NamedTuple):
    """One track of a slate. `number`: by which it can be liked, running through the whole talk from 1."""

    number: int
    track_id: str
    title: str
    artists: tuple[str, ...]


class WalkTalk:
    """A talk: every message is answered with a slate of tracks that were not shown before.

    Args:
        folder: what `walk_train` made.
        catalog: folder or file of tracks; the demo catalogue by default.
        slate: tracks in an answer.
        rank: `walk` by the encoder, `hybrid` beside words, `rerank` by the reranker that is kept with it.

    Raises:
        InputError: the folder holds no encoder or no reranker, or the catalogue cannot be read.
    """

    def __init__(
        self,
        folder: str | Path,
        catalog: str | Path | None = None,
        *,
        slate: int = 5,
        rank: str = "walk",
    ) -> None:
        require_bounds("slate", slate, 1, MOST_SLATE)
        ranking = open_ranking(Path(folder), rank)
        self._items = ItemTable.of_catalog(open_catalog(None if catalog is None else str(catalog)))
        self._talk = WalkedTalk(ranking.over(self._items), slate)
        self._shown: list[int] = []

    def say(self, message: str) -> tuple[ShownTrack, ...]:
        """The answer to what is asked for or refused; empty when every track was shown. Raises `ConfigError` for a
        message without a character, or of too many."""
        if not message.strip() or len(message) > MOST_CHARACTERS:
            raise ConfigError(f"a message has from 1 to {MOST_CHARACTERS:,} characters")
        return self._told(self._talk.say(message))

    def like(self, numbers: Iterable[int]) -> tuple[ShownTrack, ...]:
        """What comes after tracks were liked, by their numbers. Raises `ConfigError` for one that was not shown."""
        chosen = tuple(numbers)
        unknown = next((number for number in chosen if not 1 <= number <= len(self._shown)), None)
        if unknown is not None:
            raise ConfigError(f"no track has number {unknown}: {len(self._shown)} were shown")
        return self._told(self._talk.like([self._shown[number - 1] for number in chosen]))

    def _told(self, places: tuple[int, ...]) -> tuple[ShownTrack, ...]:
        begin = len(self._shown) + 1
        self._shown += places
        return tuple(
            ShownTrack(
                number,
                self._items.ids[place],
                self._items.texts[place].title,
                self._items.texts[place].artists,
            )
            for number, place in enumerate(places, begin)
        )

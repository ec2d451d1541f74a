"""`VisibleTracks`: the track cards that one view may reach, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ..core.errors import PartitionError
from .values import TrackCard


class VisibleTracks(Mapping[str, TrackCard]):
    """Read-only map from track id to card that holds just the ids it was made for.

    Args:
        hidden: fields of the cards that are not shown.
    """

    def __init__(
        self, cards: Mapping[str, dict[str, Any]], ids: Iterable[str], hidden: tuple[str, ...] = ()
    ) -> None:
        read = _read(_Same(cards), hidden)
        self._cards = {i: read[i] for i in dict.fromkeys(ids)}

    def __getitem__(self, track_id: str) -> TrackCard:
        try:
            return self._cards[track_id]
        except KeyError:
            raise PartitionError(f"track {track_id!r} is outside this view") from None

    def __contains__(self, track_id: object) -> bool:
        return track_id in self._cards

    def __iter__(self) -> Iterator[str]:
        return iter(self._cards)

    def __len__(self) -> int:
        return len(self._cards)

    def all(self) -> tuple[TrackCard, ...]:
        return tuple(self._cards.values())


class _Same:
    """A mapping that equals only itself: for remembering what was made of it without comparing its content."""

    def __init__(self, cards: Mapping[str, dict[str, Any]]) -> None:
        self.cards = cards

    def __hash__(self) -> int:
        return id(self.cards)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.cards is self.cards


class _Cards(dict[str, TrackCard]):
    """The cards of one channel value, each made when it is first asked for."""

    def __init__(self, cards: Mapping[str, dict[str, Any]], hidden: tuple[str, ...]) -> None:
        super().__init__()
        self._json = cards
        self._hidden = dict.fromkeys(hidden)

    def __missing__(self, track_id: str) -> TrackCard:
        card = TrackCard.from_json(self._json[track_id])
        self[track_id] = card.model_copy(update=self._hidden) if self._hidden else card
        return self[track_id]


@lru_cache(256)
def _read(same: _Same, hidden: tuple[str, ...]) -> _Cards:
    """Remembered: a channel's value stays the same object from step to step, and no one changes it."""
    return _Cards(same.cards, hidden)

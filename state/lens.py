"""`TrackLens`: the track cards that one view may reach, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..core.errors import PartitionError
from .values import TrackCard


class TrackLens(Mapping[str, TrackCard]):
    """Read-only map from track id to card that holds just the ids it was made for."""

    def __init__(self, cards: Mapping[str, dict[str, Any]], ids: Iterable[str]) -> None:
        self._cards = {i: TrackCard.from_json(cards[i]) for i in dict.fromkeys(ids)}

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

"""`ItemTable`: what there is to be found, as texts in an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from ...catalog.catalog import Catalog
from ...core.hashing import digest_of
from ..retrieval.documents import TrackText, texts_of


@dataclass(frozen=True)
class ItemTable:
    """Items by their places.

    Attributes:
        ids: each once.
        texts: what is known of each.
    """

    ids: tuple[str, ...]
    texts: tuple[TrackText, ...]

    @classmethod
    def of_catalog(cls, catalog: Catalog) -> Self:
        """All tracks of a catalogue, without their lyrics."""
        return cls(tuple(catalog.track_ids()), tuple(texts_of(catalog, 0)))

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Id -> place."""
        return {item: place for place, item in enumerate(self.ids)}

    @cached_property
    def digest(self) -> str:
        """Of ids and texts, in order."""
        return digest_of([self.ids, [list(text) for text in self.texts]])

    def places(self, ids: Sequence[str]) -> tuple[int, ...]:
        """Of those that the table has, in order."""
        return tuple(self.place_of[item] for item in ids if item in self.place_of)

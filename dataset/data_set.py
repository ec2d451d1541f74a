"""`DataSet`: conversations with what is known of their tracks and listeners, wherever they come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from .rows import ConversationRow, ExtraRow, TrackRow, UserRow


class DataSet(ABC):
    """Conversations with what is known of their tracks and listeners.

    Attributes:
        name: short, for people.
    """

    name: str

    @property
    @abstractmethod
    def splits(self) -> Mapping[str, int]:
        """Conversations in each split, in the splits' order."""

    @abstractmethod
    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        """The conversations of one split, or of all in order; one is held at a time."""

    def tracks(self) -> Mapping[str, TrackRow]:
        """Track id -> metadata; empty when the data set has none. Rows are made when they are asked for."""
        return {}

    def users(self) -> Mapping[str, UserRow]:
        """User id -> listener; empty when unknown."""
        return {}

    def extras(self) -> Mapping[str, ExtraRow]:
        """Session id -> our own columns; empty when unknown. Rows are made when they are asked for."""
        return {}

"""`DataSet`: conversations with what is known of their tracks and listeners, wherever they come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from .rows import ConversationRow, ExtraRow, TrackRow, UserRow
from .splits import split_name


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

    def verified(self) -> bool:
        """Whether any of its conversations has criteria and verdicts (answer rules 3)."""
        return any(extra.get("verdicts") is not None for extra in self.extras().values())

    def acting(self) -> bool:
        """Whether the recsys of any of its conversations may do something else than play."""
        return any(extra.get("actions") is not None for extra in self.extras().values())


class ExtraRows(Mapping[str, ExtraRow]):
    """Session id -> our own columns, made when they are asked for."""

    def __init__(self, sessions: Iterable[str], make: Callable[[str], ExtraRow]) -> None:
        self._sessions = dict.fromkeys(sessions)
        self._make = make

    def __getitem__(self, key: str) -> ExtraRow:
        if key not in self._sessions:
            raise KeyError(key)
        return self._make(key)

    def __contains__(self, key: object) -> bool:
        return key in self._sessions

    def __iter__(self) -> Iterator[str]:
        return iter(self._sessions)

    def __len__(self) -> int:
        return len(self._sessions)


def conversations_of(
    dataset: DataSet, splits: Iterable[str] | None = None
) -> Iterator[tuple[str, ConversationRow, ExtraRow | None]]:
    """(split, row, our own columns or None) of each conversation in order."""
    extras = dataset.extras()
    for split in splits or dataset.splits:
        for row in dataset.rows(split):
            yield split, row, extras.get(row["session_id"])


class LineFiles(DataSet):
    """A data set of which each line of its files that holds something is a conversation."""

    def __init__(self, path: Path, files: Sequence[Path]) -> None:
        self.name = path.resolve().stem if path.is_file() else path.resolve().name
        self._files = {split_name(file.stem): file for file in files}

    @cached_property
    def splits(self) -> Mapping[str, int]:
        return {split: sum(1 for _ in filled_lines(file)) for split, file in self._files.items()}


def filled_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers from 1."""
    with file.open("rb") as opened:
        yield from ((number, line) for number, line in enumerate(opened, 1) if line.strip())

"""`DataSetSubset`: some conversations of a data set, as a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ...dataset.opening import DataSet
from ...dataset.rows import ConversationRow, ExtraRow, TrackRow, UserRow


class DataSetSubset(DataSet):
    """The conversations named, in the data set's order; tracks and listeners are still all of them."""

    def __init__(self, data: DataSet, sessions: Sequence[str]) -> None:
        self.name = data.name
        self._data = data
        self._sessions = frozenset(sessions)

    @property
    def splits(self) -> Mapping[str, int]:
        counts = Counter(
            split
            for split in self._data.splits
            for row in self._data.rows(split)
            if row["session_id"] in self._sessions
        )
        return dict(counts)

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        return (row for row in self._data.rows(split) if row["session_id"] in self._sessions)

    def tracks(self) -> Mapping[str, TrackRow]:
        return self._data.tracks()

    def users(self) -> Mapping[str, UserRow]:
        return self._data.users()

    def extras(self) -> Mapping[str, ExtraRow]:
        return self._data.extras()

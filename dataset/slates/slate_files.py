"""`SlateDataSet`: files of conversations with slates, one a line; a file is a split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from ..data_set import LineFiles, filled_lines
from ..rows import ConversationRow, TrackRow
from .slate_rows import read_row, read_tracks, shape_of


class SlateDataSet(LineFiles):
    """Walked conversations, or people's in CPCD's layout. There are no thoughts, goals, labels or profiles."""

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        for name, file in self._files.items():
            if split in (None, name):
                yield from (read_row(line, file=file, number=number) for number, line in filled_lines(file))

    def tracks(self) -> Mapping[str, TrackRow]:
        return self._tracks

    @cached_property
    def _tracks(self) -> Mapping[str, TrackRow]:
        found: dict[str, TrackRow] = {}
        for file in self._files.values():
            for number, line in filled_lines(file):
                for track in read_tracks(line, file=file, number=number):
                    found.setdefault(track["track_id"], track)
        return found


def has_slates(file: Path) -> bool:
    """Whether the first line of a file holds a conversation with slates."""
    first = next(filled_lines(file), None)
    try:
        return first is not None and shape_of(json.loads(first[1])) is not None
    except ValueError:
        return False

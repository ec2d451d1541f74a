"""`SlateDataSet`: files of conversations with slates, one a line; a file is a split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ..data_set import DataSet
from ..rows import ConversationRow, TrackRow
from ..splits import split_name
from .slate_rows import read_row, read_tracks, shape_of


class SlateDataSet(DataSet):
    """Walked conversations, or people's in CPCD's layout. There are no thoughts, goals, labels or profiles."""

    def __init__(self, path: Path, files: Sequence[Path]) -> None:
        self.name = path.resolve().stem if path.is_file() else path.resolve().name
        self._files = {split_name(file.stem): file for file in files}

    @cached_property
    def splits(self) -> Mapping[str, int]:
        return {split: sum(1 for _ in _lines(file)) for split, file in self._files.items()}

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        for name, file in self._files.items():
            if split in (None, name):
                yield from (read_row(line, file=file, number=number) for number, line in _lines(file))

    def tracks(self) -> Mapping[str, TrackRow]:
        return self._tracks

    @cached_property
    def _tracks(self) -> Mapping[str, TrackRow]:
        found: dict[str, TrackRow] = {}
        for file in self._files.values():
            for number, line in _lines(file):
                for track in read_tracks(line, file=file, number=number):
                    found.setdefault(track["track_id"], track)
        return found


def has_slates(file: Path) -> bool:
    """Whether the first line of a file holds a conversation with slates."""
    first = next(_lines(file), None)
    try:
        return first is not None and shape_of(json.loads(first[1])) is not None
    except ValueError:
        return False


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers from 1."""
    with file.open("rb") as opened:
        yield from ((number, line) for number, line in enumerate(opened, 1) if line.strip())

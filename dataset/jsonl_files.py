"""Conversations from JSONL files: one a line, checked when it is read; a file is a split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ..core.errors import CatalogError
from .data_set import DataSet
from .row_check import check_row
from .rows import ConversationRow
from .splits import split_name


class LineDataSet(DataSet):
    """The files as they are: what a line does not have, its row does not have."""

    def __init__(self, path: Path, files: Sequence[Path]) -> None:
        self.name = path.resolve().stem if path.is_file() else path.resolve().name
        self._files = {split_name(file.stem): file for file in files}

    @cached_property
    def splits(self) -> Mapping[str, int]:
        return {split: sum(1 for _ in _lines(file)) for split, file in self._files.items()}

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        for name, file in self._files.items():
            if split in (None, name):
                yield from _rows(file)


def _rows(file: Path) -> Iterator[ConversationRow]:
    for number, line in _lines(file):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise CatalogError(f"is not JSON: {error}", file=file, line=number) from error
        yield check_row(value, file=file, line=number)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers from 1."""
    with file.open("rb") as opened:
        yield from ((number, line) for number, line in enumerate(opened, 1) if line.strip())

"""Conversations from JSONL files: one a line, checked when it is read; a file is a split."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..core.errors import CatalogError
from .data_set import LineFiles, filled_lines
from .row_check import check_row
from .rows import ConversationRow


class LineDataSet(LineFiles):
    """The files as they are: what a line does not have, its row does not have."""

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        for name, file in self._files.items():
            if split in (None, name):
                yield from _rows(file)


def _rows(file: Path) -> Iterator[ConversationRow]:
    for number, line in filled_lines(file):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise CatalogError(f"is not JSON: {error}", file=file, line=number) from error
        yield check_row(value, file=file, line=number)

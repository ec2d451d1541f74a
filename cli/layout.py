"""Tables and paragraphs laid out in a number of columns: texts shrink, figures and ids stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..core.escaping import visible

WHOLE = ("thread", "checkpoint", "run", "parent")
"""Heads of columns of ids, which are of no use when cut."""

ELLIPSIS = "…"

_GAP = 2
_LEAST = 12
"""Columns that a text keeps beside others."""

_MOST_LINES = 3
"""Of one cell, and of one row whose columns do not fit beside one another."""

_INDENT = "  "


@dataclass(frozen=True)
class Page:
    """How much room there is.

    Attributes:
        ellipsis: stands for what is left out.
        foldable: whether rows that do not fit are set on several lines. A file is read by programs: there they
            are as long as their figures and ids make them.
    """

    width: int
    ellipsis: str = ELLIPSIS
    foldable: bool = True


def measured(text: str) -> int:
    """Columns of a terminal that the text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def begun(text: str, width: int) -> str:
    """As much of the beginning of `text` as goes into `width` columns."""
    if text.isascii():
        return text[:width]
    from rich.cells import set_cell_size

    return text if measured(text) <= width else set_cell_size(text, width).rstrip()


def cell_text(value: object) -> str:
    """A cell as one line: whole numbers with their thousands, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return visible(str(value))


def cut(text: str, width: int, ellipsis: str = ELLIPSIS) -> str:
    """`text` in at most `width` columns: its beginning, to the end of a word, and an ellipsis; a single word, most
    often an id, keeps its end as well."""
    if measured(text) <= width:
        return text
    room = max(width - measured(ellipsis), 0)
    if " " not in text:
        end = room // 2
        tail = text[-end:] if end and text.isascii() else ""
        return (begun(text, room - len(tail)) + ellipsis + tail)[:width]
    kept = begun(text, room).rstrip()
    words = kept.rpartition(" ")[0].rstrip()
    if text[len(kept) :][:1].strip() and measured(words) * 2 > room:
        kept = words
    return (kept + ellipsis)[:width]


def folded(text: str, width: int) -> list[str]:
    """The lines of `text`, each in at most `width` columns and broken between words, or else within one."""
    return [line for paragraph in text.split("\n") for line in _paragraph(paragraph, max(width, 2))]


def _paragraph(text: str, width: int) -> Iterator[str]:
    if measured(text) <= width:
        yield text
        return
    line = ""
    for blanks, word in re.findall(r"( *)([^ ]+)", text):
        if measured(line + blanks + word) <= width:
            line += blanks + word
            continue
        if line.strip():
            yield line
        while measured(word) > width:
            piece = begun(word, width) or word[0]
            yield piece
            word = word[len(piece) :]
        line = word
    if line:
        yield line


def table_lines(
    columns: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str], page: Page
) -> Iterator[tuple[str, bool]]:
    """The lines of a table, each with whether it is of the head."""
    heads = [visible(name) for name in columns]
    cells = [[cell_text(value) for value in row] for row in rows]
    grid = _Grid(heads, cells, [name in right for name in columns], page)
    widths = grid.widths([name in right or name in WHOLE for name in columns])
    parts = [list(range(len(widths)))]
    if page.foldable and sum(widths) + _GAP * (len(widths) - 1) > page.width:
        widths = [min(width, page.width - len(_INDENT)) for width in grid.whole_widths()]
        parts = grid.parts(widths)
    if len(parts) > _MOST_LINES and cells:
        yield from ((line, False) for line in grid.blocks())
        return
    yield from ((line, True) for line in grid.lines(heads, widths, parts))
    for row in cells:
        yield from ((line, False) for line in grid.lines(row, widths, parts))


@dataclass(frozen=True)
class _Grid:
    """Cells under heads; `right` says which columns are aligned to the right."""

    heads: list[str]
    cells: list[list[str]]
    right: list[bool]
    page: Page

    @cached_property
    def _of_cells(self) -> list[int]:
        return [max(map(measured, column)) for column in zip(*self.cells, strict=True)] or [0] * len(
            self.heads
        )

    def whole_widths(self) -> list[int]:
        """Of every column, with nothing cut."""
        return [max(measured(head), cell) for head, cell in zip(self.heads, self._of_cells, strict=True)]

    def widths(self, whole: Sequence[bool]) -> list[int]:
        """Of every column: narrower until they fit, the widest text first, and at last what of heads is wider than
        the figures below."""
        widths = [
            width if kept else min(width, self.page.width)
            for width, kept in zip(self.whole_widths(), whole, strict=True)
        ]
        least = [
            max(cell, min(width, _LEAST)) if kept else min(width, _LEAST)
            for width, cell, kept in zip(widths, self._of_cells, whole, strict=True)
        ]
        room = self.page.width - _GAP * (len(widths) - 1)
        for figures in (False, True):
            while sum(widths) > room:
                able = [i for i, kept in enumerate(whole) if kept is figures and widths[i] > least[i]]
                if not able:
                    break
                widths[max(able, key=widths.__getitem__)] -= 1
        return widths

    def parts(self, widths: Sequence[int]) -> list[list[int]]:
        """Which columns stand on which line of a row that takes several; all but the first are indented."""
        parts: list[list[int]] = [[]]
        used = 0
        for column, width in enumerate(widths):
            if parts[-1] and used + _GAP + width > self.page.width:
                parts.append([])
            indent = len(_INDENT) if len(parts) > 1 else 0
            used = used + _GAP + width if parts[-1] else indent + width
            parts[-1].append(column)
        return parts

    def lines(
        self, row: Sequence[str], widths: Sequence[int], parts: Sequence[Sequence[int]]
    ) -> Iterator[str]:
        """One row; what is longer than its column goes on below, and ends in an ellipsis."""
        for number, part in enumerate(parts):
            texts = [self._cell(row[column], widths[column]) for column in part]
            for at in range(max(map(len, texts), default=0)):
                line = (" " * _GAP).join(
                    _aligned(text[at] if at < len(text) else "", widths[column], self.right[column])
                    for column, text in zip(part, texts, strict=True)
                )
                if number == 0 or line.strip():
                    yield (_INDENT + line if number else line).rstrip()

    def _cell(self, text: str, width: int) -> list[str]:
        if measured(text) <= width:
            return [text]
        words = " ".join(cut(word, width, self.page.ellipsis) for word in text.split())
        lines = folded(words, width)
        if len(lines) > _MOST_LINES:
            rest = " ".join(lines[_MOST_LINES - 1 :])
            lines = [*lines[: _MOST_LINES - 1], cut(rest, width, self.page.ellipsis)]
        return lines

    def blocks(self) -> Iterator[str]:
        """Every row by itself, a line or more for each head that has something under it."""
        for number, row in enumerate(self.cells):
            if number:
                yield ""
            for head, text in zip(self.heads, row, strict=True):
                line = f"{head}: {text}" if head else text
                if not text:
                    continue
                if measured(line) <= self.page.width:
                    yield line
                    continue
                yield from folded(f"{head}:", self.page.width) if head else ()
                for part in folded(text, self.page.width - len(_INDENT)):
                    yield _INDENT + part


def _aligned(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - measured(text))
    return blanks + text if right else text + blanks

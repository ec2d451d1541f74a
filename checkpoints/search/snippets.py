"""The part of a text in which something was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 160
"""Characters of a snippet, about."""


@dataclass(frozen=True)
class Snippet:
    """Part of a text.

    Attributes:
        marks: (start, end) of what was looked for, as places in `text`.
    """

    text: str
    marks: tuple[tuple[int, int], ...]

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """(text, whether it was looked for) from the beginning to the end."""
        parts, at = [], 0
        for start, end in self.marks:
            parts += [(self.text[at:start], False), (self.text[start:end], True)]
            at = end
        return [part for part in [*parts, (self.text[at:], False)] if part[0]]


def snippet(text: str, places: Sequence[tuple[int, int]], width: int = WIDTH) -> Snippet:
    """About `width` characters of `text` from a little before the first of `places` on, cut between words where
    there are any; `…` stands for what is left out."""
    first = places[0][0] if places else 0
    begin = (
        0 if len(text) <= width else _begin(text, max(0, min(first - width // 3, len(text) - width)), first)
    )
    end = len(text) if len(text) - begin <= width else _end(text, begin + width)
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    shift = len(before) - begin
    marks = ((start + shift, min(stop, end) + shift) for start, stop in places if begin <= start < end)
    return Snippet(f"{before}{text[begin:end]}{after}", tuple(marks))


def _begin(text: str, at: int, most: int) -> int:
    """The next beginning of a word from `at` on, no later than `most`."""
    blank = text.find(" ", at, most) if at else -1
    return blank + 1 if blank >= 0 else at


def _end(text: str, at: int) -> int:
    """The last end of a word before `at`, where one is near."""
    blank = text.rfind(" ", at - WIDTH // 4, at)
    return blank if blank > 0 else at

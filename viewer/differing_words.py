"""Two texts held against each other, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

Pieces = Sequence[tuple[str, bool]]
"""(text, whether the other one has something else there)."""

ALIKE: Final = 0.5
"""Share of words in common from which on the others are worth pointing at."""

LONGEST: Final = 600
"""Words up to which texts are matched; of longer ones everything from the first difference on counts as different."""


def differing_words(a: str, b: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces, which together are the texts; of texts that have little in common one piece each."""
    left, right = _words(a), _words(b)
    if max(len(left), len(right)) > LONGEST:
        return _from_the_first(left, right)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [(a, True)] if a else [], [(b, True)] if b else []
    mine, theirs = list[tuple[str, bool]](), list[tuple[str, bool]]()
    for kind, i, j, k, m in matcher.get_opcodes():
        for pieces, part in ((mine, left[i:j]), (theirs, right[k:m])):
            if part:
                pieces.append(("".join(part), kind != "equal"))
    return mine, theirs


def _words(text: str) -> list[str]:
    """Words, and what lies between them."""
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _from_the_first(left: Sequence[str], right: Sequence[str]) -> tuple[Pieces, Pieces]:
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    return _parted(left, same), _parted(right, same)


def _parted(words: Sequence[str], same: int) -> Pieces:
    pieces = [("".join(words[:same]), False), ("".join(words[same:]), True)]
    return [piece for piece in pieces if piece[0]]

"""Words of a request that tell something of music, and the artists that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from ..retrieval.words import common_words, fold, words_of

_ONE_WORD: Final = (
    (re.compile(r"\br ?(?:&|and|n|'n'?) ?b\b", re.IGNORECASE), "rnb"),
    (re.compile(r"\bhip[ -]?hop\b", re.IGNORECASE), "hiphop"),
)
"""Styles that people write in several ways."""
_LONGEST_NAME: Final = 6
_SHORTEST_NAME: Final = 3


def artist_key(name: str) -> str:
    """What an artist is known by, however the name is written."""
    return fold(name)


def told_words(text: str) -> tuple[str, ...]:
    """The words of a text that are not common ones, and its pairs of words of which one is not; each once."""
    for pattern, word in _ONE_WORD:
        text = pattern.sub(f" {word} ", text)
    words, common = words_of(text), common_words()
    telling = [word for word in words if word not in common or word[0].isdigit()]
    pairs = (f"{a} {b}" for a, b in pairwise(words) if not (a in common and b in common))
    return tuple(dict.fromkeys([*telling, *pairs]))


class NamedArtists:
    """Finds names of artists in what is said.

    Args:
        keys: of the artists that can be named; see `artist_key`.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._known: dict[tuple[str, ...], str] = {}
        for key in keys:
            words = tuple(words_of(key))
            if words and not self._says_nothing(words):
                self._known.setdefault(words, key)

    def __call__(self, text: str) -> tuple[str, ...]:
        """Keys of those that are named, the longest name first where several begin at one word."""
        words = words_of(text)
        found: list[str] = []
        begin = 0
        while begin < len(words):
            length, key = self._longest(words, begin)
            if key is not None:
                found.append(key)
            begin += length
        return tuple(dict.fromkeys(found))

    def _longest(self, words: list[str], begin: int) -> tuple[int, str | None]:
        for length in range(min(_LONGEST_NAME, len(words) - begin), 0, -1):
            key = self._known.get(tuple(words[begin : begin + length]))
            if key is not None:
                return length, key
        return 1, None

    @staticmethod
    def _says_nothing(words: tuple[str, ...]) -> bool:
        """A name of common words alone, or of one short word, is likelier to be no name."""
        return common_words().issuperset(words) or (len(words) == 1 and len(words[0]) < _SHORTEST_NAME)

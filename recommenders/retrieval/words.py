"""Words: how texts of tracks and of conversations are cut for a search."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHES: Final = re.compile(r"['’‘`]")
_SHORT_DECADE: Final = re.compile(r"([1-9])0s")
_DECADE_NAMES: Final = {
    "fifties": "1950s",
    "sixties": "1960s",
    "seventies": "1970s",
    "eighties": "1980s",
    "nineties": "1990s",
    "noughties": "2000s",
}


@cache
def common_words() -> frozenset[str]:
    """Words that tell little of the music that is wanted."""
    return frozenset((files(__package__) / "common_words.txt").read_text(encoding="utf-8").split())


def fold(text: str) -> str:
    """`text` in lower case without accents and apostrophes; sharps and flats as words."""
    plain = text.replace("♯", " sharp").replace("♭", " flat")
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain.casefold())
        plain = "".join(c for c in parts if not unicodedata.combining(c))
    return _APOSTROPHES.sub("", plain.casefold())


def words_of(text: str) -> list[str]:
    """The words of a text; decades in one form, such as `1970s`."""
    return [_decade(word) for word in _WORD.findall(fold(text))]


def pairs_of(words: Sequence[str]) -> Iterator[str]:
    """Each two words that stand side by side, as one."""
    return (f"{first} {second}" for first, second in pairwise(words))


def phrases_of(texts: Iterable[str]) -> Iterator[str]:
    """The words and the pairs of each text."""
    for text in texts:
        words = words_of(text)
        yield from words
        yield from pairs_of(words)


def decade_of(release_date: str) -> str:
    """Of `1976-05-01`, `1970s`."""
    return f"{release_date[:3]}0s"


def _decade(word: str) -> str:
    if short := _SHORT_DECADE.fullmatch(word):
        return f"{'20' if short[1] < '3' else '19'}{short[1]}0s"
    return _DECADE_NAMES.get(word, word)

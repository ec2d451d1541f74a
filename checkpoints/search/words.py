"""Words as they are searched by: lower case, without accents, one by one where a script has no spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

VERSION: Final = 1
"""Of how words are cut. An index of another version is made anew."""

LONGEST: Final = 64
"""Characters of a word that count; the rest of a longer one does not."""

MOST: Final = 16_000
"""Words of one text that are searched; PostgreSQL bounds the places of a word, and the bytes of a text's words."""

MOST_CHARACTERS: Final = 200_000

_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana and Han: each character is a word, and a run of them a phrase."""

_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:[\u0300-\u036f]+[^\W_{_UNSPACED}]*)*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, and where it stands there."""

    folded: str
    start: int
    end: int


def cut(text: str) -> Iterator[Word]:
    """The words of a text in order, `MOST` of them at most."""
    for number, found in enumerate(_WORD.finditer(text, 0, MOST_CHARACTERS)):
        if number == MOST:
            return
        yield Word(_folded(found[0]), found.start(), found.end())


def folded(text: str) -> list[str]:
    """The words of `cut`, folded."""
    if text.isascii():
        return [word[:LONGEST] for word in _WORD.findall(text[:MOST_CHARACTERS].casefold())[:MOST]]
    return [word.folded for word in cut(text)]


@lru_cache(8192)
def _folded(word: str) -> str:
    """A word by which others with other accents and cases are the same; never empty."""
    plain = word[:LONGEST].casefold()
    if not plain.isascii():
        parted = unicodedata.normalize("NFKD", plain)
        bare = "".join(each for each in parted if each.isalnum()) or plain
        plain = bare.casefold()
    return plain[:LONGEST]

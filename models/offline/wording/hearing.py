"""How requests are put in a language, read from its `hearing.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ..grammar import load_words
from ..wishes import Wish


@dataclass(frozen=True)
class Hearing:
    """The patterns of a language.

    Attributes:
        remarks: kind that picks out one track -> the words before it that ask for it again.
        more: words of a sentence that asks for more of what was praised.
        key_names: musical key -> its English name; empty where it is English.
    """

    clause_ends: re.Pattern[str]
    decade: re.Pattern[str]
    year: re.Pattern[str]
    bpm: re.Pattern[str]
    key: re.Pattern[str]
    lyric_talk: re.Pattern[str]
    lyric_lead: re.Pattern[str]
    lament: re.Pattern[str]
    remarks: Mapping[str, str]
    asked_again: str
    more: tuple[str, ...]
    decade_words: Mapping[str, Wish]
    key_names: Mapping[str, str]


@cache
def hearing(language: str) -> Hearing:
    """How `language` is read."""
    words = load_words("hearing", language)

    def pattern(name: str, flags: int = 0) -> re.Pattern[str]:
        return re.compile(words[name][0], flags)

    def pairs(name: str) -> dict[str, str]:
        return dict(entry.split(": ") for entry in words[name])

    years = pairs("decade_words").items()
    return Hearing(
        clause_ends=pattern("clause_ends"),
        decade=pattern("decade", re.IGNORECASE),
        year=pattern("year"),
        bpm=pattern("bpm", re.IGNORECASE),
        key=pattern("key"),
        lyric_talk=pattern("lyric_talk"),
        lyric_lead=pattern("lyric_lead", re.IGNORECASE),
        lament=pattern("lament"),
        remarks=pairs("remarks"),
        asked_again=words["asked_again"][0],
        more=tuple(words["more"]),
        decade_words={word: Wish("decade", float(year)) for word, year in years},
        key_names=pairs("key_names"),
    )

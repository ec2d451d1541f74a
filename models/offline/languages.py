"""The languages that the offline model speaks and understands, and the folder of each one's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ...core.errors import PromptError
from ...core.language import small_words
from ...sessions.languages import ENGLISH
from ..providers import OFFLINE_LANGUAGES
from .facts import key_of

SPANISH: Final = "Spanish"

FOLDERS: Final[Mapping[str, str]] = {ENGLISH: "", SPANISH: "es"}
"""Language -> folder within `words/`."""

SPOKEN: Final = OFFLINE_LANGUAGES

_QUOTED: Final = re.compile(r"[“\"][^“”\"]*[”\"]")


def spoken(language: str) -> str:
    """`language`, where the offline model speaks it.

    Raises:
        PromptError: it does not.
    """
    if language not in FOLDERS:
        raise PromptError(
            f"the prompt asks for {language}, and the offline model speaks {' and '.join(SPOKEN)}",
            hint="take another model for the listener and the recsys",
        )
    return language


def languages_heard(messages: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """The language of each message; where one does not tell, that of the one before it, English at first.

    Args:
        names: of tracks, artists and albums, which tell of no language, no more than what is quoted.
    """
    known = sorted({key for name in names if (key := key_of(name))}, key=len, reverse=True)
    heard: list[str] = []
    for message in messages:
        words = f" {key_of(_QUOTED.sub(' ', message))} "
        for name in known:
            words = words.replace(f" {name} ", " ")
        hits = small_words(words, SPOKEN)
        best = max(hits, key=hits.__getitem__)
        clear = sum(count == hits[best] for count in hits.values()) == 1
        heard.append(best if clear else heard[-1] if heard else ENGLISH)
    return tuple(heard)

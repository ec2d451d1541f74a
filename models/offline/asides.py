"""Asides: circumstances and own music that people mention by the way, which ask for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from functools import cache

from ...sessions.languages import ENGLISH
from .facts import key_of
from .grammar import load_words

_MASK = " … "
_SLOT = re.compile(r"\{[a-z_]+\}")
_CIRCUMSTANCES = ("doing", "when", "who", "where", "vague_when", "recalled", "body")
_QUOTATION = re.compile(r"([“\"][^“”\"]{1,90}[”\"])")


def without_asides(text: str, names: Container[str], language: str = ENGLISH) -> str:
    """`text` with its asides blanked: they are said in phrases of their own, which are never read as wishes.

    Args:
        names: keys of what may be meant by name; an aside that is one is left alone.
    """
    text = _own_music(language).sub(_MASK, text)
    parts = _QUOTATION.split(text)
    return "".join(
        part if i % 2 else _circumstances(language).sub(_unless(names), part) for i, part in enumerate(parts)
    )


def _unless(names: Container[str]) -> Callable[[re.Match[str]], str]:
    return lambda found: found[0] if key_of(found[0]) in names else _MASK


@cache
def _circumstances(language: str) -> re.Pattern[str]:
    words = load_words("life", language)
    phrases = sorted({phrase for name in _CIRCUMSTANCES for phrase in words[name]}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE)


@cache
def _own_music(language: str) -> re.Pattern[str]:
    """Sentences on the listener's own music, whatever stands in their slots."""
    return re.compile(
        "|".join(_pattern(text) for text in load_words("life", language)["taste"]), re.IGNORECASE
    )


def _pattern(text: str) -> str:
    # A slot at the beginning is not to swallow what was said before it.
    literal = [re.escape(piece) for piece in _SLOT.split(text)]
    first = r"(?:(?<=[.!?;,:] )|^)[^.!?;,:]{1,80}?" if not literal[0] else literal[0] + r".{1,80}?"
    return first + r".{1,80}?".join(literal[1:]) if len(literal) > 1 else literal[0]

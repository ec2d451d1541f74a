"""Echoes: answers that say back what was asked: a field's description or name, the instructions, another field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations
from typing import Any, Final

from ..models.request import Request

_NEAR: Final = 0.85
"""Share of words in common, in order, from which two texts say the same."""

_EXAMPLES_NEAR: Final = 0.95
"""The same between examples of what one and the same listener might say: they may be as alike as wishes are."""

_TELLING: Final = 4
"""Words from which a description inside of a value is no accident."""

_COPIED: Final = 8
"""Words in a row from which a piece of the instructions is no accident."""

_FORM: Final = re.compile(r"<answer [^>]*>\n(.*?)\n</answer>", re.DOTALL)
_FIELD: Final = re.compile(r'^(\w+): "(.*)"$', re.MULTILINE)
_BLOCK: Final = re.compile(r"<(\w+)[^>]*>.*?</\1>", re.DOTALL)
_REASON: Final = re.compile(r"reason_\d+")
_EXAMPLE: Final = re.compile(r"_example_\d+$")
_WORD: Final = re.compile(r"\w+", re.UNICODE)

Words = tuple[str, ...]


def echo_of(values: Mapping[str, Any], request: Request) -> str | None:
    """Which field of a well-formed answer is an echo, and of what; None when all are words of the model's own.

    Args:
        values: field -> value of the answer.
        request: what was asked; its data blocks (tracks, profile, talk) may be quoted.
    """
    chosen = {name for name, field in request.schema["properties"].items() if "enum" in field}
    texts = {
        name: _words(value) for name, value in values.items() if isinstance(value, str) and name not in chosen
    }
    asked = _descriptions(request)
    rules = 2 if "shared/pool.j2" in request.templates else 0  # after the pool, or before it
    copied = _instructions(request.messages[rules].text)
    for name, words in texts.items():
        if words == _words(name):
            return f"{name} only repeats the field's name; put the answer itself there"
        if any(_repeats(words, described) for described in asked):
            return f"{name} repeats the description of a field; put the answer itself there"
        if _runs(words, _COPIED) & copied:
            return f"{name} repeats the instructions; put the answer itself there"
    for (one, first), (other, second) in combinations(texts.items(), 2):
        # A judge gives a reason for each turn; what speaks for two of them may be the same.
        turns = _REASON.fullmatch(one) and _REASON.fullmatch(other)
        share = _EXAMPLES_NEAR if _EXAMPLE.search(one) and _EXAMPLE.search(other) else _NEAR
        if not turns and min(len(first), len(second)) >= _TELLING and _near(first, second, share):
            return f"{other} says the same as {one}; each field has its own content"
    return None


@lru_cache(4096)
def _words(text: str) -> Words:
    return tuple(_WORD.findall(text.casefold().replace("_", " ")))


def _descriptions(request: Request) -> list[Words]:
    """What the schema and the form at the end of the prompt say of each field."""
    told = [str(field.get("description", "")) for field in request.schema["properties"].values()]
    for form in _FORM.findall(request.messages[-1].text):
        told += [meaning for _, meaning in _FIELD.findall(form)]
    return [words for text in dict.fromkeys(told) if (words := _words(text))]


def _repeats(words: Words, described: Words) -> bool:
    if _near(words, described):
        return True
    size = len(described)
    return size >= _TELLING and any(words[at : at + size] == described for at in range(len(words) - size + 1))


def _near(one: Words, other: Words, share: float = _NEAR) -> bool:
    if one == other:
        return True
    if not one or not other or min(len(one), len(other)) / max(len(one), len(other)) < share / (2 - share):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= share


@lru_cache(256)
def _instructions(text: str) -> frozenset[Words]:
    """Every run of words of a system message that is not inside of a data block."""
    return _runs(_words(_BLOCK.sub("\n", text)), _COPIED)


def _runs(words: Words, size: int) -> frozenset[Words]:
    return frozenset(words[at : at + size] for at in range(len(words) - size + 1))

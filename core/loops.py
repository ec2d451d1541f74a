"""Loops: texts that go round in circles, as small models write them until something stops them."""

from __future__ import annotations

import re
from typing import Final

_WINDOW: Final = 48
"""Words looked at together; people repeat themselves for shorter than that."""

_STEP: Final = 12

_NEW: Final = 0.4
"""Share of different three-word runs below which a window goes round. Real answers have .8 and more."""

_TIMES: Final = 8
"""So often something stands in a row that is a loop."""
_REPEATED: Final = re.compile(rf"(.{{2,120}}?)\1{{{_TIMES - 1},}}", re.DOTALL)
_LEAST: Final = 80
"""Characters of one thing said over and over that make a loop; laughter and dashes are shorter."""

_STUCK: Final = 800
"""Characters, some 200 tokens, of a loop that goes on."""

LOOKED_AT: Final = 8000
"""Characters; a longer answer is looked at from its end."""

_WORD: Final = re.compile(r"\w+")


def loops(text: str) -> bool:
    """Whether `text` says the same over and over, word for word or nearly."""
    end = text[-LOOKED_AT:]
    if any(len(found.group()) >= _LEAST for found in _REPEATED.finditer(end)):
        return True
    words = _WORD.findall(end.casefold())
    starts = range(0, max(0, len(words) - _WINDOW) + 1, _STEP)
    return any(_goes_round(words[at : at + _WINDOW]) for at in starts)


def is_stuck(text: str) -> bool:
    """Whether a text that is still being written has gone round for so long that it will hardly end by itself.

    It never says so of a text of which `loops` does not.
    """
    end = text[-_STUCK:]
    return len(end) == _STUCK and (_is_repeated(end) or _goes_round_throughout(end)) and loops(text)


def _is_repeated(text: str) -> bool:
    return any(text[period:] == text[:-period] for period in range(1, len(text) // _TIMES + 1))


def _goes_round_throughout(text: str) -> bool:
    words = _WORD.findall(text.casefold())
    starts = range(0, len(words) - _WINDOW + 1, _STEP)
    return bool(starts) and all(_goes_round(words[at : at + _WINDOW]) for at in starts)


def _goes_round(words: list[str]) -> bool:
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return len(words) == _WINDOW and len(set(runs)) < _NEW * len(runs)

"""Answers made as long as those of the original pipeline, so that what they cost can be compared."""

from __future__ import annotations

import json
from collections.abc import Callable

from ..gemini.meter import role_of
from ..gemini.wire import Ask

CHARACTERS = {"goal": 4 * 271, "recsys": 4 * 107, "listener": 4 * 92}
"""Characters of a mean answer by role: the original's 271, 964 / 9 and 831 / 9 tokens of four characters."""


def lengthened(answerer: Callable[[Ask], str]) -> Callable[[Ask], str]:
    """The same answers with words that mean nothing after them: most in the thought, the rest in the message."""

    def answer(ask: Ask) -> str:
        text = answerer(ask)
        lacking = CHARACTERS.get(role_of(ask), 0) - len(text)
        values = json.loads(text)
        for name, share in (("message", 0.3), ("thought", 1.0)):
            if name in values and lacking > 0:
                words = _words(name[0], round(share * lacking))
                values[name] = f"{values[name]} {words}".strip()
                lacking -= len(words)
        return json.dumps(values, ensure_ascii=False)

    return answer


def _words(letter: str, length: int) -> str:
    """So many characters of words that stand nowhere else."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words.append(f"{letter}um{len(words)}")
    return " ".join(words)

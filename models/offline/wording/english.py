"""Noun phrases in English."""

from __future__ import annotations

import random
from collections.abc import Sequence


def noun_phrase(
    before: Sequence[str],
    heads: Sequence[str],
    after: Sequence[str],
    nouns: Sequence[str],
    rng: random.Random,
) -> str:
    """Qualities as one phrase.

    Args:
        before: adjectives.
        heads: kinds of music.
        after: what follows, each with its own preposition.
    """
    adjectives = ", ".join(before) if rng.random() < 0.5 else " and ".join(before)
    tail = " ".join(after)
    if heads:
        core, *others = heads
        tail = " ".join([tail, *(f"with a bit of {other}" for other in others)]).strip()
        form = rng.choice(["some {a} {h}", "a/an {a} {h} {n}", "{a} {h}", "a/an {a} {h} {n}"])
        return (
            form.format(a=adjectives, h=core, n=rng.choice(nouns)).replace("  ", " ").strip()
            + f" {tail}".rstrip()
        )
    if before:
        form = rng.choice(["something {a}", "a/an {a} {n}", "something {a}", "a/an {a} {n}", "anything {a}"])
        return form.format(a=adjectives, n=rng.choice(nouns)) + f" {tail}".rstrip()
    return rng.choice(["something", f"a {rng.choice(nouns)}", "anything", "some music"]) + f" {tail}".rstrip()


def forms_of(word: str) -> tuple[str, ...]:
    """The forms in which a word is said."""
    return (word,)


def is_loose(word: str) -> bool:
    """Whether a word stands like an adjective and is none."""
    return False

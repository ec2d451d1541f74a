"""Noun phrases in Spanish: adjectives follow their noun and agree with it."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence

_LOOSE = ("de ", "con ", "sin ", "para ", "en ", "que ")
"""How words begin that stand like an adjective and agree with nothing."""
_PLAIN = ("de ", "con ")
"""Those of them without which a word means the same."""
_ENDINGS = {"és": "esa", "án": "ana", "ín": "ina", "ón": "ona", "or": "ora", "ol": "ola", "ote": "ota"}
_ARTICLES = ("el ", "la ", "los ", "las ", "un ", "una ", "unos ", "unas ")
_MARKED = str.maketrans("áéíóú", "aeiou")


def noun_phrase(
    before: Sequence[str],
    heads: Sequence[str],
    after: Sequence[str],
    nouns: Sequence[str],
    rng: random.Random,
) -> str:
    """Qualities as one phrase.

    Args:
        before: adjectives in the masculine, and what stands like one.
        heads: kinds of music.
        after: what follows, each with its own preposition.
        nouns: with their article, `un tema`.
    """
    noun = rng.choice(list(nouns))
    if heads and noun.split(" ")[-1] in heads[0]:
        noun = "un tema"
    noun = noun if rng.random() < 0.6 else rng.choice(["algo", "cualquier cosa", "algo", "música"])
    woman = noun.startswith("una ") or noun in ("cualquier cosa", "música")
    said = _joined([feminine(word) if woman else word for word in sorted(before, key=is_loose)], rng)
    kind = [f"de {heads[0]}"] if heads else []
    if heads and not before and rng.random() < 0.3:
        noun, kind = heads[0], []
    elif noun == "música" and heads:
        noun = "algo"
        said = _joined(sorted(before, key=is_loose), rng)
    others = [f"con un toque de {other}" for other in heads[1:]]
    return " ".join(part for part in (noun, said, *kind, *after, *others) if part)


def _joined(words: Sequence[str], rng: random.Random) -> str:
    if len(words) == 2 and rng.random() < 0.3:
        return ", ".join(words)
    return " y ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def is_loose(word: str) -> bool:
    """Whether a word stands like an adjective and is none: `con alma`, which nothing can be too much of."""
    return word.startswith(_LOOSE)


def feminine(word: str) -> str:
    """An adjective as it stands beside a feminine noun."""
    if word.startswith("poco "):
        return f"poco {feminine(word.removeprefix('poco '))}"
    if is_loose(word) or " " in word:
        return word
    if word.endswith("o"):
        return f"{word[:-1]}a"
    for ending, other in _ENDINGS.items():
        if word.endswith(ending) and word not in ("mejor", "peor", "exterior", "interior"):
            return word[: -len(ending)] + other
    return word


def plural(word: str) -> str:
    """The plural of a word."""
    if word.endswith("z"):
        return f"{word[:-1]}ces"
    if word[-1:] in "aeiouáéó":
        return f"{word}s"
    return word if word.endswith("s") and word[-2:-1] not in "éáíóú" else f"{word.translate(_MARKED)}es"


def forms_of(word: str) -> tuple[str, ...]:
    """The forms in which a word is said: without its article or preposition too, of either gender, in the plural, and
    as people write it who leave accents out."""
    bare = next((word.removeprefix(lead) for lead in (*_ARTICLES, *_PLAIN) if word.startswith(lead)), word)
    forms = {word, bare}
    if " " not in bare:
        forms |= {feminine(bare), plural(bare), plural(feminine(bare))}
    elif word.startswith("poco "):
        forms |= {feminine(word), plural(word), plural(feminine(word))}
    return tuple(sorted(forms | {_unaccented(form) for form in forms}))


def _unaccented(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.replace("ñ", "\0"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("\0", "ñ")

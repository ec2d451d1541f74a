"""The criteria of a goal: written as one sentence a person can read, and read back as wishes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .facts import key_of
from .grammar import load_words, settle_articles
from .lexicon import tag_wish, theme_wish
from .understanding import Vocabulary, understand
from .wishes import Wish

LEAD = "What counts:"

_FORMS: tuple[tuple[str, str, str], ...] = (
    ("artist", "by {}", r"by (.+)"),
    ("album", 'from the album "{}"', r'from the album "(.+)"'),
    ("title", 'titled "{}"', r'titled "(.+)"'),
    ("year", "released in {}", r"released in (\d{4})"),
    ("decade", "from the {}s", r"from the (\d{4})s"),
    ("bpm", "about {} BPM", r"about (\d+) BPM"),
    ("key", "in {}", r"in ([A-G].* (?:minor|major))"),
    ("mode", "in a {} key", r"in a (minor|major) key"),
    ("chord", "a/an {} chord", r"an? (\S+) chord"),
    ("line", 'the words "{}"', r'the words "(.+)"'),
    ("theme", "words about {}", r"words about (.+)"),
    ("pace", "a {} tempo", r"a (slow|mid|fast) tempo"),
    ("known", "{} known", r"(well|little) known"),
)
_FIXED = {
    "sung none": "nobody singing",
    "sung voice": "somebody singing",
    "cover True": "a cover to look at",
}
_NUMERIC = {"year", "decade", "bpm"}
_SENTENCE = re.compile(rf"{re.escape(LEAD)} (.+?)\.?\s*$", re.DOTALL)


def write_criteria(wishes: Iterable[Wish]) -> str:
    """`wishes` as the sentence that ends a goal."""
    return f"{LEAD} {'; '.join(write_criterion(wish) for wish in wishes)}."


def write_criterion(wish: Wish) -> str:
    """One wish as a criterion."""
    fixed = _FIXED.get(f"{wish.kind} {wish.value}")
    if fixed:
        return fixed
    value = int(wish.value) if isinstance(wish.value, float) else wish.value
    forms = {kind: form for kind, form, _ in _FORMS}
    return settle_articles(forms.get(wish.kind, "{}").format(value))


@lru_cache(8_192)
def sayable(wish: Wish) -> bool:
    """True when the wish survives being written and read."""
    return read_criteria(write_criteria([wish]), None) == (wish,)


def read_criteria(goal: str, vocabulary: Vocabulary | None) -> tuple[Wish, ...]:
    """The wishes of a goal.

    A goal without the closing sentence, from a model that did not write one, is read as free text.
    """
    sentence = _SENTENCE.search(goal)
    if sentence is None:
        return understand(goal, vocabulary).wanted if vocabulary else ()
    return tuple(
        w for item in sentence.group(1).split("; ") for w in _read_criterion(item.strip(), vocabulary)
    )


def _read_criterion(item: str, vocabulary: Vocabulary | None) -> tuple[Wish, ...]:
    for key, text in _FIXED.items():
        if item == text:
            kind, value = key.split(" ")
            return (Wish(kind, True if value == "True" else value),)
    for kind, _, pattern in _FORMS:
        match = re.fullmatch(pattern, item)
        if match:
            return (_wish(kind, match.group(1)),)
    if len(item.split()) > 4 and vocabulary is not None:
        return understand(item, vocabulary).wanted
    return (tag_wish(item),) if key_of(item) else ()


def _wish(kind: str, text: str) -> Wish:
    if kind in _NUMERIC:
        return Wish(kind, float(text))
    if kind == "theme" and text in load_words("themes"):
        return theme_wish(text)
    return Wish(kind, text)

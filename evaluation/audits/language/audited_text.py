"""`AuditedText`: one message or thought, with its words made once however many audits ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from ....agents.named_tracks import EDITION

_BLANKS = bytes(code if code > 127 or chr(code).isalnum() else 32 for code in range(256))
"""Letters, digits and all that is not ASCII stay; the rest becomes blanks."""

_STRAIGHT = tuple(
    (curly.encode(), straight.encode())
    for curly, straight in zip("’‘“”„«»—–…¿¡•♪", (*'\'\'"""""--', "...", *"  --"), strict=True)
)

EXCERPT = 140
"""Characters of an excerpt."""


@lru_cache(65_536)
def key_of(text: str) -> str:
    """`text` for comparing: its words in lower case joined by blanks, without punctuation and apostrophes."""
    return _key(_straight(text).lower())


def _key(text: str) -> str:
    """The key of a text in lower case. Tables of bytes are many times as fast as expressions."""
    return _padded(text).strip()


@lru_cache(65_536)
def probe(phrase: str) -> str:
    """The longest word of a key."""
    return max(phrase.split(), key=len, default="")


def _padded(text: str) -> str:
    """The same with a blank at either end."""
    words = b" " + text.encode("utf-8", "replace").translate(_BLANKS, b"'") + b" "
    while b"  " in words:
        words = words.replace(b"  ", b" ")
    return words.decode()


def _count_words(text: str) -> int:
    # Blanks are counted many times as fast as words are split, where there is no other white space.
    if text.isascii() and text.isprintable() and "  " not in text and text[0] != " " != text[-1]:
        return text.count(" ") + 1
    return len(text.split())


def _straight(text: str) -> str:
    if text.isascii():
        return text
    # Bytes are searched many times as fast as wide characters, and what becomes ASCII is cheap ever after.
    plain = text.encode("utf-8", "replace")
    for curly, straight in _STRAIGHT:
        plain = plain.replace(curly, straight)
    return plain.decode()


def name_key(title: str) -> str:
    """The key of a title without what follows it in brackets or names its edition."""
    return key_of(EDITION.sub("", title)) or key_of(title)


class AuditedText:
    """One text. `raw` is never empty. What follows from it is made when it is first asked for.

    Attributes:
        size: words, split at white space.
        lower: in lower case.
        tokens: `lower` split at white space: what the challenge's evaluator counts.
        plain: in lower case, with straight quotation marks, apostrophes and dashes: what the rules look at.
        bare: `plain` without apostrophes: every word of `key` stands in it.
        key: its words as `key_of` has them, with a blank at either end, so that phrases are found whole.
    """

    raw: str
    size: int
    lower: str
    tokens: list[str]
    plain: str
    bare: str
    key: str

    def __init__(self, raw: str) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        # Called only for what is not there yet; a cached_property costs several times as much.
        make = _MADE.get(name)
        if make is None:
            raise AttributeError(name)
        value = make(self)
        setattr(self, name, value)
        return value

    def says(self, phrase: str) -> bool:
        """Whether the phrase (a key) stands in it, on word borders."""
        # Most texts do not have even its longest word, and then need no key.
        return probe(phrase) in self.bare and f" {phrase} " in self.key


_MADE: Mapping[str, Callable[[AuditedText], object]] = {
    "size": lambda text: _count_words(text.raw),
    "lower": lambda text: text.raw.lower(),
    "tokens": lambda text: text.lower.split(),
    "plain": lambda text: _straight(text.raw).lower(),
    "bare": lambda text: text.plain.replace("'", ""),
    "key": lambda text: _padded(text.plain),
}


def text_of(value: object) -> AuditedText | None:
    """The text, or None for what is absent or blank."""
    return AuditedText(value) if isinstance(value, str) and value.strip() else None


def excerpt(text: str, at: int = 0) -> str:
    """At most `EXCERPT` characters of `text` around the place `at`, on one line."""
    start = max(0, min(at - EXCERPT // 3, len(text) - EXCERPT))
    piece = " ".join(text[start : start + EXCERPT].split())
    return f"{'…' if start else ''}{piece}{'…' if start + EXCERPT < len(text) else ''}"


def has_any(text: str, hints: Iterable[str]) -> bool:
    """Whether one of the hints stands in the text. A plain loop: three times as fast as `any`."""
    for hint in hints:  # noqa: SIM110
        if hint in text:
            return True
    return False

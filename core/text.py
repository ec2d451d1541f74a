"""Text that any store, file and wire can hold."""

from __future__ import annotations

import re
from typing import Final

REPLACEMENT: Final = "\ufffd"
"""What stands where a character could not be kept."""

_PAIR: Final = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF_OR_NUL: Final = r"u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000)"
ESCAPE: Final = rf"\\(?:{_PAIR}|({_HALF_OR_NUL})|.)"
"""Pattern of one escape of JSON; in its group, half a surrogate pair or NUL."""

_UNKEPT: Final = re.compile("[\x00\ud800-\udfff]")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f]+")

WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
"""A word as texts are compared by: letters and digits, with apostrophes inside."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text` in lower case, without punctuation and possessive endings."""
    found = (word.casefold().replace("’", "'") for word in WORD.findall(text))
    return tuple(word.removesuffix("'s") for word in found)


def storable(text: str) -> str:
    """`text` without what UTF-8 or PostgreSQL cannot hold: surrogate pairs become the character that they mean, lone
    surrogates and NUL become U+FFFD."""
    if not _UNKEPT.search(text):
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\x00", REPLACEMENT)


def received(text: str) -> tuple[str, int]:
    """What a provider sent, `storable` and so when its JSON is read; and how many characters were replaced."""
    kept = storable(text)
    replaced = kept.count(REPLACEMENT) - text.count(REPLACEMENT)
    if "\\u" not in kept:
        return kept, replaced
    escapes = re.compile(ESCAPE, re.DOTALL)
    halves = sum(1 for escape in escapes.finditer(kept) if escape[1])
    return escapes.sub(lambda escape: r"\ufffd" if escape[1] else escape[0], kept), replaced + halves


def one_line(text: str, most: int = 600) -> str:
    """What others said, to be quoted: one line without control characters, of `most` characters or fewer."""
    line = " ".join(_CONTROLS.sub(" ", storable(text[: 4 * most])).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"

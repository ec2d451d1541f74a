"""What is looked for: words, phrases and beginnings of words. Whatever is typed means something, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .words import Word, cut, folded

_TERM: Final = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))(\*?)')

MOST_TERMS: Final = 32
"""Of one query; what comes after them is not looked for."""


@dataclass(frozen=True)
class Term:
    """Words that follow one another; one word alone in most cases.

    Attributes:
        open: whether the last of them is the beginning of a word.
    """

    words: tuple[str, ...]
    open: bool = False

    def places(self, text: Sequence[Word]) -> Iterator[tuple[int, int]]:
        """(start, end) of each place at which the term stands in a text."""
        size = len(self.words)
        for at in range(len(text) - size + 1):
            if self._stands(text[at : at + size]):
                yield text[at].start, text[at + size - 1].end

    def _stands(self, window: Sequence[Word]) -> bool:
        *before, last = self.words
        if any(word.folded != wanted for word, wanted in zip(window, before, strict=False)):
            return False
        return window[-1].folded.startswith(last) if self.open else window[-1].folded == last


@dataclass(frozen=True)
class TextQuery:
    """All of `wanted` in one text, and none of `unwanted`. Without anything wanted it finds nothing."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...] = ()

    @classmethod
    def read(cls, typed: str) -> TextQuery:
        """Words stand as they are; `"a phrase"`, `begin*` and `-without` are what else there is. Other signs only part
        words, and a quotation mark that is left open ends at the end."""
        wanted: list[Term] = []
        unwanted: list[Term] = []
        for minus, phrase, word, star in _TERM.findall(typed):
            words = tuple(folded(phrase or word))
            if words:
                term = Term(words, open=bool(star) or word.endswith("*"))
                (unwanted if minus else wanted).append(term)
        return cls(tuple(wanted[:MOST_TERMS]), tuple(unwanted[:MOST_TERMS]))

    @property
    def fts5(self) -> str:
        """As SQLite's FTS5 takes it: every word is quoted."""
        wanted = " AND ".join(map(_fts5, self.wanted))
        return wanted if not self.unwanted else f"({wanted}) NOT ({' OR '.join(map(_fts5, self.unwanted))})"

    @property
    def tsquery(self) -> str:
        """As PostgreSQL's `tsquery` takes it: every word is quoted."""
        wanted = " & ".join(map(_tsquery, self.wanted))
        return wanted if not self.unwanted else f"({wanted}) & !({' | '.join(map(_tsquery, self.unwanted))})"

    def places(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of all that is wanted in a text, in order, none within another."""
        words = list(cut(text))
        found: list[tuple[int, int]] = []
        for start, end in sorted(place for term in self.wanted for place in term.places(words)):
            if not found or start >= found[-1][1]:
                found.append((start, end))
        return found


def _fts5(term: Term) -> str:
    return '"{}"{}'.format(" ".join(term.words), " *" if term.open else "")


def _tsquery(term: Term) -> str:
    *before, last = (f"'{word}'" for word in term.words)
    return "({})".format(" <-> ".join([*before, f"{last}:*" if term.open else last]))

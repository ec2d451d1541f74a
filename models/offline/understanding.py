"""What a message asks for: wishes, refusals and changes, read from free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from .facts import WORD, TrackFacts, key_of, words_of
from .grammar import load_words
from .lexicon import RELATIVE, Terms, base_terms, theme_terms, title_terms, track_terms
from .wishes import Wish

_CLAUSES = re.compile(
    r"[.!?;:,…—–\n]+(?=\s|$)|\bbut\b|\binstead\b(?! of)"
    r"|(?<!no )(?=\bmore [a-z])|\band (?=less|no|not|more|without)"
)
_QUOTED = re.compile(r"[“\"]([^“”\"]{3,90})[”\"]")
_DECADE = re.compile(r"\b(?:(?:19|20)?([2-9])0|(20[01])0)['’]?s\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(19[2-9]\d|20[0-2]\d)\b(?!['’]?s)")
_BPM = re.compile(r"\b(\d{2,3})(?:\.\d)?[ -]?(?:bpm|beats)", re.IGNORECASE)
_KEY = re.compile(r"\b([A-G](?:#|b|♯|♭)?)[ -](minor|major)\b(?! key)")
_LYRIC_TALK = re.compile(r"\b(about|lyrics?|words?|sings?|singing|sung|mentions?|line|lines|story|verse)\b")
_LYRIC_LEAD = re.compile(
    r"\b(?:words?|goes|went|sings?|sang|sung|lyrics?|says?|lines?(?: like)?)[\s,:]*$", re.IGNORECASE
)
_DECADE_WORDS = {
    "twenties": 1920,
    "thirties": 1930,
    "forties": 1940,
    "fifties": 1950,
    "sixties": 1960,
    "seventies": 1970,
    "eighties": 1980,
    "nineties": 1990,
    "noughties": 2000,
    "two thousands": 2000,
    "twenty tens": 2010,
}
_LAMENT = re.compile(
    r"\b(?:has|had|have|there's|there is|got|hear|heard|find|found|with) no\b"
    r"|\bno .+ (?:in it|in there|there|though|in that|yet|in this)$"
    r"|\b(?:don't|didn't|can't|couldn't|cannot) (?:hear|find|catch)\b"
    r"|\b(?:lacks?|missing|isn't there|still to come)\b"
)
"""A quality named as absent is one that is wanted."""

_REMARKS = {
    "artist": "by|stay with",
    "album": "off|from",
    "title": "play",
    "year": "from|in|released",
    "line": "words|goes|sing|like",
}
"""Kinds that pick out one track, and the words before them that ask for them again all the same."""

_LONGEST = 6


@dataclass(frozen=True)
class Heard:
    """What one message asks for.

    Attributes:
        wishes: wanted and unwanted, in order of mention.
        other_artist: somebody other than the artist just played is asked for.
    """

    wishes: tuple[Wish, ...]
    other_artist: bool = False

    @property
    def wanted(self) -> tuple[Wish, ...]:
        return tuple(wish for wish in self.wishes if wish.wanted)

    @property
    def refused(self) -> tuple[Wish, ...]:
        return tuple(wish for wish in self.wishes if not wish.wanted)


@dataclass(frozen=True)
class Vocabulary:
    """The names that may come up: terms of the tracks known to whoever is listening.

    Attributes:
        heads: first words of all of them.
        heard: what was understood of a text after a track; whoever replies reads the same texts every turn.
    """

    terms: Terms
    titles: Terms
    heads: frozenset[str]
    heard: dict[tuple[str, TrackFacts | None], Heard] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, tracks: Iterable[TrackFacts]) -> Vocabulary:
        known = tuple(tracks)
        names, titles = track_terms(known), title_terms(known)
        heads = _base_heads() | {name.partition(" ")[0] for name in (*names, *titles)}
        return cls({**base_terms(), **_decades(), **names}, titles, heads)


@cache
def _base_heads() -> frozenset[str]:
    names = (*base_terms(), *_decades(), *theme_terms())
    return frozenset(name.partition(" ")[0] for name in names)


@cache
def _decades() -> Terms:
    return {word: Wish("decade", float(year)) for word, year in _DECADE_WORDS.items()}


@cache
def _negators() -> tuple[frozenset[str], frozenset[str]]:
    """Single words that deny what follows, and phrases that do."""
    lexicon = load_words("lexicon")
    single, phrases = (
        frozenset(key_of(word) for word in lexicon[n]) for n in ("negators", "negator_phrases")
    )
    return single, phrases


def understand(text: str, vocabulary: Vocabulary, last: TrackFacts | None = None) -> Heard:
    """Read `text`. `last` is the track just heard, which comparisons refer to."""
    if (text, last) not in vocabulary.heard:
        vocabulary.heard[text, last] = _understand(text, vocabulary, last)
    return vocabulary.heard[text, last]


def _understand(text: str, vocabulary: Vocabulary, last: TrackFacts | None) -> Heard:
    wishes: list[Wish] = []
    other = False
    quoted = [
        (match.group(1), bool(_LYRIC_LEAD.search(text[: match.start()]))) for match in _QUOTED.finditer(text)
    ]
    for clause in _CLAUSES.split(_QUOTED.sub(" … ", text)):
        if clause.strip():
            padded = f" {key_of(clause)} "
            other = other or any(phrase in padded for phrase in _other_artist())
            wishes += _read_clause(clause, vocabulary)
    wishes += [wish for phrase, sung in quoted for wish in _read_quoted(phrase, sung, vocabulary)]
    wishes = [wish for wish in wishes if not _only_named(wish, text, last)]
    resolved = [r for wish in wishes if (r := _resolve(wish, last)) is not None]
    return Heard(tuple(dict.fromkeys(resolved)), other)


def _only_named(wish: Wish, text: str, last: TrackFacts | None) -> bool:
    """True when the wish is a remark on what was just played, and asks for nothing."""
    if last is None or not wish.wanted or wish.kind not in _REMARKS or not wish.met_by(last):
        return False
    name = re.escape(str(int(wish.value)) if isinstance(wish.value, float) else wish.value)
    return not re.search(
        rf"\b(?:more|another|{_REMARKS[wish.kind]})(?: of| from| by)? [“\"]?{name}", text, re.IGNORECASE
    )


@cache
def _other_artist() -> tuple[str, ...]:
    return tuple(f" {key_of(phrase)} " for phrase in load_words("lexicon")["other_artist"])


def _read_quoted(phrase: str, sung: bool, vocabulary: Vocabulary) -> Iterator[Wish]:
    key = key_of(phrase)
    named = vocabulary.titles.get(key) or vocabulary.terms.get(key)
    if named is not None:
        yield named
    elif sung and len(key.split()) >= 2:
        yield Wish("line", phrase)


def _read_clause(clause: str, vocabulary: Vocabulary) -> Iterator[Wish]:
    """The wishes of one clause; from a negator on, what is named is refused."""
    denied_from = _denied_from(clause)
    for at, wish in _numbers(clause):
        yield wish if at < denied_from else wish.denied()
    about_lyrics = bool(_LYRIC_TALK.search(clause.lower()))
    spans = [match.span() for match in WORD.finditer(clause)]
    words = words_of(clause)
    index = 0
    while index < len(words):
        named, length = _longest_term(words, index, vocabulary, about_lyrics)
        if named is not None:
            relative = named.kind in RELATIVE
            yield named if relative or spans[index][0] < denied_from else named.denied()
        index += length


def _longest_term(
    words: tuple[str, ...], index: int, vocabulary: Vocabulary, about_lyrics: bool
) -> tuple[Wish | None, int]:
    if words[index] not in vocabulary.heads:
        return None, 1
    for length in range(min(_LONGEST, len(words) - index), 0, -1):
        phrase = " ".join(words[index : index + length])
        wish = vocabulary.terms.get(phrase)
        if wish is None and about_lyrics:
            wish = theme_terms().get(phrase)
        if wish is None and length >= 3:
            wish = vocabulary.titles.get(phrase)
        if wish is not None:
            return wish, length
    return None, 1


def _denied_from(clause: str) -> int:
    """Where in `clause` denial begins; beyond its end when nothing is denied."""
    single, phrases = _negators()
    lowered = clause.casefold().replace("’", "'").strip()
    if _LAMENT.search(lowered):
        return len(clause) + 1
    lowered = clause.casefold().replace("’", "'")
    starts = [at for phrase in phrases if (at := lowered.find(phrase)) >= 0]
    starts += [m.start() for m in WORD.finditer(lowered) if m.group() in single]
    return min(starts, default=len(clause) + 1)


def _numbers(clause: str) -> Iterator[tuple[int, Wish]]:
    for match in _DECADE.finditer(clause):
        yield match.start(), Wish("decade", float(_decade(match.group())))
    for match in _YEAR.finditer(clause):
        yield match.start(), Wish("year", float(match.group(1)))
    for match in _BPM.finditer(clause):
        yield match.start(), Wish("bpm", float(match.group(1)))
    for match in _KEY.finditer(clause):
        yield match.start(), Wish("key", f"{match.group(1)} {match.group(2)}")


def _decade(text: str) -> int:
    digits = "".join(filter(str.isdigit, text))
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= 30 else 2000)


def _resolve(wish: Wish, last: TrackFacts | None) -> Wish | None:
    """A comparison gets its number from the last track; without one it becomes absolute or nothing."""
    if wish.kind not in RELATIVE:
        return wish
    reference = None
    if last is not None:
        read = {"slower": last.tempo, "faster": last.tempo, "older": last.year, "newer": last.year}
        reference = read.get(wish.kind, last.popularity)
    if reference is not None:
        margin = {"slower": -4.0, "faster": 4.0}.get(wish.kind, 0.0)
        return replace(wish, value=reference + margin)
    pace = {"slower": "slow", "faster": "fast"}.get(wish.kind)
    return Wish("pace", pace) if pace else None

"""What a message asks for: wishes, refusals and changes, read from free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from ...core.text import WORD, words_of
from ...sessions.languages import ENGLISH
from .asides import without_asides
from .facts import TrackFacts, key_of
from .grammar import load_words
from .lexicon import RELATIVE, Terms, base_terms, theme_terms, title_terms, track_terms
from .wishes import Wish
from .wording.hearing import hearing

_SENTENCES = re.compile(r"(?<=[.!?…]) +|\n+")
_QUOTED = re.compile(r"[“\"]([^“”\"]{3,90})[”\"]")
_LONGEST = 6


@dataclass(frozen=True)
class Heard:
    """What one message asks for.

    Attributes:
        wishes: wanted and unwanted, in order of mention.
        other_artist: somebody other than the artist just played is asked for.
        afresh: what was asked for before is over.
    """

    wishes: tuple[Wish, ...]
    other_artist: bool = False
    afresh: bool = False

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
        broken: names that the ends of clauses would cut in pieces, and what is read in their place.
        heard: what was understood of a text after a track; whoever replies reads the same texts every turn.
    """

    terms: Terms
    titles: Terms
    heads: frozenset[str]
    broken: tuple[tuple[str, str], ...] = ()
    heard: dict[tuple[str, TrackFacts | None], Heard] = field(default_factory=dict, compare=False)
    language: str = ENGLISH
    tracks: tuple[TrackFacts, ...] = field(default=(), compare=False)
    others: dict[str, Vocabulary] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, tracks: Iterable[TrackFacts], language: str = ENGLISH) -> Vocabulary:
        known = tuple(tracks)
        names, titles = track_terms(known, language), title_terms(known)
        heads = _base_heads(language) | {name.partition(" ")[0] for name in (*names, *titles)}
        terms = {**base_terms(language), **hearing(language).decade_words, **names}
        broken = tuple(_broken(known, hearing(language).clause_ends))
        return cls(terms, titles, heads, broken, language=language, tracks=known)

    def in_language(self, language: str) -> Vocabulary:
        """The same names among the words of another language."""
        if language == self.language:
            return self
        if language not in self.others:
            self.others[language] = Vocabulary.of(self.tracks, language)
        return self.others[language]


def _broken(tracks: Iterable[TrackFacts], ends: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    names = {name for track in tracks for name in (*track.artists, track.album or "")}
    return ((name, key_of(name)) for name in sorted(names, key=len, reverse=True) if ends.search(f"{name} "))


@cache
def _base_heads(language: str) -> frozenset[str]:
    names = (*base_terms(language), *hearing(language).decade_words, *theme_terms(language))
    return frozenset(name.partition(" ")[0] for name in names)


@cache
def _negators(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Single words that deny what follows, and phrases that do."""
    lexicon = load_words("lexicon", language)
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
    language = vocabulary.language
    text = without_asides(text, vocabulary.terms, language)
    for name, key in vocabulary.broken:
        text = text.replace(name, key)
    wishes: list[Wish] = []
    other = afresh = False
    for sentence, final in _sentences(text):
        padded = f" {key_of(_QUOTED.sub(' … ', sentence))} "
        other = other or any(phrase in padded for phrase in _phrases("other_artist", language))
        afresh = afresh or any(phrase in padded for phrase in _phrases("afresh", language))
        found = _read_sentence(sentence, vocabulary)
        wishes += [w for w in found if final or not _remarked(w, padded, last, language)]
    wishes = [wish for wish in wishes if not _only_named(wish, text, last, language)]
    resolved = [r for wish in wishes if (r := _resolve(wish, last)) is not None]
    return Heard(tuple(dict.fromkeys(resolved)), other, afresh)


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """Each sentence, and whether it is the last one, which asks: those before it speak of the track just heard."""
    pieces = [piece for piece in _SENTENCES.split(text) if key_of(piece)]
    return ((piece, i == len(pieces) - 1) for i, piece in enumerate(pieces))


def _read_sentence(text: str, vocabulary: Vocabulary) -> list[Wish]:
    reads = hearing(vocabulary.language)
    quoted = [
        (match.group(1), bool(reads.lyric_lead.search(text[: match.start()])))
        for match in _QUOTED.finditer(text)
    ]
    wishes: list[Wish] = []
    for clause in reads.clause_ends.split(_QUOTED.sub(" … ", text)):
        if clause.strip():
            wishes += _read_clause(clause, vocabulary)
    return wishes + [wish for phrase, sung in quoted for wish in _read_quoted(phrase, sung, vocabulary)]


def _remarked(wish: Wish, padded: str, last: TrackFacts | None, language: str) -> bool:
    """True for what the last track has and a sentence before the request praises: nothing new is asked by it."""
    if last is None or not wish.wanted or wish.kind in RELATIVE or not wish.met_by(last):
        return False
    return not any(f" {word} " in padded for word in hearing(language).more)


def _only_named(wish: Wish, text: str, last: TrackFacts | None, language: str) -> bool:
    """True when the wish is a remark on what was just played, and asks for nothing."""
    remarks = hearing(language).remarks
    if last is None or not wish.wanted or wish.kind not in remarks or not wish.met_by(last):
        return False
    name = re.escape(str(int(wish.value)) if isinstance(wish.value, float) else wish.value)
    again = hearing(language).asked_again.replace("{words}", remarks[wish.kind]).replace("{name}", name)
    return not re.search(again, text, re.IGNORECASE)


@cache
def _phrases(name: str, language: str) -> tuple[str, ...]:
    return tuple(f" {key_of(phrase)} " for phrase in load_words("lexicon", language)[name])


def _read_quoted(phrase: str, sung: bool, vocabulary: Vocabulary) -> Iterator[Wish]:
    key = key_of(phrase)
    named = vocabulary.titles.get(key) or vocabulary.terms.get(key)
    if named is not None:
        yield named
    elif sung and len(key.split()) >= 2:
        yield Wish("line", phrase)


def _read_clause(clause: str, vocabulary: Vocabulary) -> Iterator[Wish]:
    """The wishes of one clause; from a negator on, what is named is refused."""
    about_lyrics = bool(hearing(vocabulary.language).lyric_talk.search(clause.lower()))
    spans = [match.span() for match in WORD.finditer(clause)]
    words = words_of(clause)
    named: list[tuple[int, int, Wish]] = []
    index = 0
    while index < len(words):
        wish, length = _longest_term(words, index, vocabulary, about_lyrics)
        if wish is not None:
            named.append((spans[index][0], spans[index + length - 1][1], wish))
        index += length
    denied_from = _denied_from(clause, [(start, end) for start, end, _ in named], vocabulary.language)
    for at, wish in _numbers(clause, vocabulary.language):
        # A figure in a name, such as a tag `80s pop`, is no wish of its own.
        if not any(start <= at < end for start, end, _ in named):
            yield wish if at < denied_from else wish.denied()
    for start, _, wish in named:
        yield wish if wish.kind in RELATIVE or start < denied_from else wish.denied()


def _longest_term(
    words: tuple[str, ...], index: int, vocabulary: Vocabulary, about_lyrics: bool
) -> tuple[Wish | None, int]:
    if words[index] not in vocabulary.heads:
        return None, 1
    for length in range(min(_LONGEST, len(words) - index), 0, -1):
        phrase = " ".join(words[index : index + length])
        wish = vocabulary.terms.get(phrase)
        if wish is None and about_lyrics:
            wish = theme_terms(vocabulary.language).get(phrase)
        if wish is None and length >= 3:
            wish = vocabulary.titles.get(phrase)
        if wish is not None:
            return wish, length
    return None, 1


def _denied_from(clause: str, names: Sequence[tuple[int, int]], language: str) -> int:
    """Where in `clause` denial begins; beyond its end when nothing is denied. A `no` in a name denies nothing."""
    single, phrases = _negators(language)
    lowered = clause.casefold().replace("’", "'").strip()
    if hearing(language).lament.search(lowered):
        return len(clause) + 1
    lowered = clause.casefold().replace("’", "'")
    starts = [at for phrase in phrases if (at := lowered.find(phrase)) >= 0]
    starts += [m.start() for m in WORD.finditer(lowered) if m.group() in single]
    free = [at for at in starts if not any(start <= at < end for start, end in names)]
    return min(free, default=len(clause) + 1)


def _numbers(clause: str, language: str) -> Iterator[tuple[int, Wish]]:
    reads = hearing(language)
    for match in reads.decade.finditer(clause):
        yield match.start(), Wish("decade", float(_decade(match.group())))
    for match in reads.year.finditer(clause):
        yield match.start(), Wish("year", float(match.group(1)))
    for match in reads.bpm.finditer(clause):
        yield match.start(), Wish("bpm", float(match.group(1)))
    for match in reads.key.finditer(clause):
        named = f"{match.group(1)} {match.group(2)}"
        yield match.start(), Wish("key", reads.key_names.get(named.casefold(), named))


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

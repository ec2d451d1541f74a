"""Wishes and tracks in words: the fragments that the grammars put into sentences."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...sessions.languages import ENGLISH
from ...state.criteria import key_name
from .facts import TrackFacts, key_of
from .grammar import Grammar, load_grammar, load_words
from .languages import SPANISH
from .lexicon import spelled, tag_kind, tag_wish, theme_names, with_article
from .wishes import Wish
from .wording import english, spanish

_HEADS = {"genre"}
_BEFORE = {"mood", "place", "pace", "known"}
_PHRASES = {ENGLISH: english.noun_phrase, SPANISH: spanish.noun_phrase}
_LOOSE = {ENGLISH: english.is_loose, SPANISH: spanish.is_loose}
_BARE = {
    ENGLISH: ("genre", "place", "instrument", "voice", "artist", "decade"),
    SPANISH: ("genre", "instrument", "artist"),
}
"""Kinds whose plain word can follow `more`."""


def decade_name(decade: float, rng: random.Random, exact: bool = False, language: str = ENGLISH) -> str:
    """1990 as `nineties`, `90s` or `1990s`."""
    year, words = int(decade), load_words("joints", language)
    names = {int(key): name for key, name in _pairs("decades", language)}
    if year not in names or (exact and words["decade_exact"]):
        return rng.choice([form.format(year) for form in words["decade_exact"]])
    short = words["decade_figure"][0].format(year % 100 if year < 2000 else year)
    return rng.choice([names[year], names[year], short])


def _pairs(symbol: str, language: str) -> Iterator[tuple[str, str]]:
    for entry in load_words("joints", language)[symbol]:
        key, _, value = entry.partition(": ")
        yield key, value


def key_in_words(key: str, language: str = ENGLISH) -> str:
    """A musical key as it is called: `A minor`."""
    names = dict(_pairs("keys", language))
    return names.get(key_name(key), key)


def kind_of(wish: Wish) -> str:
    """The kind under which the word files speak of a wish: a tag's own kind, or `pace_slow` and the like."""
    if wish.kind == "tag":
        return tag_kind(wish.text)
    return f"{wish.kind}_{wish.value}" if wish.kind in ("pace", "known", "sung") else wish.kind


def value_of(wish: Wish, rng: random.Random, language: str = ENGLISH) -> str:
    if wish.kind == "decade":
        return decade_name(float(wish.value), rng, language=language)
    if wish.kind == "tag":
        return spelled(wish.text, language)
    if wish.kind == "theme":
        return theme_names(language).get(key_of(wish.text), (wish.text,))[0]
    if wish.kind == "key":
        return key_in_words(wish.text, language)
    if wish.kind == "mode":
        return dict(_pairs("modes", language)).get(wish.text, wish.text)
    return str(int(wish.value)) if isinstance(wish.value, float) else wish.text


def _said(wish: Wish, rng: random.Random, language: str) -> dict[str, str]:
    value = value_of(wish, rng, language)
    return {"v": value, "av": with_article(value, language)}


def as_found(wish: Wish, track: TrackFacts) -> Wish:
    """The wish in the words of the track: where another tag of its family met it, that tag."""
    if wish.kind != "tag" or key_of(wish.text) in track.tag_keys:
        return wish
    return next((tag_wish(tag) for tag in track.tags if key_of(tag) in wish.also), wish)


def quality(wish: Wish, rng: random.Random, language: str = ENGLISH) -> str:
    """One wish as a short noun phrase, such as `the nineties` or `words about the sea`."""
    return _wish_words(language).raw(f"quality_{kind_of(wish)}", _said(wish, rng, language), rng)


def lack(wish: Wish, rng: random.Random, language: str = ENGLISH) -> str:
    """One wish as it stands after `no` or `without`."""
    return _wish_words(language).raw(f"lack_{kind_of(wish)}", _said(wish, rng, language), rng)


def describes(wish: Wish) -> bool:
    """True for a quality that a track can be said to have; names and comparisons are none."""
    return wish.kind not in (
        "artist",
        "title",
        "album",
        "cover",
        "slower",
        "faster",
        "older",
        "newer",
        "rarer",
        "bigger",
    )


def bare(wish: Wish, rng: random.Random, language: str = ENGLISH) -> str | None:
    """One wish as a plain word that can follow `more`; None when it has none."""
    return value_of(wish, rng, language) if kind_of(wish) in _BARE[language] else None


def qualities(wishes: Iterable[Wish], rng: random.Random, most: int = 2, language: str = ENGLISH) -> str:
    """Up to `most` wishes as noun phrases joined by `and`."""
    between, before_last = load_words("joints", language)["and"]
    *first, last = [quality(wish, rng, language) for wish in list(wishes)[:most]] or [""]
    return f"{between.join(first)}{before_last}{last}" if first else last


def thing(wishes: Sequence[Wish], rng: random.Random, language: str = ENGLISH) -> str:
    """All of `wishes` as one noun phrase: `a slow shoegaze song from the nineties`."""
    words = _wish_words(language)
    if rng.random() < 0.5:
        wishes = rng.sample(list(wishes), len(wishes))
    before: list[str] = []
    heads: list[str] = []
    after: list[str] = []
    for wish in wishes:
        kind, facts = kind_of(wish), _said(wish, rng, language)
        place = kind.split("_")[0]
        if kind in _HEADS:
            heads.append(facts["v"])
        elif kind.startswith("pace"):
            before.append(rng.choice(load_words("lexicon", language)[kind][:4]))
        elif f"pre_{kind}" in words and (f"post_{kind}" not in words or rng.random() < 0.6):
            before.append(words.raw(f"pre_{kind}", facts, rng))
        elif place in _BEFORE and f"post_{kind}" not in words:
            before.append(facts["v"])
        else:
            after.append(words.raw(f"post_{kind}", facts, rng))
    nouns = load_words("wishes", language)["noun"]
    return _PHRASES[language](before, heads, after, nouns, rng)


def refused_as(wish: Wish, language: str = ENGLISH) -> str:
    """The slot of a tag that is turned down: what one can be too much of, or only have."""
    if tag_kind(wish.text) != "mood":
        return "bad_kind"
    return "bad_loose" if _LOOSE[language](spelled(wish.text, language)) else "bad_mood"


def track_facts(
    track: TrackFacts, rng: random.Random, exact: bool, language: str = ENGLISH
) -> dict[str, str]:
    """Slots for talking about a track. Figures and keys come up only for an exact speaker."""
    facts = {"title": track.title, "artist": track.artist}
    for tag in rng.sample(track.tags, len(track.tags)):
        facts.setdefault(tag_kind(tag), with_article(spelled(tag, language), language))
    if track.album and key_of(track.album) != key_of(track.title):
        facts["album"] = track.album
    if track.year is not None and track.decade is not None:
        facts |= {"year": str(track.year), "decade": decade_name(track.decade, rng, exact, language)}
    if track.lines:
        facts["line"] = rng.choice(track.lines)
    if track.pace and track.pace != "mid":
        facts["pace"] = rng.choice(load_words("lexicon", language)[f"pace_{track.pace}"][:4])
    if exact and track.tempo is not None:
        facts["bpm"] = f"{track.tempo:.0f} BPM"
    if exact and track.key:
        facts["key"] = key_in_words(track.key, language)
    return facts


def own_facts(tastes: Sequence[TrackFacts], rng: random.Random, language: str = ENGLISH) -> dict[str, str]:
    """Slots for talking about the listener's own music, from one of the tracks played lately."""
    if not tastes:
        return {}
    track = rng.choice(tastes)
    facts = {"own_artist": track.artist, "own_title": track.title}
    if track.album and key_of(track.album) != key_of(track.title):
        facts["own_album"] = track.album
    genres = [tag for tag in track.tags if tag_kind(tag) == "genre"]
    return {**facts, "own_genre": spelled(rng.choice(genres), language)} if genres else facts


def life_facts(rng: random.Random, facts: dict[str, str], language: str = ENGLISH) -> dict[str, str]:
    """Slots for the small circumstances that people mention; `taste` where own music is known."""
    life = load_grammar("life", language=language)
    names = ("doing", "when", "who", "where", "vague_when", "recalled", "body", "taste")
    return {name: life.raw(name, facts, rng) for name in names if life.can(name, facts)}


def soften(wish: Wish) -> Wish | None:
    """The wish as somebody vague would put it; None when they would not mention it."""
    if wish.kind == "bpm":
        tempo = float(wish.value)
        return Wish("pace", "slow" if tempo < 92 else "fast" if tempo > 122 else "mid")
    if wish.kind == "year":
        return Wish("decade", float(int(float(wish.value)) // 10 * 10))
    if wish.kind == "key":
        return Wish("mode", wish.text.split(" ")[-1])
    if wish.kind == "line":
        words = wish.text.split()
        return replace(wish, value=" ".join(words[: max(2, len(words) // 2)]))
    return None if wish.kind in ("artist", "album", "chord", "cover") else wish


def _wish_words(language: str) -> Grammar:
    return load_grammar("wishes", language=language)

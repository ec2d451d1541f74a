"""The words that the offline model understands, as lookup tables made from the word files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from ...sessions.languages import ENGLISH
from .facts import TrackFacts, key_of
from .grammar import load_words
from .languages import SPANISH
from .wishes import Wish
from .wording import english, spanish

Terms = dict[str, Wish]

RELATIVE = ("slower", "faster", "older", "newer", "rarer", "bigger")
_KINDS = {
    "genres": "genre",
    "instruments": "instrument",
    "voices": "voice",
    "scenes": "scene",
    "places": "place",
    "matters": "matter",
    "standings": "standing",
}
_ONLY_AS_TAGS = {"matters"}
"""Everyday words, such as `family`: asked for only where some track is tagged so."""

_ERA = re.compile(r"(?:19|20)?\d0s")
_UNSAID = ("era", "unsung")
_GENRE_ENDS = (
    "rock",
    "pop",
    "metal",
    "core",
    "wave",
    "jazz",
    "folk",
    "house",
    "techno",
    "punk",
    "hop",
    "beat",
    "step",
    "blues",
    "soul",
    "disco",
    "funk",
    "country",
    "rap",
    "bop",
)


@cache
def tag_kinds() -> dict[str, str]:
    """Tag -> `genre`, `instrument`, `voice`, `scene`, `place` or `mood`."""
    kinds = {key_of(word): "mood" for words in load_words("moods").values() for word in words}
    lexicon = load_words("lexicon")
    for group, kind in _KINDS.items():
        kinds |= {key_of(word): kind for word in lexicon[group]}
    return kinds


@cache
def tag_kind(tag: str) -> str:
    """The kind of a tag; `other` when it is of no kind that we know.

    `era` is a decade, `unsung` an instrumental: both are wished for in another way, see `unsaid`.
    """
    key = key_of(tag)
    known = tag_kinds().get(key)
    if known:
        return known
    if _ERA.fullmatch(key):
        return "era"
    if key == "instrumental":
        return "unsung"
    if key.split(" ")[-1].endswith(_GENRE_ENDS):
        return "genre"
    return "instrument" if key.split(" ")[-1] in _instrument_names() else "other"


@cache
def _instrument_names() -> frozenset[str]:
    return frozenset(key_of(word) for word in load_words("lexicon")["instruments"])


_SPELLED = {"mpb": "MPB", "k-pop": "K-pop", "j-pop": "J-pop", "r&b": "R&B", "edm": "EDM", "idm": "IDM"}


def spelled(tag: str, language: str = ENGLISH) -> str:
    """A tag as it stands in a sentence: in the words of the language, places and abbreviations with capitals."""
    named = names_of(language).get(key_of(tag))
    if named:
        return named[0]
    for dated in load_words("joints", language)["dated"]:
        if found := _DATED.fullmatch(tag):
            return dated.format(decade=found[1], rest=spelled(found[2], language))
    return tag.title() if tag_kind(tag) == "place" else _SPELLED.get(tag, tag)


_DATED = re.compile(r"(\d{2,4})s (.+)")


@cache
def names_of(language: str) -> dict[str, tuple[str, ...]]:
    """Key of a tag -> what it is called, the name that is said first; empty in the language of the tags."""
    groups = load_words("names", language).items()
    return _names(entry for name, group in groups if name != "themes" for entry in group)


@cache
def theme_names(language: str) -> dict[str, tuple[str, ...]]:
    """The same of what lyrics can be about."""
    return _names(load_words("names", language).get("themes", ()))


def _names(entries: Iterable[str]) -> dict[str, tuple[str, ...]]:
    pairs = (entry.split(": ") for entry in entries)
    return {key_of(tag): tuple(named.split(" / ")) for tag, named in pairs}


_FORMS = {ENGLISH: english.forms_of, SPANISH: spanish.forms_of}


@cache
def said_as(tag: str, language: str = ENGLISH) -> tuple[str, ...]:
    """The keys under which a tag is understood."""
    named = names_of(language).get(key_of(tag)) or (spelled(tag, language),)
    return _keys(named, language)


def _keys(names: Iterable[str], language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key_of(form) for name in names for form in _FORMS[language](name)))


@cache
def _articles(language: str) -> dict[str, str]:
    return dict(entry.split(": ") for entry in load_words("lexicon", language)["articles"])


def with_article(tag: str, language: str = ENGLISH) -> str:
    """A tag as it stands after `for` or `with`: `a rainy day`, `a duet`, `late night`."""
    return _articles(language).get(tag.lower(), tag)


@cache
def family(tag: str) -> tuple[str, ...]:
    """The other words of a mood's family, as keys; empty for anything else."""
    key = key_of(tag)
    for words in load_words("moods").values():
        keys = tuple(key_of(word) for word in words)
        if key in keys:
            return keys
    return ()


def unsaid(tag: str) -> bool:
    """True for a tag that only repeats what a year or the lack of singing says."""
    return tag_kind(tag) in _UNSAID


def tag_wish(tag: str) -> Wish:
    """The wish for a tag, met by its whole family where it is a mood."""
    return Wish("tag", tag, also=family(tag))


def theme_wish(theme: str) -> Wish:
    """The wish for words about `theme`, a key of the theme file."""
    return Wish("theme", theme, also=tuple(key_of(word) for word in load_words("themes")[theme]))


@cache
def base_terms(language: str = ENGLISH) -> Terms:
    """Phrase -> wish, for all that can be asked for without knowing a single track."""
    terms: Terms = {}
    tags, lexicon = load_words("lexicon"), load_words("lexicon", language)
    for group in _KINDS.keys() - _ONLY_AS_TAGS:
        terms |= _tag_terms(tags[group], language)
    for words in load_words("moods").values():
        terms |= _tag_terms(words, language)
    for kind, values in (
        ("pace", ("slow", "mid", "fast")),
        ("known", ("well", "little")),
        ("sung", ("none", "voice")),
    ):
        for value in values:
            for word in lexicon[f"{kind}_{value}"]:
                terms |= {key_of(form): Wish(kind, value) for form in _FORMS[language](word)}
    for kind in RELATIVE:
        terms |= {key_of(form): Wish(kind, 0.0) for word in lexicon[kind] for form in _FORMS[language](word)}
    for mode in ("minor", "major"):
        terms |= {key_of(word): Wish("mode", mode) for word in lexicon[f"mode_{mode}"]}
    return terms


def _tag_terms(tags: Iterable[str], language: str) -> Terms:
    return {form: tag_wish(tag) for tag in tags for form in said_as(tag, language)}


@cache
def theme_terms(language: str = ENGLISH) -> Terms:
    """Word -> wish for words about its theme; heard only where lyrics are spoken of."""
    terms: Terms = {}
    for theme, words in load_words("themes").items():
        terms |= {key_of(word): theme_wish(theme) for word in words}
        named = theme_names(language).get(key_of(theme), (theme,))
        terms |= {form: theme_wish(theme) for form in _keys(named, language)}
    return terms


def track_terms(tracks: Iterable[TrackFacts], language: str = ENGLISH) -> Terms:
    """Phrase -> wish, for the tags, artists and albums of `tracks`."""
    terms: Terms = {}
    for track in tracks:
        terms |= _tag_terms((tag for tag in track.tags if not unsaid(tag)), language)
    for track in tracks:
        if track.album and len(key_of(track.album)) > 3:
            terms[key_of(track.album)] = Wish("album", track.album)
        terms |= {key_of(name): Wish("artist", name) for name in track.artists if key_of(name)}
    return terms


def title_terms(tracks: Iterable[TrackFacts]) -> Terms:
    """Phrase -> wish, for titles; heard only where they stand in quotation marks or are long enough."""
    return {key_of(track.title): Wish("title", track.title) for track in tracks if key_of(track.title)}


_OPPOSITES = frozenset(
    frozenset(pair)
    for pair in (
        ("calm", "fierce"), ("calm", "energetic"), ("sad", "happy"), ("sad", "festive"), ("dark", "happy"),
        ("dark", "festive"), ("fierce", "tender"), ("slow", "energetic"), ("slow", "festive"), ("fast", "calm"),
        ("little", "chart hit"), ("well", "deep cut"), ("none", "voice"), ("none", "words"),
    )
)  # fmt: skip
_SINGLE = ("decade", "year", "bpm", "pace", "key", "mode", "known", "sung")
"""Kinds of which a track has one value."""

_DECADE_IN_TAG = re.compile(r"\b(?:19|20)?([0-9])0s\b")


@cache
def _senses(wish: Wish) -> frozenset[str]:
    """What a wish comes to when it is held against another: its mood's family, its pace and the like."""
    if wish.kind in ("line", "theme"):
        return frozenset({"words"})
    if wish.kind != "tag":
        return frozenset({wish.text}) if wish.kind in ("pace", "known", "sung") else frozenset()
    keys = set(family(wish.text))
    named = {name for name, words in load_words("moods").items() if {key_of(word) for word in words} & keys}
    return frozenset({key_of(wish.text), *named} | ({"voice"} if tag_kind(wish.text) == "voice" else set()))


def clash(one: Wish, other: Wish) -> bool:
    """Whether nothing should be asked to be both, such as of the nineties and of 2014, or slow and energetic."""
    if one.kind == other.kind and one.kind in _SINGLE:
        return one.value != other.value
    decades = {_decade(one), _decade(other)} - {None}
    if len(decades) == 2:
        return True
    return any(frozenset((a, b)) in _OPPOSITES for a in _senses(one) for b in _senses(other))


def repeats(one: Wish, other: Wish) -> bool:
    """Whether one of them says what the other says already: a year its decade, a key its mode, a tempo its pace."""
    if one.kind == other.kind == "tag":
        return key_of(other.text) in (key_of(one.text), *one.also) or key_of(other.text) in key_of(one.text)
    pairs = ({"year", "decade"}, {"key", "mode"}, {"bpm", "pace"}, {"line", "theme"})
    return {one.kind, other.kind} in pairs or one.same_as(other)


def _decade(wish: Wish) -> int | None:
    if wish.kind in ("decade", "year"):
        return int(float(wish.value)) // 10 % 10
    found = _DECADE_IN_TAG.search(wish.text) if wish.kind == "tag" else None
    return int(found[1]) if found else None

"""The words that the offline model understands, as lookup tables made from the word files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from .facts import TrackFacts, key_of
from .grammar import load_words
from .wishes import Wish

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


def spelled(tag: str) -> str:
    """A tag as it stands in a sentence: places and abbreviations with capitals."""
    return tag.title() if tag_kind(tag) == "place" else _SPELLED.get(tag, tag)


@cache
def _articles() -> dict[str, str]:
    return dict(entry.split(": ") for entry in load_words("lexicon")["articles"])


def with_article(tag: str) -> str:
    """A tag as it stands after `for` or `with`: `a rainy day`, `a duet`, `late night`."""
    return _articles().get(tag.lower(), tag)


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
def base_terms() -> Terms:
    """Phrase -> wish, for all that can be asked for without knowing a single track."""
    terms: Terms = {}
    lexicon = load_words("lexicon")
    for group in _KINDS.keys() - _ONLY_AS_TAGS:
        terms |= {key_of(word): tag_wish(word) for word in lexicon[group]}
    for words in load_words("moods").values():
        terms |= {key_of(word): tag_wish(word) for word in words}
    for kind, values in (
        ("pace", ("slow", "mid", "fast")),
        ("known", ("well", "little")),
        ("sung", ("none", "voice")),
    ):
        for value in values:
            terms |= {key_of(word): Wish(kind, value) for word in lexicon[f"{kind}_{value}"]}
    for kind in RELATIVE:
        terms |= {key_of(word): Wish(kind, 0.0) for word in lexicon[kind]}
    terms |= {"minor key": Wish("mode", "minor"), "major key": Wish("mode", "major")}
    return terms


@cache
def theme_terms() -> Terms:
    """Word -> wish for words about its theme; heard only where lyrics are spoken of."""
    terms: Terms = {}
    for theme, words in load_words("themes").items():
        terms |= {key_of(word): theme_wish(theme) for word in words}
        terms[key_of(theme)] = theme_wish(theme)
    return terms


def track_terms(tracks: Iterable[TrackFacts]) -> Terms:
    """Phrase -> wish, for the tags, artists and albums of `tracks`."""
    terms: Terms = {}
    for track in tracks:
        terms |= {key_of(tag): tag_wish(tag) for tag in track.tags if not unsaid(tag)}
    for track in tracks:
        if track.album and len(key_of(track.album)) > 3:
            terms[key_of(track.album)] = Wish("album", track.album)
        terms |= {key_of(name): Wish("artist", name) for name in track.artists if key_of(name)}
    return terms


def title_terms(tracks: Iterable[TrackFacts]) -> Terms:
    """Phrase -> wish, for titles; heard only where they stand in quotation marks or are long enough."""
    return {key_of(track.title): Wish("title", track.title) for track in tracks if key_of(track.title)}

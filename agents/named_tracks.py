"""Tracks that a reply names: by their titles, and by their artists where it names nothing of the track that is played.

Pure functions on texts. Made for precision: what reads as ordinary words is no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from typing import Final, NamedTuple, Self

from ..core.language import language_of
from ..core.text import WORD
from ..state.criteria import comparable
from ..state.values import TrackCard

EDITION: Final = re.compile(
    r"\s*[\(\[][^\)\]]*[\)\]]|\s+[-–—]\s+[^-–—]*\b(?:remaster(?:ed)?|version|edit|mix|live|mono|stereo|single)\b.*$",
    re.IGNORECASE,
)
"""What follows a title in brackets, or names its edition."""

QUOTED: Final = re.compile(
    r"[“„\"«『「]([^”“\"»』」]{1,120})[”“\"»』」]|(?<!\w)[‘']([^’‘']{1,120})[’'](?!\w)"
)
"""What stands in quotation marks: one of two groups."""


_WORDS: Final = 3
"""Words of a title from which it stands for itself when it is written as titles are."""

_LONG: Final = 12
"""Letters of such a title."""

_SMALL: Final = 5
"""Words of a title in small letters, for the same."""

_GERMAN: Final = "German"

_NAME: Final = 5
"""Letters of an artist's name of one word, and of a word that stands for a name of several."""


@dataclass(frozen=True)
class NamedTrack:
    """What a track is called, and what else its card says in words."""

    title: str
    artists: tuple[str, ...] = ()
    album: str = ""
    tags: tuple[str, ...] = ()
    lyrics: str = ""

    @classmethod
    def of(cls, card: TrackCard) -> Self:
        """What a card says."""
        return cls(card.title, card.artists, card.album or "", card.tags, card.lyrics or "")

    @property
    def names(self) -> str:
        """All of it in one text."""
        return " | ".join((self.title, *self.artists, self.album, *self.tags, self.lyrics))


class OtherNamed(NamedTuple):
    """A track that is named, and the name that was used: its title, or an artist's.

    Attributes:
        beside: whether something of the track that is played is named, too.
    """

    track: NamedTrack
    name: str
    beside: bool = False

    @property
    def by_title(self) -> bool:
        return self.name == self.track.title


def other_named(
    reply: str, picked: NamedTrack, others: Iterable[NamedTrack], known: Sequence[str] = ()
) -> OtherNamed | None:
    """Another track that the reply names instead of the one played, or beside it; None where it names none.

    Args:
        others: tracks that might have been played in its place.
        known: what may be spoken of: what the listener said and likes, the names of tracks played before.
    """
    read, others = _Reply(reply), tuple(others)
    allowed = _allowed(picked.names, *known)
    if found := _titled(read, others, allowed):
        rest = read.but(bare_title(found.title), *found.artists)
        return OtherNamed(found, found.title, names_track(rest, picked))
    speaks = ((track, read.artist(track, allowed)) for track in others)
    return next(
        (OtherNamed(t, name) for t, name in speaks if name and not names_track(read.but(name), picked)), None
    )


def title_named(text: str, tracks: Iterable[NamedTrack], known: Sequence[str] = ()) -> NamedTrack | None:
    """The track whose title a text says; None where it says none, or only what stands in `known`."""
    return _titled(_Reply(text), tuple(tracks), _allowed(*known))


def _titled(read: _Reply, tracks: Sequence[NamedTrack], allowed: str) -> NamedTrack | None:
    for track in tracks:
        title = bare_title(track.title)
        if _within(title, allowed) or not _within(title, read.words):
            continue
        if read.quotes(track) or (read.writes(track) and not _is_a_name(title, tracks)):
            return track
    return None


def _allowed(*texts: str) -> str:
    return _padded(" | ".join(texts))


def names_track(reply: str, track: NamedTrack) -> bool:
    """Whether the reply names the track: its title, album or artist, or a long word of the artist's name."""
    words = _padded(reply)
    known = [bare_title(track.title), _key(track.album), *map(_key, track.artists)]
    parts = [part for name in track.artists for part in _key(name).split() if len(part) >= _NAME]
    return any(_within(name, words) for name in (*known, *parts))


def _is_a_name(title: str, tracks: Sequence[NamedTrack]) -> bool:
    """Whether it is also what an artist, an album or a tag is called."""
    names = (name for track in tracks for name in (*track.artists, track.album, *track.tags))
    return any(_key(name) == title for name in names)


_key = lru_cache(65_536)(comparable)


@lru_cache(65_536)
def bare_title(title: str) -> str:
    """A title's words without its edition."""
    return comparable(_bare(title))


@lru_cache(65_536)
def _bare(title: str) -> str:
    """With the edition where nothing else is left."""
    bare = EDITION.sub("", title)
    return bare if WORD.search(bare) else title


class _Reply:
    """A reply: its words to compare, its words as they are written, what stands in quotation marks."""

    def __init__(self, text: str) -> None:
        marked = [one or other for one, other in QUOTED.findall(text)]
        self.words = _padded(text)
        self._written = _spaced(text)
        self._unquoted = QUOTED.sub(" , ", text)
        self._quoted = {comparable(one) for one in marked} | {bare_title(one) for one in marked}
        self._marked = {_spaced(_bare(one)) for one in marked}

    @cached_property
    def _writes_nouns_large(self) -> bool:
        """Whether capitals tell no names, as in German: there only what is quoted is a title."""
        return language_of(self._unquoted) == _GERMAN

    def but(self, *names: str) -> str:
        """Its words without these names."""
        return reduce(lambda words, name: words.replace(f" {_key(name)} ", "  "), names, self.words)

    def quotes(self, track: NamedTrack) -> bool:
        """Whether the title stands in quotation marks; one of a single word as it is written."""
        title = bare_title(track.title)
        return title in self._quoted and (" " in title or _spaced(_bare(track.title)) in self._marked)

    def writes(self, track: NamedTrack) -> bool:
        """Whether the title stands there as titles are written, and is too long for ordinary words, or beside its
        artist."""
        title = _bare(track.title)
        words = WORD.findall(title)
        if len(words) < 2 or _spaced(title) not in self._written or self._writes_nouns_large:
            return False
        capitals = sum(not word[0].islower() for word in words)
        if any(_within(_key(name), self.words) for name in track.artists):
            return capitals >= 1
        long = len("".join(words)) >= _LONG
        return long and ((len(words) >= _WORDS and capitals >= 2) or (len(words) >= _SMALL and capitals >= 1))

    def artist(self, track: NamedTrack, allowed: str) -> str | None:
        """The artist of a track that is named as names are written, outside of quotation marks."""
        return next((n for n in track.artists if not _within(_key(n), allowed) and self._names(n)), None)

    def _names(self, artist: str) -> bool:
        words = WORD.findall(artist)
        if not words or words[0][0].islower() or _spaced(artist) not in self._written:
            return False
        if self._writes_nouns_large:
            return False
        if len(words) > 1:
            return _spaced(artist) in _spaced(self._unquoted)
        # One word: no part of a longer name, and not the first of a sentence, which is written like a name.
        alone = rf"(?:\b[^\W\dA-Z_][^\WA-Z_]*|[,(–—])\s+{re.escape(words[0])}(?:['’]s)?(?!\s+[A-Z])(?![\w-])"
        return len(words[0]) >= _NAME and re.search(alone, self._unquoted) is not None


def _spaced(text: str) -> str:
    return f" {' '.join(WORD.findall(text))} "


def _padded(text: str) -> str:
    return f" {' '.join(filter(None, map(comparable, text.split(' | '))))} "


def _within(name: str, words: str) -> bool:
    return bool(name) and f" {name} " in words

"""`Wish`: one quality a listener may ask for, and whether a track has it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ...state.criteria import key_name
from .facts import TrackFacts, key_of

WEIGHTS = {
    "title": 5.0,
    "artist": 3.0,
    "album": 2.6,
    "line": 2.6,
    "year": 2.0,
    "theme": 1.6,
    "tag": 1.4,
    "key": 1.3,
    "decade": 1.3,
    "bpm": 1.2,
    "pace": 1.0,
    "known": 1.0,
    "chord": 0.8,
    "sung": 0.8,
    "mode": 0.6,
    "cover": 0.3,
    "slower": 1.6,
    "faster": 1.6,
    "older": 1.6,
    "newer": 1.6,
    "rarer": 1.4,
    "bigger": 1.4,
}
"""How much a wish of each kind counts; the more exactly it picks tracks out, the more."""

PACES = {"slow": (0.0, 92.0), "mid": (92.0, 122.0), "fast": (122.0, math.inf)}
"""Bounds in beats a minute, both within."""


@dataclass(frozen=True)
class Wish:
    """A quality: `kind` is a key of `WEIGHTS`, `value` its text or number.

    `slower` to `bigger` compare with a number: below or above that tempo, year or popularity.
    """

    kind: str
    value: str | float
    wanted: bool = True
    also: tuple[str, ...] = ()

    def denied(self) -> Wish:
        return replace(self, wanted=False)

    @property
    def weight(self) -> float:
        return WEIGHTS[self.kind]

    @property
    def text(self) -> str:
        return str(self.value)

    def met_by(self, track: TrackFacts) -> bool:
        """True when the track is known to have the quality, whether or not it is wanted."""
        return _TESTS[self.kind](track, self)

    def told_of(self, track: TrackFacts) -> bool:
        """Whether the track's data can say if it has the quality; what a cover shows, no data can."""
        return any(getattr(track, name) not in (None, ()) for name in _TELLING.get(self.kind, ("title",)))

    def same_as(self, other: Wish) -> bool:
        return self.kind == other.kind and self.value == other.value


def met(wishes: Iterable[Wish], track: TrackFacts) -> tuple[Wish, ...]:
    """Those wishes that the track meets: it has what is wanted, or lacks what is not."""
    return tuple(wish for wish in wishes if wish.met_by(track) is wish.wanted)


_TELLING: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("bpm", "pace", "slower", "faster"), ("tempo",)),
    **dict.fromkeys(("year", "decade", "older", "newer"), ("year",)),
    **dict.fromkeys(("known", "rarer", "bigger"), ("popularity",)),
    **dict.fromkeys(("line", "theme"), ("lyrics",)),
    **dict.fromkeys(("key", "mode"), ("key",)),
    "tag": ("tags",),
    "album": ("album",),
    "chord": ("chords",),
    "sung": ("lyrics", "tags"),
    "cover": (),
}
"""Kind of wish -> the data any of which tells of it; titles and artists are always there."""


def _number(wish: Wish) -> float:
    return float(wish.value)


def _near(track: TrackFacts, wish: Wish) -> bool:
    return track.tempo is not None and abs(track.tempo - _number(wish)) <= round(
        max(5.0, _number(wish) * 0.06), 1
    )


def _paced(track: TrackFacts, wish: Wish) -> bool:
    """At a border between two paces a track has both."""
    low, high = PACES[wish.text]
    return track.tempo is not None and low <= track.tempo <= high


def _tagged(track: TrackFacts, wish: Wish) -> bool:
    asked = (key_of(wish.text), *wish.also)
    return any(name in track.tag_keys for name in asked)


def _themed(track: TrackFacts, wish: Wish) -> bool:
    return any(f" {word} " in track.lyric_text for word in (key_of(wish.text), *wish.also))


def _renowned(track: TrackFacts, wish: Wish) -> bool:
    if track.popularity is None:
        return False
    return track.popularity >= 60 if wish.value == "well" else track.popularity <= 30


def _same(names: Iterable[str | None], wish: Wish) -> bool:
    return any(name is not None and key_of(name) == key_of(wish.text) for name in names)


def _below(read: Callable[[TrackFacts], float | None]) -> Callable[[TrackFacts, Wish], bool]:
    return lambda track, wish: (value := read(track)) is not None and value < _number(wish)


def _above(read: Callable[[TrackFacts], float | None]) -> Callable[[TrackFacts, Wish], bool]:
    return lambda track, wish: (value := read(track)) is not None and value > _number(wish)


_TESTS: dict[str, Callable[[TrackFacts, Wish], bool]] = {
    "tag": _tagged,
    "artist": lambda track, wish: _same(track.artists, wish),
    "album": lambda track, wish: _same((track.album,), wish),
    "title": lambda track, wish: _same((track.title,), wish),
    "year": lambda track, wish: track.year == wish.value,
    "decade": lambda track, wish: track.decade == wish.value,
    "bpm": _near,
    "pace": _paced,
    "key": lambda track, wish: track.key is not None and key_name(track.key) == key_name(wish.text),
    "mode": lambda track, wish: track.mode == wish.value,
    "chord": lambda track, wish: wish.value in track.chords,
    "line": lambda track, wish: f" {key_of(wish.text)} " in track.lyric_text,
    "theme": _themed,
    "known": _renowned,
    "sung": lambda track, wish: (
        bool(track.lyrics) if wish.value == "voice" else "instrumental" in track.tag_keys
    ),
    "cover": lambda track, wish: track.cover,
    "slower": _below(lambda track: track.tempo),
    "faster": _above(lambda track: track.tempo),
    "older": _below(lambda track: track.year),
    "newer": _above(lambda track: track.year),
    "rarer": _below(lambda track: track.popularity),
    "bigger": _above(lambda track: track.popularity),
}

"""Requests in the words of a track's own data, as somebody might ask for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

from ....state.values import TrackCard
from ...retrieval.words import decade_of

_LYRICS: Final = (3, 7)
"""Words of what is sung that are quoted, from and below."""
_TEMPOS: Final = ((0.0, "slow, {}"), (90.0, "medium tempo, {}"), (120.0, "fast, {}"))
"""From so many beats a minute on, how a tempo is called; the number stands beside the word."""
_MOST: Final = 3
"""Things that one request names."""
_FORMS: Final = ("{}", "{}", "something {}", "something with {}", "I want {}", "{} please", "more like {}")


def request_for(card: TrackCard, rng: random.Random) -> str:
    """One to three things that are true of a track, in an order and a form that are drawn."""
    facts = [fact for make in _FACTS for fact in make(card, rng)]
    told = rng.sample(facts, min(len(facts), rng.randint(1, _MOST)))
    return rng.choice(_FORMS).format(", ".join(told))


def _title(card: TrackCard, _: random.Random) -> Sequence[str]:
    return (card.title,)


def _artist(card: TrackCard, rng: random.Random) -> Sequence[str]:
    return (f"{rng.choice(('by ', 'from ', '', ''))}{rng.choice(card.artists)}",)


def _album(card: TrackCard, _: random.Random) -> Sequence[str]:
    return (card.album,) if card.album else ()


def _tags(card: TrackCard, rng: random.Random) -> Sequence[str]:
    return rng.sample(card.tags, min(len(card.tags), 2))


def _time(card: TrackCard, rng: random.Random) -> Sequence[str]:
    if not card.release_date:
        return ()
    year = card.release_date[:4]
    return (
        rng.choice((year, f"the {decade_of(card.release_date)}", f"the {year[2]}0s", f"the {year[:3]}0s")),
    )


def _sound(card: TrackCard, rng: random.Random) -> Sequence[str]:
    told = [f"in {card.key}"] if card.key else []
    told += [f"the chord {rng.choice(card.chords)}"] if card.chords else []
    if card.tempo:
        word = next(form for begin, form in reversed(_TEMPOS) if card.tempo >= begin)
        told.append(word.format(f"{card.tempo:.0f} BPM"))
    return told


def _lyrics(card: TrackCard, rng: random.Random) -> Sequence[str]:
    words = (card.lyrics or "").split()
    if not words:
        return ()
    begin = rng.randrange(len(words))
    return (" ".join(words[begin : begin + rng.randrange(*_LYRICS)]),)


_FACTS: Final[Sequence[Callable[[TrackCard, random.Random], Sequence[str]]]] = (
    _title,
    _artist,
    _album,
    _tags,
    _time,
    _sound,
    _lyrics,
)

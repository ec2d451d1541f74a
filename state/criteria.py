"""Criteria: what makes a track a right one, as predicates over its card that code can decide.

A closed language in normal form: all clauses must hold, a clause holds where one of its tests does, a test may be
denied. It is written in one line, `tag: trip hop | downtempo; year: 1990..1999; not artist: Portishead`, and read back
to the same value. What a card does not say is neither met nor missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, Self

from pydantic import model_validator

from ..core.text import words_of
from .values import TrackCard, Value

Field = Literal[
    "track", "title", "artist", "album", "tag", "key", "mode", "chord", "lyrics", "language",
    "year", "tempo", "popularity", "duration", "audio", "cover",
]  # fmt: skip
"""`track`: its id. `lyrics`: words or a phrase in what is shown of them. `tempo`: beats a minute. `popularity`:
percent. `duration`: seconds. `audio`, `cover`: `yes` where there is one."""

NUMBERS: Final = ("year", "tempo", "popularity", "duration")
PRESENCE: Final = ("audio", "cover")

_YEAR: Final = re.compile(r"\d{4}")


@lru_cache(maxsize=1 << 14)
def comparable(text: str) -> str:
    """`text` as criteria compare it: its words in lower case joined by blanks; itself where it has none."""
    return " ".join(words_of(text)) or text.strip().casefold()


def key_name(key: str) -> str:
    """A key as criteria compare it: `A# minor` is not `A minor`."""
    return " ".join(key.casefold().split())


class Predicate(Value):
    """One thing that a card can be asked.

    Attributes:
        value: a text; None for a field that is a number.
        low, high: bounds of a number, both within; None where it is open.
        negated: whether the track must not have it.
    """

    field: Field
    value: str | None = None
    low: float | None = None
    high: float | None = None
    negated: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.value is None) != (self.field in NUMBERS):
            raise ValueError(f"{self.field} takes {'a number' if self.field in NUMBERS else 'a text'}")
        if self.field in NUMBERS and self.low is None and self.high is None:
            raise ValueError(f"{self.field} needs a bound")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.field}: {self.low:g} is above {self.high:g}")
        if self.field in PRESENCE and self.value != "yes":
            raise ValueError(f"{self.field} takes yes; write `not {self.field}: yes` for the contrary")
        if self.value is not None and not self.value.strip():
            raise ValueError(f"{self.field} is empty")
        return self

    def met_by(self, card: TrackCard) -> bool | None:
        """Whether the track has what is asked, or lacks what is not wanted; None where its card does not say."""
        found = _within(self, card) if self.field in NUMBERS else _TEXTS[self.field](card, self.value or "")
        return found if found is None else found is not self.negated


class Clause(Value):
    """Alternatives, one of which must hold."""

    any_of: tuple[Predicate, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(test.field for test in self.any_of))

    def met_by(self, card: TrackCard) -> bool | None:
        """Whether an alternative holds; None where none does and the card is silent on one."""
        return _any(test.met_by(card) for test in self.any_of)


class Criteria(Value):
    """Everything that a right track must meet, what matters most first."""

    all_of: tuple[Clause, ...]

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.all_of or not all(clause.any_of for clause in self.all_of):
            raise ValueError("criteria without a test are met by everything")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that they look at, once each."""
        return tuple(dict.fromkeys(field for clause in self.all_of for field in clause.fields))

    def met_by(self, card: TrackCard) -> bool | None:
        """Whether the track is a right one; None where its card does not say enough."""
        found = _any(_not(clause.met_by(card)) for clause in self.all_of)
        return _not(found)

    def satisfying(self, cards: Iterable[TrackCard]) -> tuple[str, ...]:
        """Ids of the tracks that are known to be right ones, in their order."""
        return tuple(card.track_id for card in cards if self.met_by(card))


def carried(field: str, card: TrackCard) -> bool:
    """Whether the card says anything of that field."""
    return _CARRIED[field](card)


def _any(found: Iterable[bool | None]) -> bool | None:
    """Kleene's or: True where one is, None where none is and one is unknown."""
    unknown = False
    for one in found:
        if one:
            return True
        unknown = unknown or one is None
    return None if unknown else False


def _not(found: bool | None) -> bool | None:
    return None if found is None else not found


def year_of(card: TrackCard) -> int | None:
    """The year of the release; None where no date is known."""
    found = _YEAR.match(card.release_date or "")
    return int(found.group()) if found else None


def _number(field: str, card: TrackCard) -> float | None:
    if field == "year":
        return year_of(card)
    return {"tempo": card.tempo, "popularity": card.popularity, "duration": card.duration}[field]


def _within(test: Predicate, card: TrackCard) -> bool | None:
    found = _number(test.field, card)
    if found is None:
        return None
    return (test.low is None or found >= test.low) and (test.high is None or found <= test.high)


def _equal(names: Sequence[str | None]) -> Callable[[str], bool | None]:
    there = {comparable(name) for name in names if name is not None}
    return lambda value: comparable(value) in there if there else None


def _sung(card: TrackCard, value: str) -> bool | None:
    if card.lyrics is None:
        return None
    return f" {comparable(value)} " in f" {comparable(card.lyrics)} "


def _mode(card: TrackCard, value: str) -> bool | None:
    if card.key is None:
        return None
    return comparable(value) in comparable(card.key).split()


def _there(field: str) -> Callable[[TrackCard, str], bool | None]:
    return lambda card, value: _CARRIED[field](card)


_TEXTS: Mapping[str, Callable[[TrackCard, str], bool | None]] = {
    "track": lambda card, value: card.track_id == value,
    "title": lambda card, value: _equal([card.title])(value),
    "artist": lambda card, value: _equal(card.artists)(value),
    "album": lambda card, value: _equal([card.album])(value),
    "tag": lambda card, value: _equal(card.tags)(value),
    "key": lambda card, value: None if card.key is None else key_name(card.key) == key_name(value),
    "mode": _mode,
    "chord": lambda card, value: value in card.chords if card.chords else None,
    "lyrics": _sung,
    "language": lambda card, value: _equal([card.language])(value),
    "audio": _there("audio"),
    "cover": _there("cover"),
}

_CARRIED: Mapping[str, Callable[[TrackCard], bool]] = {
    **{field: (lambda card: True) for field in ("track", "title", "artist")},
    "album": lambda card: card.album is not None,
    "tag": lambda card: bool(card.tags),
    "key": lambda card: card.key is not None,
    "mode": lambda card: card.key is not None,
    "chord": lambda card: bool(card.chords),
    "lyrics": lambda card: card.lyrics is not None,
    "language": lambda card: card.language is not None,
    "year": lambda card: year_of(card) is not None,
    "tempo": lambda card: card.tempo is not None,
    "popularity": lambda card: card.popularity is not None,
    "duration": lambda card: card.duration is not None,
    "audio": lambda card: card.audio is not None,
    "cover": lambda card: card.image is not None,
}

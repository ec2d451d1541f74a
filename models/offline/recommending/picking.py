"""Which track the recommender picks: what was asked for last counts first, then what still stands, then taste."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ....sessions.languages import ENGLISH
from ..facts import TrackFacts, key_of
from ..lexicon import clash
from ..understanding import Heard, Vocabulary, understand
from ..wishes import Wish, met

_FADE = 0.7
"""How much of an earlier request still counts one turn later."""
_REFUSED = 1.6
_REFUSED_FADE = 0.6
"""How much of a refusal still counts one turn later."""
_LEFT = 6.0
_SAME_ARTIST = 0.4
_PLAYED_BEFORE = 0.9
_NOISE = 0.08


@dataclass(frozen=True)
class Shelf:
    """What the recommender knows at its turn.

    Attributes:
        requests: all messages of the listener, the present one last.
        played: the tracks played so far, in order.
        taste: words of the profile that describe taste, as keys.
        required: the id of the track that has to be played this time, if any.
        languages: that each request is in; English where it is not said.
        last_heard: of each request, the track that was last when it was made.
    """

    pool: tuple[TrackFacts, ...]
    requests: tuple[str, ...]
    played: tuple[TrackFacts, ...]
    taste: tuple[str, ...]
    vocabulary: Vocabulary
    required: str | None = None
    languages: tuple[str, ...] = ()
    last_heard: tuple[TrackFacts | None, ...] = ()

    @property
    def open(self) -> tuple[TrackFacts, ...]:
        if self.required is not None:
            return tuple(track for track in self.pool if track.track_id == self.required)
        used = {track.track_id for track in self.played}
        return tuple(track for track in self.pool if track.track_id not in used)

    def heard_before(self, index: int) -> TrackFacts | None:
        """The track that was last when the request of that index was made."""
        before = self.last_heard or (None, *self.played)
        return before[min(index, len(before) - 1)]

    @property
    def language(self) -> str:
        """In which the present request is put, and is answered."""
        return self.languages[-1] if self.languages else ENGLISH

    @property
    def last(self) -> TrackFacts | None:
        return self.played[-1] if self.played else None


def hear(shelf: Shelf) -> tuple[Heard, ...]:
    """Every request since the last that began afresh, read against the track that was last when it was made."""
    languages = shelf.languages or (ENGLISH,) * len(shelf.requests)
    heard = tuple(
        understand(text, shelf.vocabulary.in_language(language), shelf.heard_before(i))
        for i, (text, language) in enumerate(zip(shelf.requests, languages, strict=True))
    )
    begun = max((i for i, message in enumerate(heard) if message.afresh), default=0)
    return heard[begun:]


def standing(heard: Sequence[Heard]) -> tuple[tuple[Wish, int], ...]:
    """All wishes with their age in turns, the latest first, without those that a later one refuses or rules out."""
    found: list[tuple[Wish, int]] = []
    for age, message in enumerate(reversed(heard)):
        later = [wish for wish, since in found if since < age]
        found += [
            (wish, age)
            for wish in message.wishes
            if not any(
                wish.same_as(other) or (wish.wanted and other.wanted and clash(wish, other))
                for other in later
            )
        ]
    return tuple(found)


def pick(shelf: Shelf, heard: Sequence[Heard], rng: random.Random) -> TrackFacts:
    """The open track that has most of what was asked for last; among equals the one that meets most of what stands."""
    rarity = _rarity(shelf.pool)
    left, wishes = _left(shelf, heard), standing(heard)
    noise = [_NOISE * rng.random() for _ in shelf.open]
    scored = [
        (
            _met_now(track, heard[-1], left, _fresh(track, heard[-1], wishes, shelf)),
            _weighed(track, wishes, rarity)
            + _taste(track, shelf, known=bool(wishes))
            - _stale(track, heard[-1], shelf)
            - left.get(key_of(track.artist), 0.0)
            + extra,
        )
        for track, extra in zip(shelf.open, noise, strict=True)
    ]
    return shelf.open[max(range(len(scored)), key=scored.__getitem__)]


def _met_now(track: TrackFacts, now: Heard, left: dict[str, float], fresh: bool) -> tuple[bool, int, bool]:
    """Whether the track is by another hand than was just left, and how many of the present wishes it meets, that for
    somebody new among them."""
    names = {key_of(name) for name in track.artists}
    just_left = {name for name, penalty in left.items() if penalty >= _LEFT}
    return not (names & just_left), len(met(now.wishes, track)) + fresh, fresh


def _fresh(track: TrackFacts, now: Heard, wishes: Iterable[tuple[Wish, int]], shelf: Shelf) -> bool:
    """Whether somebody else is asked for, the track is by nobody who was played, and it has something that stands."""
    if not now.other_artist or any(
        not set(track.artists).isdisjoint(other.artists) for other in shelf.played
    ):
        return False
    return any(wish.wanted and wish.met_by(track) for wish, _ in wishes)


def _left(shelf: Shelf, heard: Sequence[Heard]) -> dict[str, float]:
    """Artist -> penalty: those whom the listener asked to leave, the latest in full and the others less each turn,
    unless they were asked for again since."""
    left: dict[str, float] = {}
    first = len(shelf.requests) - len(heard)
    for i, message in enumerate(heard, start=first):
        left = {name: penalty * _REFUSED_FADE for name, penalty in left.items()}
        if not message.other_artist:
            for wish in message.wanted:
                left.pop(key_of(wish.text) if wish.kind == "artist" else "", None)
        before = shelf.heard_before(i)
        if message.other_artist and before is not None:
            left |= dict.fromkeys(map(key_of, before.artists), _LEFT)
        left |= {key_of(wish.text): _LEFT for wish in message.refused if wish.kind == "artist"}
    return left


def _weighed(track: TrackFacts, wishes: Iterable[tuple[Wish, int]], rarity: dict[str, float]) -> float:
    total = 0.0
    for wish, age in wishes:
        if not wish.met_by(track):
            continue
        weight = wish.weight * (rarity.get(key_of(wish.text), 1.0) if wish.kind == "tag" else 1.0)
        exact = 0.3 if wish.kind == "tag" and key_of(wish.text) in track.tag_keys else 0.0
        total += (weight + exact) * _FADE**age if wish.wanted else -_REFUSED * weight * _REFUSED_FADE**age
    return total


def _rarity(pool: Sequence[TrackFacts]) -> dict[str, float]:
    """Tag -> weight: a tag that few tracks have tells more."""
    counts: dict[str, int] = {}
    for track in pool:
        for tag in track.tag_keys:
            counts[tag] = counts.get(tag, 0) + 1
    return {tag: 0.6 + 0.8 * (1 - count / len(pool)) for tag, count in counts.items()}


def _taste(track: TrackFacts, shelf: Shelf, known: bool) -> float:
    """A small advantage for what the profile names. As long as nothing is asked for, whom the listener plays anyway is
    no answer."""
    artist = key_of(track.artist) if known else ""
    return 0.12 * sum(1 for word in shelf.taste if word in track.tag_keys or word == artist)


def _stale(track: TrackFacts, now: Heard, shelf: Shelf) -> float:
    """A disadvantage for artists who were played already, unless they were asked for."""
    if any(w.kind in ("artist", "title", "album") and w.met_by(track) for w in now.wanted):
        return 0.0
    names = set(track.artists)
    times = sum(not names.isdisjoint(played.artists) for played in shelf.played)
    again = bool(shelf.last and not names.isdisjoint(shelf.last.artists))
    stale = min(2, times) * _SAME_ARTIST * (1.0 if again else 0.5)
    return stale + (_PLAYED_BEFORE if now.other_artist and times else 0.0)

"""The recommender offline: reads requests, scores what was not played yet, and says why it picked it."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .facts import TrackFacts, key_of
from .grammar import load_grammar
from .phrases import as_found, describes, lack, qualities, quality, track_facts
from .understanding import Heard, Vocabulary, understand
from .wishes import Wish, met

_FADE = 0.45
"""How much of an earlier request still counts one turn later."""
_REFUSED = 1.6
_SAME_ARTIST = 0.9
_PIVOT = 6.0
_PLAYED_BEFORE = 1.5
_NOISE = 0.08
_SENTENCES = re.compile(r"(?<=[.!?]) ")


@dataclass(frozen=True)
class Shelf:
    """What the recommender knows at its turn.

    Attributes:
        requests: all messages of the listener, the present one last.
        played: the tracks played so far, in order.
        taste: words of the profile that describe taste, as keys.
        required: the id of the track that has to be played this time, if any.
    """

    pool: tuple[TrackFacts, ...]
    requests: tuple[str, ...]
    played: tuple[TrackFacts, ...]
    taste: tuple[str, ...]
    vocabulary: Vocabulary
    required: str | None = None

    @property
    def open(self) -> tuple[TrackFacts, ...]:
        if self.required is not None:
            return tuple(track for track in self.pool if track.track_id == self.required)
        used = {track.track_id for track in self.played}
        return tuple(track for track in self.pool if track.track_id not in used)

    @property
    def last(self) -> TrackFacts | None:
        return self.played[-1] if self.played else None


def answer_pick(shelf: Shelf, rng: random.Random) -> dict[str, Any]:
    """Thought, track id and message for the present request."""
    heard = _heard(shelf)
    track = pick(shelf, heard, rng)
    now = heard[-1]
    standing = _standing(heard)
    has, lacks = met(standing, track), [w for w in now.wanted if not w.met_by(track)]
    near = bool(lacks) and sum(w.weight for w in lacks) > 0.4 * sum(w.weight for w in now.wanted)
    facts = _slots(shelf, track, rng)
    # What was refused can be met by lacking it; that is no quality to speak of.
    good = [w for w in has if w.wanted and describes(w)]
    if good:
        facts["quality"] = quality(as_found(good[0], track), rng)
    request = _last_sentence(shelf)
    named = [w for w in lacks if w in request and (describes(w) or w.kind == "artist")]
    if named:
        facts |= {"missing": quality(named[0], rng), "lack": lack(named[0], rng)}
    changed = now.other_artist and shelf.last is not None and shelf.last.artist not in track.artists
    if changed and shelf.last is not None:
        facts["before"] = shelf.last.artist
    return {
        "thought": _thought(facts, now, near and bool(named), rng),
        "track_id": track.track_id,
        "message": _reply(facts, changed, near and bool(named), rng),
    }


def pick(shelf: Shelf, heard: Sequence[Heard], rng: random.Random) -> TrackFacts:
    """The open track that meets the requests best; the latest request counts most."""
    rarity = _rarity(shelf.pool)
    avoid = _left_behind(shelf, heard)
    sung = [_NOISE * rng.random() for _ in shelf.open]
    scores = [
        _score(track, heard, shelf, rarity) - avoid.get(key_of(track.artist), 0.0) + noise
        for track, noise in zip(shelf.open, sung, strict=True)
    ]
    return shelf.open[max(range(len(scores)), key=scores.__getitem__)]


def _heard(shelf: Shelf) -> tuple[Heard, ...]:
    """Every request, read against the track that was last when it was made."""
    before: list[TrackFacts | None] = [None, *shelf.played]
    return tuple(
        understand(text, shelf.vocabulary, before[min(i, len(before) - 1)])
        for i, text in enumerate(shelf.requests)
    )


def _last_sentence(shelf: Shelf) -> tuple[Wish, ...]:
    """What the last sentence asks for: those before it speak of the track just heard."""
    sentence = [s for s in _SENTENCES.split(shelf.requests[-1]) if s.strip()][-1:]
    return understand("".join(sentence), shelf.vocabulary, shelf.last).wanted


def _standing(heard: Sequence[Heard]) -> tuple[Wish, ...]:
    """All wishes, the latest first, without those that were refused later."""
    standing: list[Wish] = []
    for message in reversed(heard):
        standing += [w for w in message.wishes if not any(w.same_as(other) for other in standing)]
    return tuple(standing)


def _left_behind(shelf: Shelf, heard: Sequence[Heard]) -> dict[str, float]:
    """Artist -> penalty: those the listener asked to leave, unless they asked for them again since."""
    avoid: dict[str, float] = {}
    for i, message in enumerate(heard):
        for wish in message.wanted:
            if wish.kind == "artist" and not message.other_artist:
                avoid.pop(key_of(wish.text), None)
        if message.other_artist and i > 0:
            avoid[key_of(shelf.played[i - 1].artist)] = _PIVOT
        avoid |= {key_of(w.text): _PIVOT for w in message.refused if w.kind == "artist"}
    if heard[-1].other_artist:
        for track in shelf.played:
            avoid.setdefault(key_of(track.artist), _PLAYED_BEFORE)
    return avoid


def _rarity(pool: Sequence[TrackFacts]) -> dict[str, float]:
    """Tag -> weight: a tag that few tracks have tells more."""
    counts: dict[str, int] = {}
    for track in pool:
        for tag in track.tag_keys:
            counts[tag] = counts.get(tag, 0) + 1
    return {tag: 0.6 + 0.8 * (1 - count / len(pool)) for tag, count in counts.items()}


def _score(track: TrackFacts, heard: Sequence[Heard], shelf: Shelf, rarity: dict[str, float]) -> float:
    total, seen = 0.0, list[Wish]()
    for age, message in enumerate(reversed(heard)):
        fade = _FADE**age
        for wish in message.wishes:
            if any(wish.same_as(other) for other in seen):
                continue
            seen.append(wish)
            if not wish.met_by(track):
                continue
            weight = wish.weight * (rarity.get(key_of(wish.text), 1.0) if wish.kind == "tag" else 1.0)
            exact = 0.3 if wish.kind == "tag" and key_of(wish.text) in track.tag_keys else 0.0
            total += (weight + exact) * fade if wish.wanted else -_REFUSED * weight
    return total + _taste(track, shelf) - _stale(track, heard[-1], shelf)


def _taste(track: TrackFacts, shelf: Shelf) -> float:
    """A small advantage for what the profile names."""
    return 0.12 * sum(1 for word in shelf.taste if word in track.tag_keys or word == key_of(track.artist))


def _stale(track: TrackFacts, now: Heard, shelf: Shelf) -> float:
    """A disadvantage for artists who were played already, unless they were asked for."""
    if any(w.kind in ("artist", "title", "album") and w.met_by(track) for w in now.wanted):
        return 0.0
    times = sum(played.artist == track.artist for played in shelf.played)
    return min(2, times) * _SAME_ARTIST * (1.0 if shelf.last and shelf.last.artist == track.artist else 0.5)


def _slots(shelf: Shelf, track: TrackFacts, rng: random.Random) -> dict[str, str]:
    facts = track_facts(track, rng, exact=True)
    facts.pop("pace", None)
    for name, true in (
        ("slow", track.pace == "slow"),
        ("fast", track.pace == "fast"),
        ("mid", track.pace == "mid"),
        ("little", track.popularity is not None and track.popularity <= 30),
        ("well", track.popularity is not None and track.popularity >= 70),
        ("voice_only", bool(track.lyrics)),
        ("new", all(track.artist != played.artist for played in shelf.played)),
    ):
        if true:
            facts[name] = ""
    if "scene" in facts:
        facts["scene_for"] = f"as music for {facts['scene']}"
    if track.chords:
        facts["chords"] = " ".join(dict.fromkeys(track.chords[:4]))
    return facts


def _reply(facts: dict[str, str], changed: bool, near: bool, rng: random.Random) -> str:
    words = load_grammar("recsys")
    order = (["reply_near"] if near else []) + (["reply_change"] if changed else [])
    symbols = [*order, "reply", "reply_open"] if "quality" in facts else [*order, "reply_open"]
    symbol = next(symbol for symbol in symbols if words.can(symbol, facts))
    options = [words.say(symbol, facts, rng, 0.55) for _ in range(2)]
    return min(options, key=lambda text: abs(len(text.split()) - 22))


def _thought(facts: dict[str, str], now: Heard, near: bool, rng: random.Random) -> str:
    named = [w for w in now.wanted if describes(w) or w.kind in ("artist", "title")]
    said = {**facts, "asked": qualities(named, rng)} if named else dict(facts)
    words = load_grammar("recsys")
    symbols = ("think_near", "think_loose") if near else ("think_pick", "think_loose")
    symbol = next(s for s in symbols if words.can(s, said))
    return words.say(symbol, said, rng)

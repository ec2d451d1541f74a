"""What the recommender does where it may do something else than play: it asks where it would only guess, and says
so where nothing it has comes near."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from ....state.values import Action
from ..facts import TrackFacts
from ..grammar import load_grammar
from ..lexicon import tag_kind, tag_wish
from ..phrases import describes, kind_of, qualities, quality
from ..understanding import Heard
from ..wishes import Wish, met
from .picking import Shelf, hear, standing
from .recommender import answer_pick

_MOST_QUESTIONS = 2
"""Of one conversation."""
_FEWEST = 5
"""Tracks that must suit what was said equally well before it is worth a turn to ask."""
_SHARE = 0.25
"""The same, of those that may be played."""
_EACH = 2
"""Tracks on each side of a question."""
_CHANCE = 0.8
"""Of asking where it is worth a turn."""
_KINDS = ("genre", "mood", "instrument", "place")


def answer_acting(
    shelf: Shelf,
    may: Sequence[Action],
    answers: Sequence[Mapping[str, Any]],
    rng: random.Random,
    *,
    nested: bool,
) -> dict[str, Any]:
    """Thought, action and message, and the track where one is played.

    Args:
        may: what may be done on this turn.
        answers: the recommender's own earlier ones.
        nested: whether action and track stand in one field.
    """
    done = [str((answer.get("choice") or answer)["action"]) for answer in answers]
    heard = hear(shelf)
    if (missing := _missing(shelf, heard, may, done)) is not None:
        said = _refusal(missing, rng, shelf.language)
    elif (offer := _offer(shelf, heard, may, done, rng)) is not None:
        said = _question(offer, heard, rng, shelf.language)
    else:
        said = {"action": Action.PLAY.value, **answer_pick(shelf, rng)}
    if not nested:
        return {"track_id": "", **said}
    acted = {name: said.pop(name) for name in ("action", "track_id") if name in said}
    return {**said, "choice": acted}


def _missing(
    shelf: Shelf, heard: Sequence[Heard], may: Sequence[Action], done: Sequence[str]
) -> tuple[Wish, ...] | None:
    """What is asked for and no open track has any of; None where something comes near, or it was said just now."""
    if Action.NO_MATCH not in may:
        return None
    if not shelf.open or Action.PLAY not in may:
        return tuple(heard[-1].wanted)
    if done[-1:] == [Action.NO_MATCH]:
        return None
    wanted = tuple(wish for wish in heard[-1].wanted if describes(wish) or wish.kind in ("artist", "album"))
    wanted = tuple(wish for wish in wanted if any(wish.told_of(track) for track in shelf.open))
    return wanted if wanted and not any(met(wanted, track) for track in shelf.open) else None


def _refusal(missing: Sequence[Wish], rng: random.Random, language: str) -> dict[str, Any]:
    facts = {"missing": quality(missing[0], rng, language)} if missing and describes(missing[0]) else {}
    words = load_grammar("acting", language=language)
    return {
        "thought": words.say("think_no_match", facts, rng),
        "action": Action.NO_MATCH.value,
        "message": words.say("no_match", facts, rng),
    }


def _offer(
    shelf: Shelf, heard: Sequence[Heard], may: Sequence[Action], done: Sequence[str], rng: random.Random
) -> tuple[Wish, Wish] | None:
    """Two qualities between which the answer would decide; None where it is better to play."""
    if Action.ASK not in may or done.count(Action.ASK) >= _MOST_QUESTIONS or heard[-1].afresh:
        return None
    if Action.PLAY in may and rng.random() >= _CHANCE:
        return None
    wanted = [wish for wish, _ in standing(heard) if wish.wanted]
    if any(not describes(wish) for wish in wanted):
        return None  # a name, or a step away from the last track, says where to go
    counts = [len(met(wanted, track)) for track in shelf.open]
    best = [track for track, count in zip(shelf.open, counts, strict=True) if count == max(counts)]
    if len(best) < max(_FEWEST, _SHARE * len(shelf.open)):
        return None
    return _split(best, {kind_of(wish) for wish in wanted}, rng)


def _split(tracks: Sequence[TrackFacts], told: set[str], rng: random.Random) -> tuple[Wish, Wish] | None:
    """The two qualities of one kind, of which nothing was told, that part the tracks best."""
    having = {wish: {t.track_id for t in tracks if wish.met_by(t)} for wish in _qualities(tracks)}
    pairs = []
    for one, other in combinations(having, 2):
        kind = kind_of(one).partition("_")[0]
        if kind != kind_of(other).partition("_")[0] or {kind_of(one), kind_of(other)} & told:
            continue
        apart = [len(having[one] - having[other]), len(having[other] - having[one])]
        if min(apart) >= _EACH:
            pairs.append((min(apart) + rng.random(), one, other))
    if not pairs:
        return None
    _, one, other = max(pairs, key=lambda pair: pair[0])
    return one, other


def _qualities(tracks: Sequence[TrackFacts]) -> Iterator[Wish]:
    tags = Counter(tag for track in tracks for tag in track.tags if tag_kind(tag) in _KINDS)
    yield from (tag_wish(tag) for tag, count in sorted(tags.items()) if count >= _EACH)
    decades = Counter(track.decade for track in tracks if track.decade is not None)
    yield from (Wish("decade", float(decade)) for decade, count in sorted(decades.items()) if count >= _EACH)
    if all(track.tempo is not None for track in tracks):
        yield from (Wish("pace", "slow"), Wish("pace", "fast"))


def _question(
    offer: tuple[Wish, Wish], heard: Sequence[Heard], rng: random.Random, language: str
) -> dict[str, Any]:
    one, other = rng.sample(offer, 2)
    facts = {"one": quality(one, rng, language), "other": quality(other, rng, language)}
    named = [wish for wish in heard[-1].wanted if describes(wish)]
    facts |= {"asked": qualities(named, rng, language=language)} if named else {}
    words = load_grammar("acting", language=language)
    return {
        "thought": words.say("think_ask", facts, rng),
        "action": Action.ASK.value,
        "message": words.say("ask", facts, rng),
    }

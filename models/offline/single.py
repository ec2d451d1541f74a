"""A whole conversation at once: both sides speak as they do where they are asked one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...state.values import NextStep
from .agenda import Exchange
from .facts import TrackFacts
from .lexicon import clash, repeats
from .listener import Voice
from .recipes import wishes_of
from .recommending.picking import Shelf
from .recommending.recommender import answer_pick
from .seeking.moves import SeekingMove
from .seeking.speech import message_of
from .seeking.standing import Aim, Standing
from .understanding import Vocabulary
from .wishes import Wish

_HEADS = ("genre", "mood", "place", "instrument", "decade", "theme", "scene", "pace", "voice", "artist")
_FURTHER = ("mood", "decade", "instrument", "pace", "place", "genre", "known", "voice", "key", "bpm")
_NAMED = 0.15
"""Chance that a wish names a track and its artist."""
_TWO = 0.6
_MISS = 0.6
"""Chance of each turn that may miss to do so."""
_SILENT = 0.12
"""Chance that nothing is said of a track that was liked."""


@dataclass(frozen=True)
class PlaylistRules:
    """What the prompt asks for."""

    playlist: tuple[TrackFacts, ...]
    negatives: tuple[TrackFacts, ...]
    turns: int
    most_refused: int


@dataclass(frozen=True)
class _Planned:
    """One turn: what is wished for, what is played, whether the wish is a new one."""

    wishes: tuple[Wish, ...]
    track: TrackFacts
    fresh: bool
    good: bool


def answer_single(
    rules: PlaylistRules, voice: Voice, vocabulary: Vocabulary, rng: random.Random
) -> dict[str, Any]:
    """The entries, three a turn."""
    plan = _planned(rules, rng)
    pool = (*rules.playlist, *rules.negatives)
    entries: list[dict[str, Any]] = []
    exchanges: list[Exchange] = []
    for number, turn in enumerate(plan):
        standing = _standing(plan[: number + 1], exchanges, vocabulary)
        said = message_of(_move(plan, number, rng), standing, _unlike(voice, exchanges), rng)
        heard = "first" if not number else "good" if plan[number - 1].good else "bad"
        shelf = Shelf(
            pool=pool,
            requests=(*(each.message for each in exchanges), said),
            played=tuple(each.track for each in exchanges),
            taste=(),
            vocabulary=vocabulary,
            required=turn.track.track_id,
        )
        entries += [
            {"role": "user", "heard": heard, "content": said},
            {"role": "music", "content": turn.track.track_id},
            {"role": "assistant", "content": answer_pick(shelf, rng)["message"]},
        ]
        exchanges.append(Exchange(said, turn.track))
    return {"conversation": entries}


def _planned(rules: PlaylistRules, rng: random.Random) -> list[_Planned]:
    """Which tracks are played in which order; a miss is followed by what it missed."""
    misses = sum(rng.random() < _MISS for _ in range(min(rules.most_refused, len(rules.negatives))))
    misses = max(misses, rules.turns - len(rules.playlist))
    wanted = rng.sample(rules.playlist, rules.turns - misses)
    refused = rng.sample(rules.negatives, misses)
    before = sorted(rng.sample(range(len(wanted)), misses))
    planned: list[_Planned] = []
    for place, track in enumerate(wanted):
        wishes = _wishes(track, rng)
        if place in before:
            planned.append(_Planned(wishes, refused.pop(), fresh=True, good=False))
        planned.append(_Planned(wishes, track, fresh=place not in before, good=True))
    return planned


def _wishes(track: TrackFacts, rng: random.Random) -> tuple[Wish, ...]:
    """One or two qualities of the track, or its name."""
    if rng.random() < _NAMED:
        return (Wish("title", track.title), Wish("artist", track.artist))
    offers = wishes_of(track, rng)
    heads = [offers[kind] for kind in _HEADS if kind in offers] or [*offers.values()][:1]
    first = rng.choice(heads)
    others = [
        offers[kind]
        for kind in _FURTHER
        if kind in offers and not _alike(first, offers[kind]) and first.kind != "artist"
    ]
    return (first, rng.choice(others)) if others and rng.random() < _TWO else (first,)


def _alike(one: Wish, other: Wish) -> bool:
    same = one.kind == other.kind != "tag"
    return same or clash(one, other) or repeats(one, other) or repeats(other, one)


def _move(plan: Sequence[_Planned], number: int, rng: random.Random) -> SeekingMove:
    turn = plan[number]
    named = any(wish.kind == "title" for wish in turn.wishes)
    if not number:
        return SeekingMove(None, "", "exact" if named else "open", turn.wishes)
    step = NextStep.KEEP_LOOKING
    if not turn.fresh:
        return SeekingMove(step, "miss", "exact_again" if named else "again", turn.wishes)
    reaction = "" if rng.random() < _SILENT else "like"
    request = "exact" if named else rng.choice(("fresh", "fresh", "open"))
    return SeekingMove(step, reaction, request, turn.wishes)


def _standing(plan: Sequence[_Planned], exchanges: Sequence[Exchange], vocabulary: Vocabulary) -> Standing:
    aims = tuple(
        Aim(turn.wishes, wanted=1, target=1, specificity="HL", since=number)
        for number, turn in enumerate(plan, 1)
        if turn.fresh
    )
    return Standing(aims, tuple(exchanges), winding=False, may_stop=False, vocabulary=vocabulary, tastes=())


def _unlike(voice: Voice, exchanges: Sequence[Exchange]) -> Voice:
    """The voice, which repeats nothing that it said."""
    said = tuple(each.message for each in exchanges)
    return Voice(voice.words, voice.register, voice.expert, said, voice.language)

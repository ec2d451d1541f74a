"""The listener offline: judges what was played, moves along its agenda and says so in its own register."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...sessions.languages import ENGLISH
from ...state.values import Progress
from .agenda import Agenda, Move, TrackJudgement, judge, next_move
from .facts import TrackFacts, key_of
from .grammar import Grammar, load_grammar, mends_of, tidy
from .phrases import bare, describes, lack, life_facts, own_facts, qualities, quality, thing, track_facts
from .wishes import Wish

_CANDIDATES = 6
_FINAL_STOP = re.compile(r"\.$")
_OPTIONAL = ("like", "half", "dislike", "mild", "glad")
_CHANGES = {
    "slower": "something slower",
    "faster": "something faster",
    "older": "something older",
    "newer": "something newer",
    "rarer": "something less known",
    "bigger": "something better known",
}


@dataclass(frozen=True)
class Voice:
    """How this listener talks.

    Attributes:
        words: mean words a message.
        register: `plain`, `casual`, `chatty` or `exact`.
        expert: may speak of tempo and keys in figures.
        said: earlier messages and the goal's examples, not to be repeated.
        language: in which it talks.
    """

    words: int
    register: str
    expert: bool
    said: tuple[str, ...]
    language: str = ENGLISH

    @property
    def exact(self) -> bool:
        return self.expert and self.register in ("exact", "plain")


def answer_opening(agenda: Agenda, voice: Voice, rng: random.Random) -> dict[str, Any]:
    """Thought and message of the first turn."""
    move = next_move(agenda, rng)
    symbol = {"LH": "recall_open", "HH": "exact_open"}.get(agenda.specificity, "open")
    wishes = move.wishes if symbol != "exact_open" else agenda.open_wishes()[:3]
    message = best_wording(lambda: _opening(symbol, wishes, agenda, voice, rng), voice, rng)
    facts = {"goal": qualities(agenda.goal, rng, 3), "asked": qualities(wishes, rng)}
    return {"thought": _thoughts().say("think_open", facts, rng), "message": message}


def answer_reaction(agenda: Agenda, voice: Voice, rng: random.Random) -> dict[str, Any]:
    """Thought, label and message of a later turn."""
    judgement = agenda.judgements[-1]
    move = next_move(agenda, rng)
    felt = agenda.request if agenda.reached_before else judgement
    message = best_wording(lambda: _reaction(move, agenda, felt, voice, rng), voice, rng)
    return {
        "thought": _reflection(move, agenda, judgement, rng),
        "goal_progress_assessment": _label(judgement),
        "message": message,
    }


def answer_verdict(
    goal: Sequence[Wish], track: TrackFacts, rng: random.Random, language: str = ENGLISH
) -> dict[str, Any]:
    """Thought and label for the last track."""
    judgement = judge(goal, track)
    facts = {"title": track.title, "artist": track.artist} | _compared(judgement, rng, language)
    symbol = "verdict_like" if judgement.moves else "verdict_miss"
    return {
        "thought": load_grammar("listener_thoughts", language=language).say(symbol, facts, rng),
        "goal_progress_assessment": _label(judgement),
    }


def _label(judgement: TrackJudgement) -> str:
    return (Progress.MOVES if judgement.moves else Progress.DOES_NOT_MOVE).value


def _opening(symbol: str, wishes: Sequence[Wish], agenda: Agenda, voice: Voice, rng: random.Random) -> str:
    own = own_facts(agenda.tastes, rng)
    facts = {**life_facts(rng, own), **own, "thing": thing(wishes, rng)}
    if symbol == "open" and voice.register == "chatty" and rng.random() < 0.6:
        symbol = rng.choice(["open_context", "open_taste" if "taste" in facts else "open_context"])
    return _words().raw(symbol, facts, rng, fullness(voice))


def _reaction(move: Move, agenda: Agenda, judgement: TrackJudgement, voice: Voice, rng: random.Random) -> str:
    """One way of saying `move`: a word on the track, then the request; short talkers leave one out."""
    words, track = _words(), agenda.last
    life = life_facts(rng, own_facts(agenda.tastes, rng)) | {"moment": words.raw("moment", {}, rng)}
    facts = life | _track_slots(move, track, judgement, voice, rng)
    parts: list[str] = []
    if not (move.reaction in _OPTIONAL and rng.random() < _silence(voice)):
        parts.append(words.raw(move.reaction, facts, rng, fullness(voice)))
    more = "dislike_fact" if move.reaction == "dislike" else "like_fact"
    if voice.words >= 16 and move.reaction in ("like", "dislike", "glad") and rng.random() < voice.words / 40:
        parts += [words.raw(more, facts, rng, 0.6)] if words.can(more, facts) else []
    if rng.random() < (voice.words - 14) / 12:
        parts.append(words.raw("aside", life, rng, fullness(voice)))
    parts.append(_request(move, track, life, voice, rng))
    return " ".join(part if part[-1:] in ".!?…" else f"{part}." for part in parts)


def _track_slots(
    move: Move, track: TrackFacts, judgement: TrackJudgement, voice: Voice, rng: random.Random
) -> dict[str, str]:
    """Facts of the track that suit the reaction: what is liked must not be what is refused."""
    facts = track_facts(track, rng, voice.exact)
    if move.reaction == "dislike":
        wanted = {key_of(wish.text) for wish in (*judgement.has, *judgement.lacks)}
        wanted |= {name for wish in judgement.has for name in wish.also}
        facts = {slot: text for slot, text in facts.items() if key_of(text) not in wanted}
        if any(wish.kind in ("decade", "year") for wish in judgement.has):
            facts.pop("decade", None)
        if any(wish.kind in ("pace", "bpm") for wish in judgement.has):
            facts.pop("pace", None)
    praised = [wish for wish in judgement.has if describes(wish) and wish.wanted]
    if praised and move.reaction != "dislike":
        facts["quality"] = quality(rng.choice(praised), rng)
    named = [w for w in judgement.lacks if describes(w) or w.kind == "artist"]
    if named and move.reaction != "mild":
        wish = rng.choice(named)
        facts |= {"missing": quality(wish, rng), "lack": lack(wish, rng)}
    return facts


def _request(move: Move, track: TrackFacts, life: Mapping[str, str], voice: Voice, rng: random.Random) -> str:
    words = _words()
    symbol = move.act if move.act in words else f"ask_{move.act}"
    facts = {**life, "artist": track.artist, "title": track.title}
    if track.year is not None:
        facts["year"] = str(track.year)
    if move.wishes:
        facts |= {"thing": thing(move.wishes, rng), "quality": quality(rng.choice(move.wishes), rng)}
        plain = bare(rng.choice(move.wishes), rng)
        facts |= {"bare": plain} if plain else {}
    if move.dropped is not None:
        facts["dropped"] = quality(move.dropped, rng)
    if not words.can(symbol, facts):
        symbol = "ask_again" if move.wishes else "ask_other_artist"
    return words.raw(symbol, facts, rng, fullness(voice))


def best_wording(compose: Callable[[], str], voice: Voice, rng: random.Random) -> str:
    """Of several wordings the one nearest to the wanted length that repeats least of what was said."""
    wanted = voice.words * rng.uniform(0.6, 1.4)
    earlier = _pairs(voice.said)
    ranked: list[tuple[float, str]] = []
    for _ in range(_CANDIDATES):
        text = _in_register(compose(), voice, rng)
        words = text.casefold().split()
        every = list(pairwise(words))
        pairs = set(every)
        repeated = (len(pairs & earlier) + len(every) - len(pairs)) / max(1, len(pairs))
        ranked.append((abs(len(words) - wanted) / voice.words + 2.5 * repeated, text))
    return min(ranked)[1]


def _pairs(texts: Iterable[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for text in texts:
        words = text.casefold().split()
        found.update(pairwise(words))
    return found


def _in_register(text: str, voice: Voice, rng: random.Random) -> str:
    """Casual talkers write as in a chat: small letters at the start, often no last full stop."""
    mends = mends_of(voice.language)
    if voice.register != "casual":
        return tidy(text, mends=mends)
    small = tidy(text, capitals=False, mends=mends)
    return _FINAL_STOP.sub("", small) if rng.random() < 0.7 else small


def _silence(voice: Voice) -> float:
    """Chance that a remark on the track is left out: short talkers come to the point."""
    return max(0.0, (12 - voice.words) / 10)


def fullness(voice: Voice) -> float:
    """Chance of an optional phrase: talkative people use them."""
    return min(0.9, 0.1 + voice.words / 28)


def _reflection(move: Move, agenda: Agenda, judgement: TrackJudgement, rng: random.Random) -> str:
    facts = {"title": agenda.last.title, "artist": agenda.last.artist} | _compared(judgement, rng)
    facts["asked"] = qualities(move.wishes, rng) if move.wishes else "another artist"
    if move.act in _CHANGES:
        facts["asked"] = _CHANGES[move.act]
    if move.act == "other_artist":
        facts["asked"] = f"somebody other than {agenda.last.artist}"
    full, moves = judgement.full, judgement.moves
    if agenda.reached_before and not moves:
        return _thoughts().say("think_after", facts, rng)
    symbol = (
        "think_full" if full else "think_like" if moves else "think_weak" if judgement.has else "think_miss"
    )
    return _thoughts().say(symbol, facts, rng)


def _compared(judgement: TrackJudgement, rng: random.Random, language: str = ENGLISH) -> dict[str, str]:
    named = (("has", judgement.has), ("lacks", judgement.lacks))
    return {name: qualities(wishes, rng, language=language) for name, wishes in named if wishes}


def _words() -> Grammar:
    return load_grammar("listener")


def _thoughts() -> Grammar:
    return load_grammar("listener_thoughts")

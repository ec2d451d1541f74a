"""What the listener says of a track and asks for, and what it thinks, in its own register."""

from __future__ import annotations

import random
from collections.abc import Mapping

from ....core.random import stream
from ..criteria import write_criterion
from ..grammar import Grammar, load_grammar
from ..lexicon import spelled
from ..listener import Voice, best_wording, fullness
from ..phrases import (
    bare,
    describes,
    lack,
    life_facts,
    own_facts,
    qualities,
    quality,
    refused_as,
    thing,
    track_facts,
)
from .moves import SeekingMove
from .standing import Standing

_LASTING = ("doing", "when", "where", "vague_when", "who")
"""What does not change while a person talks; whom one thinks of does, unless one song is looked for."""
_NAMES = ("artist", "album", "title")
_PAIRED = ("found", "glad", "glad_one")
"""What is said on a find: never left out."""


def message_of(move: SeekingMove, standing: Standing, voice: Voice, rng: random.Random) -> str:
    """The best of several wordings of a move."""
    return best_wording(lambda: _worded(move, standing, voice, rng), voice, rng)


def thought_of(move: SeekingMove, standing: Standing, rng: random.Random) -> str:
    """What the listener makes of the last track, and what it will do."""
    language, judgement = standing.language, standing.judgement
    words = thoughts(language)
    facts = {
        "title": standing.last.title,
        "artist": standing.last.artist,
        "goal": qualities(standing.aim.wishes, rng, 3, language),
    }
    facts |= {"has": qualities(judgement.has, rng, language=language)} if judgement.has else {}
    facts |= {"lacks": qualities(judgement.lacks, rng, language=language)} if judgement.lacks else {}
    facts |= {"asked": qualities(move.wishes, rng, language=language)} if move.wishes else {}
    said = [words.say(f"think_{move.reaction}", facts, rng)]
    following = f"next_{move.request}" if f"next_{move.request}" in words else "next_seek"
    if words.can(following, facts):
        said.append(words.say(following, facts, rng))
    return " ".join(said)


def opening_thought(move: SeekingMove, standing: Standing, rng: random.Random) -> str:
    language = standing.language
    facts = {"goal": qualities(standing.aim.wishes, rng, 3, language)}
    facts |= {"asked": qualities(move.wishes, rng, language=language)} if move.wishes else {}
    return thoughts(language).say("think_open" if move.wishes else "think_open_blank", facts, rng)


def _worded(move: SeekingMove, standing: Standing, voice: Voice, rng: random.Random) -> str:
    language = standing.language
    words = load_grammar("seeking", language=language)
    life = {**_life(standing, rng), "moment": words.raw("moment", {}, rng)}
    parts: list[str] = []
    if move.reaction and (move.reaction in _PAIRED or rng.random() >= (12 - voice.words) / 14):
        parts.append(_say(move.reaction, life | _heard_facts(move, standing, voice, rng), voice, rng))
    if rng.random() < (voice.words - 13) / 12:
        parts.append(_say("aside", life, voice, rng))
    if move.refused is not None and (move.request not in ("again",) or voice.words > 8):
        symbol = "refuse_recall" if standing.aim.single else "refuse"
        heard = {"artist": standing.last.artist, "title": standing.last.title}
        bad = spelled(move.refused.text, language)
        facts = {**life, **heard, "bad": bad, refused_as(move.refused, language): bad}
        parts.append(_say(symbol, facts, voice, rng))
    if move.request:
        parts.append(_request(move, standing, life, voice, rng))
    return " ".join(part if part[-1:] in ".!?…" else f"{part}." for part in parts)


def _life(standing: Standing, rng: random.Random) -> dict[str, str]:
    """Circumstances: what the listener is doing and what it remembers stay the same for a whole conversation."""
    of_talk = stream(
        0, "life", *map(write_criterion, standing.aims[0].wishes), *(t.title for t in standing.tastes)
    )
    language = standing.language
    own = own_facts(standing.tastes, rng, language)
    fixed = life_facts(of_talk, own_facts(standing.tastes, of_talk, language), language)
    kept = [name for name in _LASTING if name in fixed and (name != "who" or standing.aim.single)]
    return {**life_facts(rng, own, language), **own, **{name: fixed[name] for name in kept}}


def _request(
    move: SeekingMove, standing: Standing, life: Mapping[str, str], voice: Voice, rng: random.Random
) -> str:
    facts, language = dict(life), standing.language
    if standing.exchanges:
        facts |= {"artist": standing.last.artist, "title": standing.last.title}
        facts |= {"year": str(standing.last.year)} if standing.last.year is not None else {}
    if move.wishes:
        facts |= {
            "thing": thing(move.wishes, rng, language),
            "quality": quality(rng.choice(move.wishes), rng, language),
        }
        plain = bare(move.wishes[0], rng, language) if move.wishes[0].kind != "decade" else None
        facts |= {"bare": plain} if plain else {}
    if len(move.wishes) > 1 or any(wish.kind in _NAMES for wish in move.wishes):
        # All of several wishes are said, and a name stands after `by` or `from`.
        facts.pop("quality")
        facts.pop("bare", None)
    return _say(move.request, facts, voice, rng)


def _heard_facts(move: SeekingMove, standing: Standing, voice: Voice, rng: random.Random) -> dict[str, str]:
    """Slots on the track heard that suit the reaction: what is praised is what the goal wants or nothing asks for."""
    track, judgement, language = standing.last, standing.judgement, standing.language
    shown = track_facts(track, rng, voice.exact, language)
    facts: dict[str, str] = {"title": shown["title"], "artist": shown["artist"]}
    if move.reaction in ("like", "found", "glad", "glad_one", "content", "partly"):
        facts |= {n: shown[n] for n in ("instrument", "line") if n in shown}
        praised = [wish for wish in judgement.has if wish.wanted and describes(wish)]
        facts |= {"has": quality(rng.choice(praised), rng, language)} if praised else {}
    if move.reaction in ("partly", "miss", "miss_partly"):
        named = [wish for wish in judgement.lacks if describes(wish) and standing.told(wish)]
        if named:
            wish = rng.choice(named)
            facts |= {"missing": quality(wish, rng, language), "lack": lack(wish, rng, language)}
    return facts


def _say(symbol: str, facts: Mapping[str, str], voice: Voice, rng: random.Random) -> str:
    return load_grammar("seeking", language=voice.language).raw(symbol, facts, rng, fullness(voice))


def thoughts(language: str) -> Grammar:
    """The words of what the listener thinks."""
    return load_grammar("seeking_thoughts", language=language)

"""The recommender's answer: what it picks for the requests that it heard, and why it says it did."""

from __future__ import annotations

import random
import re
from typing import Any

from ..facts import TrackFacts
from ..grammar import load_grammar, load_words
from ..phrases import as_found, describes, lack, qualities, quality, track_facts
from ..understanding import Heard, understand
from ..wishes import Wish, met
from .picking import Shelf, hear, pick, standing

_NAMES = ("title", "artist", "album")
_SENTENCES = re.compile(r"(?<=[.!?]) ")


def answer_pick(shelf: Shelf, rng: random.Random) -> dict[str, Any]:
    """Thought, track id and message for the present request."""
    heard = hear(shelf)
    track = pick(shelf, heard, rng)
    now, language = heard[-1], shelf.language
    stands = [wish for wish, _ in standing(heard)]
    has, lacks = met(stands, track), [w for w in now.wanted if not w.met_by(track)]
    near = bool(lacks) and sum(w.weight for w in lacks) > 0.4 * sum(w.weight for w in now.wanted)
    facts = _slots(shelf, track, rng)
    # What was refused can be met by lacking it; that is no quality to speak of.
    good = [w for w in has if w.wanted and describes(w)]
    if good:
        facts["quality"] = quality(as_found(good[0], track), rng, language)
    request = _last_sentence(shelf)
    named = [w for w in lacks if w in request and (describes(w) or w.kind == "artist")]
    if named:
        facts |= {"missing": quality(named[0], rng, language), "lack": lack(named[0], rng, language)}
    if any(w.kind in _NAMES and w.met_by(track) for w in now.wanted):
        facts["named"] = ""
    changed = now.other_artist and shelf.last is not None and shelf.last.artist not in track.artists
    if changed and shelf.last is not None:
        facts["before"] = shelf.last.artist
    return {
        "thought": _thought(facts, now, near and bool(named), language, rng),
        "track_id": track.track_id,
        "message": _reply(facts, changed, near and bool(named), language, rng),
    }


def _last_sentence(shelf: Shelf) -> tuple[Wish, ...]:
    """What the last sentence asks for: those before it speak of the track just heard."""
    sentence = [s for s in _SENTENCES.split(shelf.requests[-1]) if s.strip()][-1:]
    return understand("".join(sentence), shelf.vocabulary.in_language(shelf.language), shelf.last).wanted


def _slots(shelf: Shelf, track: TrackFacts, rng: random.Random) -> dict[str, str]:
    facts = track_facts(track, rng, True, shelf.language)
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
        facts["scene_for"] = f"{load_words('joints', shelf.language)['scene_for'][0]} {facts['scene']}"
    if track.chords:
        facts["chords"] = " ".join(dict.fromkeys(track.chords[:4]))
    return facts


def _reply(facts: dict[str, str], changed: bool, near: bool, language: str, rng: random.Random) -> str:
    words = load_grammar("recsys", language=language)
    order = (["reply_near"] if near else []) + (["reply_change"] if changed else [])
    fitting = ["reply_named"] if "named" in facts else ["reply"] if "quality" in facts else []
    symbols = [*order, *fitting, "reply_open"]
    symbol = next(symbol for symbol in symbols if words.can(symbol, facts))
    options = [words.say(symbol, facts, rng, 0.55) for _ in range(2)]
    return min(options, key=lambda text: abs(len(text.split()) - 22))


def _thought(facts: dict[str, str], now: Heard, near: bool, language: str, rng: random.Random) -> str:
    named = [w for w in now.wanted if describes(w) or w.kind in ("artist", "title")]
    said = {**facts, "asked": qualities(named, rng, language=language)} if named else dict(facts)
    words = load_grammar("recsys", language=language)
    symbols = ("think_near", "think_loose") if near else ("think_pick", "think_loose")
    symbol = next(s for s in symbols if words.can(s, said))
    return words.say(symbol, said, rng)

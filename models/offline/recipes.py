"""Which qualities each topic turns on, and the wishes that a track could fulfil."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping

from .criteria import sayable
from .facts import TrackFacts, key_of
from .grammar import load_words
from .lexicon import tag_kind, tag_wish, theme_wish, unsaid
from .wishes import Wish

PRIMARY: Mapping[str, tuple[str, ...]] = {
    "A": ("instrument", "voice", "bpm", "key", "pace", "genre"),
    "B": ("theme", "line"),
    "C": ("mood", "genre"),
    "D": ("scene", "mood"),
    "E": ("genre", "mood", "instrument"),
    "F": ("genre", "decade", "album", "year"),
    "G": ("mood",),
    "H": ("artist",),
    "I": ("place", "genre"),
    "J": ("known", "standing"),
    "K": ("decade", "year"),
}
"""Kinds of wish that make a goal one of its topic, the most fitting first."""

SECONDARY: Mapping[str, tuple[str, ...]] = {
    "A": ("bpm", "key", "instrument", "genre", "mode", "pace", "chord"),
    "B": ("mood", "line", "matter", "genre", "place", "voice"),
    "C": ("decade", "genre", "place", "scene", "mood"),
    "D": ("pace", "mood", "genre", "instrument", "sung"),
    "E": ("decade", "pace", "mood", "known", "instrument"),
    "F": ("year", "artist", "key", "instrument", "album", "decade", "place"),
    "G": ("pace", "mode", "genre", "instrument", "scene", "decade"),
    "H": ("decade", "year", "album", "known", "mood", "pace", "genre"),
    "I": ("decade", "mood", "instrument", "genre", "pace"),
    "J": ("genre", "standing", "decade", "place", "mood", "artist"),
    "K": ("genre", "mood", "known", "place", "instrument", "artist"),
}
"""Kinds that narrow a goal of the topic down."""

FALLBACK = ("genre", "mood", "matter", "other", "decade", "instrument", "artist", "album")
"""Kinds to build on where the tracks offer nothing of the topic's own."""


def wishes_of(track: TrackFacts, rng: random.Random) -> dict[str, Wish]:
    """Kind -> one wish that `track` fulfils; where it could fulfil several of a kind, one at random."""
    options: dict[str, list[Wish]] = defaultdict(list)
    for tag in track.tags:
        if unsaid(tag):
            continue
        options[tag_kind(tag)].append(tag_wish(tag))
    options["artist"] = [Wish("artist", track.artist)]
    options["theme"] = [theme_wish(name) for name in _themes_in(track)]
    options["line"] = [Wish("line", line) for line in track.lines]
    options["chord"] = [Wish("chord", chord) for chord in track.chords]
    for kind, wish in _single_wishes(track):
        options[kind].append(wish)
    title = key_of(track.title)
    sayables = {
        kind: [w for w in wishes if not _tells(w, title) and sayable(w)] for kind, wishes in options.items()
    }
    # A bare card named like its artist offers nothing that does not tell its title; its artist it is then.
    offered = {kind: wishes for kind, wishes in sayables.items() if wishes} or {"artist": options["artist"]}
    return {kind: rng.choice(wishes) for kind, wishes in offered.items()}


def _single_wishes(track: TrackFacts) -> list[tuple[str, Wish]]:
    found: list[tuple[str, Wish]] = []
    if track.album:
        found.append(("album", Wish("album", track.album)))
    if track.year is not None and track.decade is not None:
        found += [("year", Wish("year", float(track.year))), ("decade", Wish("decade", float(track.decade)))]
    if track.tempo is not None and track.pace is not None:
        found += [("bpm", Wish("bpm", float(round(track.tempo)))), ("pace", Wish("pace", track.pace))]
    if track.key:
        found.append(("key", Wish("key", track.key)))
    if track.mode:
        found.append(("mode", Wish("mode", track.mode)))
    if track.popularity is not None and not 30 < track.popularity < 60:
        found.append(("known", Wish("known", "well" if track.popularity >= 60 else "little")))
    if "instrumental" in track.tag_keys:
        found.append(("sung", Wish("sung", "none")))
    return found


def _themes_in(track: TrackFacts) -> list[str]:
    if not track.lyrics:
        return []
    return [name for name in load_words("themes") if theme_wish(name).met_by(track)]


def _tells(wish: Wish, title: str) -> bool:
    """True when saying the wish gives the title away."""
    said = f" {key_of(wish.text)} "
    return not title or f" {title} " in said

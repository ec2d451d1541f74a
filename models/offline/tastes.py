"""The profile agent offline: culture, artist and genre from five tracks and what is known of the person."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ...core.text import words_of
from .facts import TrackFacts
from .grammar import load_grammar, load_words
from .lexicon import tag_kind


def answer_profile(
    person: Mapping[str, Any], tracks: Sequence[TrackFacts], rng: random.Random
) -> dict[str, Any]:
    """The profile agent's answer. Without genre tags the artist's own name has to name the genre's place."""
    genre = _top(tag for track in tracks for tag in track.tags if tag_kind(tag) == "genre")
    genre = genre or _top(tag for track in tracks for tag in track.tags) or "songs"
    artist = _top_artist(tracks, genre)
    culture = _culture(person, tracks, genre)
    facts = {"artist": artist, "genre": genre, "culture": culture}
    return {
        "thought": load_grammar("goals").say("profile_thought", facts, rng),
        "preferred_musical_culture": culture,
        "top_1_artist": artist,
        "top_1_genre": genre,
    }


def _top(values: Any) -> str | None:
    """The most frequent value; among equals the first."""
    counted = Counter(values).most_common(1)
    return str(counted[0][0]) if counted else None


def _top_artist(tracks: Sequence[TrackFacts], genre: str) -> str:
    """The artist with most tracks; among equals one of the top genre, then the best known."""
    counts = Counter(name for track in tracks for name in track.artists)
    return max(
        (track for track in tracks),
        key=lambda track: (counts[track.artist], genre in track.tags, track.popularity or 0.0),
    ).artist


def _culture(person: Mapping[str, Any], tracks: Sequence[TrackFacts], genre: str) -> str:
    """A place and a kind of music: from place tags, else the language sung, else the person's country."""
    place = _top(tag for track in tracks for tag in track.tags if tag_kind(tag) == "place")
    languages = [language for track in tracks if (language := _language(track))]
    sung = _top(language for language in languages if language != "English")
    home = demonyms().get(str(person.get("country_name") or person.get("country_code") or ""))
    if place:
        return f"{place[0].upper()}{place[1:]} {genre}"
    if sung and languages.count(sung) >= 2:
        return f"{sung}-language {genre}"
    return f"{home} {genre}" if home else f"{_top(languages) or 'International'} {genre}"


@cache
def demonyms() -> dict[str, str]:
    """Country name or code -> what comes from there."""
    return dict(entry.split(": ") for entry in load_words("culture")["demonyms"])


def _language(track: TrackFacts) -> str | None:
    """The language of the lyrics by their commonest small words; None without lyrics or a clear lead."""
    if not track.lyrics:
        return None
    words = Counter(words_of(track.lyrics))
    tables = {name: set(small) for name, small in load_words("culture").items() if name != "demonyms"}
    hits = Counter({name: sum(words[w] for w in small) for name, small in tables.items()})
    (best, most), (_, second) = hits.most_common(2)
    return best if most >= 3 and most > second else None

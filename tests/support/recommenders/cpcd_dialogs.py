"""Small conversations in CPCD's layout: artists with numbered songs, and people who ask for them by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ARTISTS = ("Amber Tide", "Blue Lantern", "Cold Harbour", "Distant Drum", "Ember Road", "Fern Valley")
SONGS = 30


def song(artist: int, number: int) -> str:
    return f"{artist}-{number}"


def track(name: str, *, cluster: bool = True) -> dict[str, Any]:
    artist, _, number = name.partition("-")
    found: dict[str, Any] = {
        "track_ids": name,
        "track_titles": f"Song number {number}",
        "track_artists": [ARTISTS[int(artist)]],
        "track_release_titles": "Collected",
    }
    return found | ({"track_canonical_ids": name, "track_cluster_ids": f"c{name}"} if cluster else {})


def turn(query: str, liked: Sequence[str] = (), disliked: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "user_query": query,
        "system_response": "here you are",
        "search_queries": [query],
        "search_results": [[*liked, *disliked]],
        "liked_results": list(liked),
        "disliked_results": list(disliked),
    }


def dialog(
    name: str, turns: Sequence[Mapping[str, Any]], goal: Sequence[str], *, cluster: bool = True
) -> dict[str, Any]:
    tracks = [song(artist, number) for artist in range(len(ARTISTS)) for number in range(SONGS)]
    return {
        "id": name,
        "turns": list(turns),
        "tracks": {each: track(each, cluster=cluster) for each in tracks},
        "goal_playlist": list(goal),
    }


def small_dialogs(count: int = 4) -> list[dict[str, Any]]:
    """Each asks for one artist, then for another; some songs of either are liked."""
    found = []
    for number in range(count):
        first, second = number % len(ARTISTS), (number + 1) % len(ARTISTS)
        liked = [[song(first, n) for n in range(4)], [song(second, n) for n in range(4)]]
        turns = [
            turn(f"some songs by {ARTISTS[first]} please", liked[0]),
            turn(f"now {ARTISTS[second]}", liked[1]),
            turn("thanks"),
        ]
        found.append(dialog(f"d{number}", turns, [*liked[0], *liked[1]]))
    return found


def write_dialogs(path: Path, dialogs: Sequence[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(each)}\n" for each in dialogs), encoding="utf-8")
    return path

"""Listening sessions of nobody: what a walk through collections shows, from first to last."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.session import ListeningSession
from .generating import Generator


def simulated_sessions(generator: Generator, count: int) -> Iterator[ListeningSession]:
    """One session for each walk, by number: of the tracks of all its slates, each once. Of the listener nothing is
    known."""
    ids = generator.found.items.ids
    for number in range(count):
        walk, _ = generator.walk(number)
        shown = tuple(ids[place] for turn in walk.turns for place in turn.shown)
        name = generator.name(number)
        yield ListeningSession(session_id=f"{name}__walk", user_id=name, origin="simulated", track_ids=shown)

"""Tracks as the offline model reads them, of which little is known."""

from __future__ import annotations

from segue.models.offline.facts import TrackFacts


def bare_track(name: str, artist: str, *tags: str, year: int | None = None) -> TrackFacts:
    return TrackFacts(
        track_id=name,
        title=f"Opus {name}",
        artists=(artist,),
        album=None,
        year=year,
        tags=tags,
        tempo=None,
        key=None,
        chords=(),
        popularity=None,
        lyrics=None,
        clip=False,
        cover=False,
    )

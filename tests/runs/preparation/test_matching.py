"""Criteria against a whole catalogue."""

from __future__ import annotations

from segue.runs.preparation.matching import match_tracks
from segue.state.criteria_text import read_criteria
from support.runs.staging import catalog


def test_all_tracks_are_measured_by_all_that_they_say() -> None:
    found = match_tracks(read_criteria("tag: bossa nova; year: ..1975"), catalog())
    assert len(found.cards) == 6 and found.tracks == len(catalog().track_ids())
    assert {card.artist for card in found.cards} == {"Duarte e Lírio"}
    assert dict(found.by_clause)["tag: bossa nova"] >= 6
    assert str(found).startswith(f"6 of {found.tracks} tracks meet all of it (tag: bossa nova: ")
    assert found.to_json()["track_ids"] == [card.track_id for card in found.cards]


def test_clips_and_covers_are_as_announced_and_what_is_not_known_is_counted() -> None:
    found = match_tracks(read_criteria("audio: yes; cover: yes"), catalog())
    assert len(found.cards) == found.tracks
    assert match_tracks(read_criteria("language: Portuguese"), catalog()).unknown > 0

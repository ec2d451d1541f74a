"""Criteria against a whole catalogue: which of its tracks meet them, and of which nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...catalog.catalog import Catalog
from ...core.hashing import digest_of
from ...core.tables import counted
from ...state.criteria import Criteria
from ...state.criteria_text import clause_text, criteria_text
from ...state.values import TrackCard


@dataclass(frozen=True)
class FoundTracks:
    """What criteria come to on a catalogue.

    Attributes:
        cards: the tracks that meet all of it, in the catalogue's order.
        by_clause: how many tracks meet each clause by itself.
        unknown: tracks whose data do not say.
        tracks: in the catalogue.
    """

    criteria: Criteria
    cards: Sequence[TrackCard]
    by_clause: Sequence[tuple[str, int]]
    unknown: int
    tracks: int

    def __str__(self) -> str:
        single = "; ".join(f"{clause}: {count:,}" for clause, count in self.by_clause)
        told = f"{len(self.cards):,} of {counted(self.tracks, 'track')} meet all of it ({single})"
        return f"{told}; of {self.unknown:,} it is not known" if self.unknown else told

    def to_json(self) -> dict[str, Any]:
        """The document of `segue catalog find --json`, with stable keys."""
        return {
            "criteria": criteria_text(self.criteria),
            "tracks": self.tracks,
            "found": len(self.cards),
            "unknown": self.unknown,
            "clauses": [{"clause": clause, "found": count} for clause, count in self.by_clause],
            "track_ids": [card.track_id for card in self.cards],
        }


def match_tracks(criteria: Criteria, catalog: Catalog) -> FoundTracks:
    """Every track, by the whole of its lyrics and tags. Clips and covers are as announced; none is opened."""
    cards: list[TrackCard] = []
    counts = [0] * len(criteria.all_of)
    unknown = 0
    for track_id in catalog.track_ids():
        card = _whole_card(catalog, track_id)
        met = criteria.met_by(card)
        unknown += met is None
        cards += [card] if met else []
        counts = [n + (c.met_by(card) is True) for n, c in zip(counts, criteria.all_of, strict=True)]
    clauses = [(clause_text(clause), n) for clause, n in zip(criteria.all_of, counts, strict=True)]
    return FoundTracks(criteria, cards, clauses, unknown, len(catalog.track_ids()))


def _whole_card(catalog: Catalog, track_id: str) -> TrackCard:
    track = catalog.track(track_id)
    announced: dict[str, Any] = {}
    for name, kind, ref in (("audio", "audio", track.audio), ("image", "image", track.cover)):
        if ref is not None:
            announced[name] = {"kind": kind, "digest": digest_of(ref.path), "mime_type": f"{kind}/*"}
    return TrackCard.of_row(
        {**track.to_row(), "lyrics": track.lyrics},
        lyrics_chars=len(track.lyrics or ""),
        duration=None if track.duration is None else track.duration / 1000,
        language=track.language,
        **announced,
    ).model_copy(update={"tags": track.tag_list})

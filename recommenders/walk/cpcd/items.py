"""Items of CPCD: tracks with text, versions of one song as one item where the data say which they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ...retrieval.documents import TrackText
from ..items import ItemTable
from .dialogs import CpcdDialog, CpcdTrack


@dataclass(frozen=True)
class CpcdItems:
    """What there is to be found.

    Attributes:
        table: the items by cluster ids, or track ids where a track has no cluster; texts of the first track.
        of_track: track id -> id of its item; a track of which nothing is said is an item of its own, not in `table`.
        tracks: one track id of each item.
    """

    table: ItemTable
    of_track: Mapping[str, str]
    tracks: tuple[str, ...]

    @classmethod
    def of_dialogs(cls, dialogs: Iterable[CpcdDialog]) -> Self:
        """All tracks that some dialog says something of, in order of first mention."""
        tracks: dict[str, CpcdTrack] = {}
        for dialog in dialogs:
            for name, track in dialog.tracks.items():
                known = tracks.get(name)
                if known is None or known.track_cluster_ids is None:
                    tracks[name] = track if known is None else _better(known, track)
        of_track = {name: track.track_cluster_ids or name for name, track in tracks.items()}
        first: dict[str, str] = {}
        for name, item in of_track.items():
            first.setdefault(item, name)
        texts = tuple(_text(tracks[name]) for name in first.values())
        return cls(ItemTable(tuple(first), texts), of_track, tuple(first.values()))

    def item(self, track_id: str) -> str:
        """The item of a track, the track itself where nothing is known of it."""
        return self.of_track.get(track_id, track_id)

    def items(self, track_ids: Sequence[str]) -> tuple[str, ...]:
        """Of several tracks, each item once, in order."""
        return tuple(dict.fromkeys(map(self.item, track_ids)))


def _better(known: CpcdTrack, other: CpcdTrack) -> CpcdTrack:
    return other if other.track_cluster_ids is not None else known


def _text(track: CpcdTrack) -> TrackText:
    return TrackText(
        track.track_titles, track.track_artists, track.track_release_titles or None, (), None, ""
    )

"""Audits of the picks: known, from the pool, not repeated, and how long one artist or album is stayed with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import ClassVar

from .conversation import AuditedConversation, Song
from .language.rules import fixed
from .result import Audit, AuditMeasure, AuditSetting, Measures


class KnownPicks(Audit):
    name = "known-picks"
    definition = "Every recommended track is in the track metadata."
    needs = ("picks", "tracks")
    measures: ClassVar[Measures] = {"unknown": AuditMeasure("share", "picks that the metadata do not know")}

    def read(self, talk: AuditedConversation) -> None:
        unknown = [(turn, pick) for turn, pick in talk.picks if talk.songs.get(pick) is None]
        self.count("unknown", talk, len(unknown), len(talk.picks))
        for turn, pick in unknown:
            self.find(talk, turn, "unknown", pick)


class PoolPicks(Audit):
    name = "pool-picks"
    definition = "Every recommended track is a member of the conversation's pool."
    needs = ("picks", "pool")
    measures: ClassVar[Measures] = {"outside": AuditMeasure("share", "picks that are not in the pool")}

    def read(self, talk: AuditedConversation) -> None:
        pool = set(talk.pool)
        outside = [(turn, pick) for turn, pick in talk.picks if pick not in pool]
        self.count("outside", talk, len(outside), len(talk.picks))
        for turn, pick in outside:
            self.find(talk, turn, "outside", pick)


class Repeats(Audit):
    name = "repeats"
    definition = "No track is recommended twice in a conversation."
    needs = ("picks",)
    measures: ClassVar[Measures] = {"repeated": AuditMeasure("share", "picks that were played before")}

    def read(self, talk: AuditedConversation) -> None:
        seen: set[str] = set()
        repeated = 0
        for turn, pick in talk.picks:
            if pick in seen:
                repeated += 1
                self.find(talk, turn, "repeated", pick)
            seen.add(pick)
        self.count("repeated", talk, repeated, len(talk.picks))


class ArtistLockIn(Audit):
    name = "artist-lock-in"
    definition = (
        "How often a pick stays with the artist before it, and with any artist of the conversation, by turn."
    )
    needs = ("picks", "tracks")
    measures: ClassVar[Measures] = {
        "previous": AuditMeasure("share", "picks of turn 2 and later by an artist of the pick before"),
        "session": AuditMeasure("share", "picks of turn 2 and later by an artist already played"),
        "previous@*": AuditMeasure("share", "the first, by turn"),
        "session@*": AuditMeasure("share", "the second, by turn"),
        "one-artist": AuditMeasure(
            "share", "conversations of three picks or more that never leave one artist"
        ),
    }

    def read(self, talk: AuditedConversation) -> None:
        played = [(turn, song.artists) for turn, song in talk.played if song.artists]
        for turn, previous, session in _stays(played):
            for measure, stays in (("previous", previous), ("session", session)):
                self.count(measure, talk, stays)
                self.count(f"{measure}@t{turn}", talk, stays)
        if len(played) >= 3:
            common = frozenset.intersection(*(artists for _, artists in played))
            self.count("one-artist", talk, bool(common))
            if common:
                self.find(talk, 0, "one-artist", f"{len(played)} picks by {', '.join(sorted(common))}")


class AlbumLockIn(Audit):
    name = "album-lock-in"
    definition = "How often a pick stays with an album already played in the conversation, by turn."
    needs = ("picks", "albums")
    measures: ClassVar[Measures] = {
        "previous": AuditMeasure("share", "picks of turn 2 and later from the album of the pick before"),
        "session": AuditMeasure("share", "picks of turn 2 and later from an album already played"),
        "session@*": AuditMeasure("share", "the second, by turn"),
        "one-album": AuditMeasure("share", "conversations of three picks or more that never leave one album"),
    }

    def read(self, talk: AuditedConversation) -> None:
        played = [(turn, _album(song)) for turn, song in talk.played if song.album]
        for turn, previous, session in _stays(played):
            self.count("previous", talk, previous)
            self.count("session", talk, session)
            self.count(f"session@t{turn}", talk, session)
        if len(played) >= 3:
            albums = {album for _, album in played}
            self.count("one-album", talk, len(albums) == 1)
            if len(albums) == 1:
                self.find(talk, 0, "one-album", f"{len(played)} picks from {talk.played[0][1].album}")


def _album(song: Song) -> frozenset[str]:
    """An album is its name and its artist: many are called `Greatest Hits`."""
    return frozenset({f"{song.album} / {min(song.artists, default='')}"})


def _stays(played: Iterable[tuple[int, frozenset[str]]]) -> list[tuple[int, bool, bool]]:
    """(turn, shares something with the one before, with any before) from the second on."""
    stays: list[tuple[int, bool, bool]] = []
    seen: set[str] = set()
    before: frozenset[str] = frozenset()
    for number, (turn, names) in enumerate(played):
        if number:
            stays.append((turn, not names.isdisjoint(before), not names.isdisjoint(seen)))
        seen |= names
        before = names
    return stays


class PoolShare(Audit):
    name = "pool-artist-share"
    definition = (
        "The share of a pool's tracks that its biggest artist has; over half, any pick meets an artist goal."
    )
    needs = ("pool", "tracks")
    measures: ClassVar[Measures] = {
        "biggest": AuditMeasure(
            "mean", "share of the pool's biggest artist, mean over conversations", most=1
        ),
        "over-half": AuditMeasure("share", "pools with more than half of their tracks by one artist"),
        "artists": AuditMeasure("mean", "different artists in a pool"),
        "largest": AuditMeasure("number", "the largest such share of all"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._largest: float | None = None

    def read(self, talk: AuditedConversation) -> None:
        songs = [song for pick in talk.pool if (song := talk.songs.get(pick)) is not None]
        artists = Counter(artist for song in songs for artist in song.artists)
        if not artists:
            return
        name, most = artists.most_common(1)[0]
        share = most / len(songs)
        self._largest = max(share, self._largest or 0.0)
        self.count("biggest", talk, share)
        self.count("over-half", talk, share > fixed("pool_share_limit"))
        self.count("artists", talk, len(artists))
        if share > fixed("pool_share_limit"):
            self.find(talk, 0, "over-half", f"{most} of {len(songs)} tracks by {name}")

    def numbers(self) -> Mapping[str, float | None]:
        return {"largest": self._largest}

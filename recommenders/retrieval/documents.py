"""What a search reads of a track: what its card says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...catalog.catalog import Catalog
from ...catalog.track import Track
from ...state.values import MAX_TAGS, TrackCard
from .words import decade_of, phrases_of, words_of


class TrackText(NamedTuple):
    """The texts of one track. `lyrics`: as much of them as is shown."""

    title: str
    artists: tuple[str, ...]
    album: str | None
    tags: tuple[str, ...]
    release_date: str | None
    lyrics: str

    @classmethod
    def of_track(cls, track: Track, lyrics_chars: int) -> TrackText:
        """Of a track of a catalogue."""
        lyrics = (track.lyrics or "")[:lyrics_chars]
        tags = track.tag_list[:MAX_TAGS]
        return cls(track.title, track.artist_name, track.album, tags, track.release_date, lyrics)

    @classmethod
    def of_card(cls, card: TrackCard) -> TrackText:
        """Of a card."""
        return cls(card.title, card.artists, card.album, card.tags, card.release_date, card.lyrics or "")

    def words(self) -> list[str]:
        """The words of title, artists, album, tags, year, decade and lyrics.

        Titles, artists and tags count twice, also as pairs of words.
        """
        named = list(phrases_of((self.title, *self.artists, *self.tags)))
        return [*named, *named, *self._further()]

    def description(self) -> str:
        """All but the lyrics as one text, for what reads texts whole."""
        said = [self.title, ", ".join(self.artists), self.album, ", ".join(self.tags)]
        decade = decade_of(self.release_date) if self.release_date else None
        return ". ".join(text for text in (*said, decade) if text)

    def _further(self) -> Iterator[str]:
        if self.album is not None:
            yield from words_of(self.album)
        if self.release_date:
            yield self.release_date[:4]
            yield decade_of(self.release_date)
        yield from words_of(self.lyrics)


def texts_of(catalog: Catalog, lyrics_chars: int) -> Iterator[TrackText]:
    """Of all tracks, in the catalogue's order."""
    return (TrackText.of_track(catalog.track(i), lyrics_chars) for i in catalog.track_ids())

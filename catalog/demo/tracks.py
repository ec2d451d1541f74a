"""How a hand-written entry becomes a `Track`: its ids, its tags in order, and where its media will lie."""

from __future__ import annotations

from ..track import MediaRef, Track
from .entries import TrackEntry

MOST_TAGS = 12


def track_of(entry: TrackEntry) -> Track:
    """The published form of `entry`. Tracks of one album share its cover."""
    album, artist = entry.album, entry.artist
    return Track(
        track_id=entry.track_id,
        track_name=(entry.title,),
        artist_name=(artist.name,),
        album_name=(album.title,),
        artist_id=(f"artist-{artist.number}",),
        album_id=(album.album_id,),
        tag_list=tags_of(entry),
        popularity=float(entry.popularity),
        release_date=album.released.isoformat(),
        duration=entry.seconds * 1000,
        tempo=float(entry.tempo),
        key=entry.key.name,
        chords=tuple(chord.name for chord in entry.chords),
        lyrics="\n".join(entry.lyrics) or None,
        language=artist.language if entry.lyrics else None,
        audio=MediaRef(path=f"audio/{entry.track_id}.flac"),
        cover=MediaRef(path=f"cover/{album.album_id}.jpg"),
    )


def tags_of(entry: TrackEntry) -> tuple[str, ...]:
    """Genre, the track's own tags, the artist's, the decade; a track that nobody sings says so instead."""
    artist_tags = entry.artist.tags
    if not entry.lyrics:
        artist_tags = ("instrumental", *(tag for tag in artist_tags if not tag.endswith("vocalists")))
    decade = f"{entry.album.released.year // 10 * 10 % 100:02d}s"
    tags = dict.fromkeys((entry.artist.genre, *entry.tags, *artist_tags))
    return (*tuple(tags)[: MOST_TAGS - 1], decade)

"""`TrackFacts`: what the prompt tells of one track, ready for comparing and for talking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ...core.text import words_of
from .blocks import Block

_YEAR = re.compile(r"\d{4}")
_PHRASE = re.compile(r"[\n/;.!?]+")


@lru_cache(16_384)
def key_of(text: str) -> str:
    """`text` as the lexicon compares it: its words joined by single blanks."""
    return " ".join(words_of(text))


@dataclass(frozen=True)
class TrackFacts:
    """One track. Absent data are None or empty.

    Attributes:
        tags: in lower case, without those that only repeat a name.
        tempo: beats a minute.
        popularity: percent.
        lyrics: how the words begin.
        clip, cover: whether one was shown.
    """

    track_id: str
    title: str
    artists: tuple[str, ...]
    album: str | None
    year: int | None
    tags: tuple[str, ...]
    tempo: float | None
    key: str | None
    chords: tuple[str, ...]
    popularity: float | None
    lyrics: str | None
    clip: bool
    cover: bool

    @property
    def artist(self) -> str:
        return self.artists[0]

    @property
    def decade(self) -> int | None:
        return self.year // 10 * 10 if self.year is not None else None

    @property
    def mode(self) -> str | None:
        found = [m for m in ("minor", "major") if self.key and m in self.key.lower()]
        return found[0] if found else None

    @property
    def pace(self) -> str | None:
        """`slow` below 92, `fast` above 122 beats a minute, else `mid`; None when unknown."""
        if self.tempo is None:
            return None
        return "slow" if self.tempo < 92 else "fast" if self.tempo > 122 else "mid"

    @cached_property
    def tag_keys(self) -> frozenset[str]:
        return frozenset(key_of(tag) for tag in self.tags)

    @cached_property
    def lyric_text(self) -> str:
        return f" {key_of(self.lyrics)} " if self.lyrics else ""

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Phrases of three to nine words out of the lyrics that do not give the title away."""
        if not self.lyrics:
            return ()
        pieces = [piece.strip(" ,:-—–\"“”'") for piece in _PHRASE.split(self.lyrics)]
        whole = pieces[:-1] if len(self.lyrics) >= 195 and len(pieces) > 1 else pieces
        title = key_of(self.title)
        lines = [" ".join(piece.split()[:9]) for piece in whole if len(piece.split()) >= 3]
        return tuple(dict.fromkeys(line.rstrip(",") for line in lines if title not in key_of(line)))


def track_of(block: Block) -> TrackFacts:
    """The facts of a `<track>` block."""
    fields = block.fields
    artist = block["artist"]
    artists = tuple(artist) if isinstance(artist, list) else (artist,)
    year = _YEAR.match(fields.get("released") or "")
    names = {key_of(name) for name in (*artists, str(block["title"]))}
    return TrackFacts(
        track_id=str(block.attributes.get("id", "")),
        title=str(block["title"]),
        artists=artists,
        album=fields.get("album"),
        year=int(year.group()) if year else None,
        tags=tuple(tag.lower() for tag in fields.get("tags", ()) if key_of(tag) not in {*names, ""}),
        tempo=fields.get("tempo_bpm"),
        key=fields.get("key"),
        chords=tuple(fields.get("chords", ())),
        popularity=fields.get("popularity_percent"),
        lyrics=fields.get("lyrics_begin"),
        clip="clip" in fields,
        cover="cover" in fields,
    )

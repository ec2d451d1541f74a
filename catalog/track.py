"""`Track`: one recording, as the published Track-Metadata schema names its fields, plus ours."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Text = Annotated[str, StringConstraints(min_length=1)]
Texts = tuple[Text, ...]

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


class MediaRef(BaseModel):
    """Where a track's audio or cover lies: a path relative to the catalogue's media folder.

    Attributes:
        path: relative, with forward slashes; never an address to fetch.
        digest: BLAKE2b-128 of the file's bytes, where it is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Text
    digest: Text | None = None

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        if "://" in path or path.startswith(("/", "\\")) or ".." in path.split("/"):
            raise ValueError("must be a relative path inside the catalogue's media folder")
        return path


class Track(BaseModel):
    """One track. What the source lacks is None or empty; nothing is ever made up.

    Attributes:
        track_id: unique in its catalogue.
        track_name, artist_name, album_name: one or more names each, the main one first.
        artist_id, album_id, ISRC: identifiers of the source, if it has them.
        tag_list: tags, the most important first.
        popularity: percentage, 0 to 100.
        release_date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        duration: milliseconds.
        tempo: beats a minute.
        key: such as `A minor`, `F# major`.
        chords: chord names in order of sounding, such as `Am`, `F`, `G7`.
        lyrics: full text; None when unknown, or when nothing is sung.
        language: ISO 639-1 code of the lyrics.
        audio, cover: files in the catalogue's media folder.
        images: further pictures there, such as the back of the sleeve or the artist.
        from_file_name: fields above that no tag held and that were taken from the name of the file or folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    track_id: Text
    track_name: Annotated[Texts, Field(min_length=1)]
    artist_name: Annotated[Texts, Field(min_length=1)]
    album_name: Texts = ()
    artist_id: Texts = ()
    album_id: Texts = ()
    ISRC: Texts = ()
    tag_list: Texts = ()
    popularity: Annotated[float, Field(ge=0, le=100)] | None = None
    release_date: str | None = None
    duration: Annotated[int, Field(gt=0)] | None = None
    tempo: Annotated[float, Field(gt=0, le=500)] | None = None
    key: Text | None = None
    chords: Texts = ()
    lyrics: Text | None = None
    language: Text | None = None
    audio: MediaRef | None = None
    cover: MediaRef | None = None
    from_file_name: Texts = ()
    images: tuple[MediaRef, ...] = ()

    @field_validator("release_date")
    @classmethod
    def _date(cls, value: str | None) -> str | None:
        if value is not None and not _DATE.fullmatch(value):
            raise ValueError("must be YYYY, YYYY-MM or YYYY-MM-DD")
        return value

    @property
    def title(self) -> str:
        return self.track_name[0]

    @property
    def artist(self) -> str:
        return ", ".join(self.artist_name)

    @property
    def album(self) -> str | None:
        return self.album_name[0] if self.album_name else None

    def to_row(self) -> dict[str, Any]:
        """Plain JSON with absent fields left out; `from_row` gives the equal track back."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        return cls.model_validate(row)

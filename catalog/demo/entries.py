"""The hand-written files of the demo catalogue, read into artists, albums and tracks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from ...core.errors import CatalogError
from .harmony import SpelledChord, SpelledKey, chord_of, parse_key

_T = TypeVar("_T")


@dataclass(frozen=True)
class ArtistEntry:
    """An artist line. `language` is None for artists who never sing."""

    number: str
    name: str
    country: str
    city: str
    genre: str
    language: str | None
    style: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class AlbumEntry:
    """An album line: what it is called, when it came out, and what its cover shows in which colours."""

    artist: ArtistEntry
    letter: str
    title: str
    released: date
    motif: str
    palette: str

    @property
    def album_id(self) -> str:
        return f"album-{self.artist.number}{self.letter.lower()}"


@dataclass(frozen=True)
class TrackEntry:
    """A track line and the lyrics below it. `chords` is the progression that the recording repeats."""

    album: AlbumEntry
    number: str
    title: str
    tempo: int
    key: SpelledKey
    chords: tuple[SpelledChord, ...]
    popularity: int
    seconds: int
    tags: tuple[str, ...]
    style: str
    lyrics: tuple[str, ...]

    @property
    def artist(self) -> ArtistEntry:
        return self.album.artist

    @property
    def track_id(self) -> str:
        return f"demo-{self.artist.number}{self.number}"


def data_file(name: str) -> Traversable:
    """A file of the hand-written data, as it lies in the package."""
    return files(__package__).joinpath("data", name)


def read_entries() -> tuple[TrackEntry, ...]:
    """Every track of the demo catalogue, sorted by id.

    Raises:
        CatalogError: naming file, line and field of an entry that cannot be read, or of a number used twice.
    """
    folder = files(__package__).joinpath("data")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".txt"))
    entries = [
        entry for name in names for entry in parse_entries(name, folder.joinpath(name).read_text("utf-8"))
    ]
    found: dict[str, TrackEntry] = {}
    for entry in entries:
        if entry.track_id in found:
            raise CatalogError(
                f"{entry.track_id} is both {found[entry.track_id].title!r} and {entry.title!r}",
                file="demo data",
                field="number",
                hint="give every artist a number of its own, and every track one within its artist",
            )
        found[entry.track_id] = entry
    return tuple(found[track_id] for track_id in sorted(found))


def parse_entries(file: str, text: str) -> Iterator[TrackEntry]:
    """The tracks that `text`, from the file of that name, describes. Errors as in `read_entries`."""
    return _Reader(file).read(text)


def read_rows(name: str, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each row of a file, fields set apart by tabs; `#` starts a comment.

    Raises:
        CatalogError: for a row with another number of fields.
    """
    for number, line in enumerate(data_file(name).read_text("utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            fields = [field.strip() for field in line.split("\t")]
            if len(fields) != columns:
                raise CatalogError(f"{len(fields)} fields where {columns} belong", file=name, line=number)
            yield number, fields


def _fields(text: str) -> list[str]:
    return [field.strip() for field in text.split("|")]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


class _Reader:
    """Reads one file line by line; holds the artist, album and track that the next line belongs to."""

    def __init__(self, file: str) -> None:
        self.file, self.line = file, 0
        self.artist: ArtistEntry | None = None
        self.album: AlbumEntry | None = None
        self.track: list[str] | None = None
        self.track_line = 0
        self.lyrics: list[str] = []

    def read(self, text: str) -> Iterator[TrackEntry]:
        for self.line, line in enumerate(text.splitlines(), 1):
            if line.startswith(">"):
                self._require(self.track, "a track", "lyrics")
                self.lyrics.append(line[1:].strip())
            elif line.strip() and not line.startswith("#"):
                yield from self._finish()
                self._begin(line)
        yield from self._finish()

    def _begin(self, line: str) -> None:
        fields = _fields(line.lstrip("=-"))
        if line.startswith("="):
            number, name, country, city, genre, language, style, tags = self._sized(fields, 8, 8)
            spoken = None if language == "-" else language
            self.artist = ArtistEntry(number, name, country, city, genre, spoken, style, _words(tags))
            self.album = None
        elif line.startswith("-"):
            letter, title, released, motif, palette = self._sized(fields, 5, 5)
            artist = self._require(self.artist, "an artist", "album")
            self.album = AlbumEntry(artist, letter, title, self._date(released), motif, palette)
        else:
            self.track, self.track_line = self._sized(fields, 8, 9), self.line
            self._require(self.album, "an album", "track")

    def _finish(self) -> Iterator[TrackEntry]:
        if self.track is not None and self.album is not None:
            try:
                yield _track(self.album, self.track, tuple(self.lyrics))
            except ValueError as error:
                raise CatalogError(str(error), file=self.file, line=self.track_line) from error
        self.track, self.lyrics = None, []

    def _require(self, value: _T | None, what: str, field: str) -> _T:
        if value is None:
            raise CatalogError(f"this line belongs below {what}", file=self.file, line=self.line, field=field)
        return value

    def _sized(self, fields: list[str], least: int, most: int) -> list[str]:
        if not least <= len(fields) <= most or not all(fields):
            message = f"{len(fields)} fields where {least} belong, none of them empty"
            raise CatalogError(message, file=self.file, line=self.line)
        return fields

    def _date(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise CatalogError(str(error), file=self.file, line=self.line, field="release date") from error


def _track(album: AlbumEntry, fields: list[str], lyrics: tuple[str, ...]) -> TrackEntry:
    number, title, tempo, key_name, numerals, popularity, length, tags = fields[:8]
    key = parse_key(key_name)
    minutes, seconds = length.split(":")
    return TrackEntry(
        album=album,
        number=number,
        title=title,
        tempo=int(tempo),
        key=key,
        chords=tuple(chord_of(numeral, key) for numeral in numerals.split()),
        popularity=int(popularity),
        seconds=int(minutes) * 60 + int(seconds),
        tags=_words(tags),
        style=fields[8] if len(fields) == 9 else album.artist.style,
        lyrics=lyrics,
    )

"""`ArtistGroup`: artists that somebody put together, and the words that they were put together by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ...catalog.joining.tags import TagFile
from ..walk.collections import FoundCollections
from .words import artist_key

_WORDED: Final = frozenset({"playlist", "session", "tag", "era"})
"""Sources whose words say more than a name."""


class ArtistGroup(NamedTuple):
    """Keys of artists, each once, and words."""

    artists: tuple[str, ...]
    words: tuple[str, ...] = ()


def groups_of(found: FoundCollections) -> Iterator[ArtistGroup]:
    """The main artists of each collection that has several; how often one is there does not count."""
    keys = [artist_key(text.artists[0]) if text.artists else "" for text in found.items.texts]
    for collection in found.kept:
        artists = tuple(sorted({keys[place] for place in collection.places} - {""}))
        if len(artists) > 1:
            yield ArtistGroup(artists, collection.words if collection.source in _WORDED else ())


def groups_of_tags(files: Sequence[TagFile]) -> Iterator[ArtistGroup]:
    """The artists that share a tag."""
    tagged: dict[str, set[str]] = defaultdict(set)
    for artist, tag in _given(files):
        tagged[tag.lower()].add(artist_key(artist))
    for tag, artists in sorted(tagged.items()):
        if len(artists) > 1:
            yield ArtistGroup(tuple(sorted(artists)), (tag,))


def _given(files: Sequence[TagFile]) -> Iterable[tuple[str, str]]:
    for file in files:
        for row in file.table.select("artist", "tag_list").iter_rows():
            yield from ((row[0], tag) for tag in row[1])

"""Collections: tracks that somebody put, played or filed together, each with words for what they have in common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from ...catalog.catalog import Catalog
from ...core.errors import ConfigError
from ..retrieval.documents import TrackText
from ..retrieval.words import decade_of
from .cpcd.dialogs import CpcdDialog
from .cpcd.items import CpcdItems
from .items import ItemTable

CollectionSource = Literal["playlist", "session", "artist", "tag", "era", "album", "goal"]
SOURCES: Final[tuple[CollectionSource, ...]] = get_args(CollectionSource)
WORDS: Final = 4
"""Words that a collection is told by, at most."""
_DISTINCTIVE: Final = 1.5
"""How much more often a collection's tracks have a tag than tracks in general, at least."""


@dataclass(frozen=True)
class ItemCollection:
    """Items that stand for what somebody would like.

    Attributes:
        name: unique, such as `tag: soul`.
        words: what they have in common, what says most first; may be empty.
        places: of the items, each once.
        weight: how likely a conversation starts from it, beside others.
    """

    name: str
    source: CollectionSource
    words: tuple[str, ...]
    places: tuple[int, ...]
    weight: float = 1.0

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "source": self.source,
            "words": list(self.words),
            "tracks": len(self.places),
            "weight": self.weight,
        }


@dataclass(frozen=True)
class FoundCollections:
    """All collections of some items.

    Attributes:
        kept: in a stable order.
        left_out: reason -> how many were left out.
    """

    items: ItemTable
    kept: tuple[ItemCollection, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def by_source(self) -> dict[str, tuple[int, int]]:
        """Source -> collections, and items in them."""
        found: dict[str, tuple[int, int]] = {}
        for source in SOURCES:
            members = [each.places for each in self.kept if each.source == source]
            if members:
                found[source] = (len(members), len({place for each in members for place in each}))
        return found

    def to_json(self) -> dict[str, Any]:
        by_source = {name: {"collections": n, "tracks": m} for name, (n, m) in self.by_source().items()}
        return {
            "tracks": len(self.items.ids),
            "collections": len(self.kept),
            "by_source": by_source,
            "left_out": dict(self.left_out),
        }


def collections_of_catalog(
    catalog: Catalog, sources: Sequence[CollectionSource] = SOURCES, *, least: int = 5, most: int = 500
) -> FoundCollections:
    """Collections of a catalogue's tracks: its playlists and sessions, and what shares a tag, an artist, a decade or
    an album.

    Args:
        least, most: tracks of a collection; others are left out.

    Raises:
        ConfigError: no collection is left.
    """
    items = ItemTable.of_catalog(catalog)
    groups = [*_sessions(catalog, items), *_shared(items)]
    return sorted_out(items, [each for each in groups if each[0] in sources], least, most)


def collections_of_dialogs(
    dialogs: Iterable[CpcdDialog],
    items: CpcdItems,
    sources: Sequence[CollectionSource] = SOURCES,
    *,
    least: int = 5,
    most: int = 500,
) -> FoundCollections:
    """The playlists that conversations of CPCD led to, without a word of what was said, and what shares an artist or
    an album. Raises `ConfigError` where no collection is left."""
    goals: list[Group] = [
        ("goal", dialog.id, items.table.places(items.items(dialog.goal_playlist))) for dialog in dialogs
    ]
    groups = [*goals, *_shared(items.table)]
    return sorted_out(items.table, [each for each in groups if each[0] in sources], least, most)


Group = tuple[CollectionSource, str, Sequence[int]]
"""Source, name, places."""


def sorted_out(items: ItemTable, groups: Iterable[Group], least: int, most: int) -> FoundCollections:
    """Groups as collections, without those that are too small or large, or hold the same as one before."""
    common = _tag_shares(items.texts)
    left: Counter[str] = Counter()
    kept: list[ItemCollection] = []
    seen: set[frozenset[int]] = set()
    for source, name, places in groups:
        members = tuple(dict.fromkeys(places))
        if len(members) < least:
            left[f"fewer than {least} tracks"] += 1
        elif len(members) > most:
            left[f"more than {most} tracks"] += 1
        elif (same := frozenset(members)) in seen:
            left["the same tracks as another"] += 1
        else:
            seen.add(same)
            words = _words(source, name, [items.texts[place] for place in members], common)
            kept.append(ItemCollection(f"{source}: {name}", source, words, members))
    if not kept:
        raise ConfigError(
            "no collection of tracks is left to start conversations from",
            hint="a catalogue with playlists, sessions, tags or several tracks of an artist; or a lower least size",
        )
    return FoundCollections(items, tuple(kept), dict(left))


def _sessions(catalog: Catalog, items: ItemTable) -> Iterator[Group]:
    for name in catalog.session_ids():
        session = catalog.session(name)
        source: CollectionSource = "playlist" if session.origin == "playlist" else "session"
        yield source, name, items.places(session.distinct_track_ids)


def _shared(items: ItemTable) -> Iterator[Group]:
    """What has a tag, an artist, a decade or an album of an artist in common, by name."""
    found: dict[tuple[CollectionSource, str], list[int]] = defaultdict(list)
    for place, text in enumerate(items.texts):
        for tag in dict.fromkeys(tag.lower() for tag in text.tags):
            found["tag", tag].append(place)
        for artist in dict.fromkeys(text.artists):
            found["artist", artist].append(place)
        if text.release_date:
            found["era", decade_of(text.release_date)].append(place)
        if text.album and text.artists:
            found["album", f"{text.album}, {text.artists[0]}"].append(place)
    for (source, name), places in sorted(
        found.items(), key=lambda each: (SOURCES.index(each[0][0]), each[0][1])
    ):
        yield source, name, places


def _tag_shares(texts: Sequence[TrackText]) -> Mapping[str, float]:
    counts = Counter(tag.lower() for text in texts for tag in dict.fromkeys(text.tags))
    return {tag: count / len(texts) for tag, count in counts.items()}


def _words(
    source: CollectionSource, name: str, texts: Sequence[TrackText], common: Mapping[str, float]
) -> tuple[str, ...]:
    """Tags that these tracks have clearly more often than others, those that say most first; the name of a tag, an
    era or an artist before all."""
    own = (name,) if source in ("tag", "era", "artist") else ()
    counts = Counter(tag.lower() for text in texts for tag in dict.fromkeys(text.tags))
    shares = {tag: count / len(texts) for tag, count in counts.items() if count > 1}
    telling = [tag for tag, share in shares.items() if share >= _DISTINCTIVE * common[tag]]
    telling.sort(key=lambda tag: (-shares[tag] * (shares[tag] / common[tag]) ** 0.5, tag))
    return tuple(dict.fromkeys([*own, *telling]))[:WORDS]

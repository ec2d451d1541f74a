"""Collections: tracks that somebody put, played or filed together, each with words for what they have in common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from ...catalog.catalog import Catalog
from ...core.errors import ConfigError
from ..retrieval.documents import TrackText
from ..retrieval.words import decade_of, words_of
from .cpcd.dialogs import CpcdDialog
from .cpcd.items import CpcdItems
from .items import ItemTable
from .walk_settings import Weights

CollectionSource = Literal["playlist", "session", "artist", "tag", "era", "album", "goal"]
SOURCES: Final[tuple[CollectionSource, ...]] = get_args(CollectionSource)
COMMON_SOURCES: Final[tuple[CollectionSource, ...]] = ("artist", "tag", "era")
"""What tracks have in common, whoever plays them."""
WORDS: Final = 4
"""Words that a collection is told by, at most."""
_NAMED_BY: Final = ("tag", "era", "artist")
"""Sources whose collections are told by their own names."""
_LONGEST_TITLE: Final = 50
"""Characters of a playlist's title that may stand in a sentence."""
_NO_TITLES: Final = frozenset({
    "playlist", "my playlist", "new playlist", "untitled", "untitled playlist", "music", "my music", "songs",
    "my songs",
    "favorites", "favourites", "my favorites", "my favourites", "liked songs", "starred", "random", "mix", "my mix",
    "stuff", "other", "misc", "test", "queue", "all", "everything", "downloads",
})  # fmt: skip
"""What is said of nothing in particular."""
_DISTINCTIVE: Final = 1.5
"""How much more often a collection's tracks have a tag than tracks in general, at least."""


@dataclass(frozen=True)
class ItemCollection:
    """Items that stand for what somebody would like.

    Attributes:
        name: unique, such as `tag: soul`.
        words: what they have in common, what says most first; may be empty.
        places: of the items, each once.
    """

    name: str
    source: CollectionSource
    words: tuple[str, ...]
    places: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "source": self.source,
            "words": list(self.words),
            "tracks": len(self.places),
        }


@dataclass(frozen=True)
class FoundCollections:
    """All collections of some items.

    Attributes:
        kept: in a stable order.
        left_out: reason -> how many were left out.
        untitled: how many playlists are told by their tags alone, as nothing is known of what they are called, or it
            says nothing.
    """

    items: ItemTable
    kept: tuple[ItemCollection, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    untitled: int = 0

    def weights(self, by: Weights) -> tuple[float, ...]:
        """How likely a conversation starts from each, beside the others."""
        if by == "size":
            return tuple(float(len(each.places)) for each in self.kept)
        counts = Counter(each.source for each in self.kept) if by == "source" else {}
        return tuple(1 / counts.get(each.source, 1) for each in self.kept)

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
            "untitled": self.untitled,
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
    sessions = list(_sessions(catalog, items)) if {"playlist", "session"} & set(sources) else []
    groups = [*(group for group, _ in sessions), *_shared(items)]
    titles = {name: title for (source, name, _), title in sessions if source == "playlist" and title}
    return sorted_out(items, [each for each in groups if each[0] in sources], least, most, titles)


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


def sorted_out(
    items: ItemTable,
    groups: Iterable[Group],
    least: int,
    most: int,
    titles: Mapping[str, str] | None = None,
) -> FoundCollections:
    """Groups as collections, without those that are too small or large, or hold the same as one before.

    Args:
        titles: of playlists, by name.
    """
    titles, untitled = titles or {}, 0
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
            own = telling_title(titles.get(name, "")) if source == "playlist" else ""
            own = name if source in _NAMED_BY else own
            untitled += source == "playlist" and not own
            words = _words(own, [items.texts[place] for place in members], common)
            kept.append(ItemCollection(f"{source}: {name}", source, words, members))
    if not kept:
        raise ConfigError(
            "no collection of tracks is left to start conversations from",
            hint="a catalogue with playlists, sessions, tags or several tracks of an artist; or a lower least size",
        )
    return FoundCollections(items, tuple(kept), dict(left), untitled)


def _sessions(catalog: Catalog, items: ItemTable) -> Iterator[tuple[Group, str | None]]:
    """Each with its title."""
    for name in catalog.session_ids():
        session = catalog.session(name)
        source: CollectionSource = "playlist" if session.origin == "playlist" else "session"
        yield (source, name, items.places(session.distinct_track_ids)), session.title


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


def telling_title(title: str) -> str:
    """What a playlist is called without signs around it, where that says something; empty for what has no words, is a
    sentence, or is what programs call them."""
    words = words_of(title)
    bare = " ".join(word for word in words if not word.isdigit())
    if len(title) > _LONGEST_TITLE or not any(len(word) > 1 for word in bare.split()) or bare in _NO_TITLES:
        return ""
    first, last = (
        next(place for place, sign in enumerate(text) if _stays(sign)) for text in (title, title[::-1])
    )
    return title[first : len(title) - last]


def _stays(sign: str) -> bool:
    return sign.isalnum() or sign in "()[]"


def _words(own: str, texts: Sequence[TrackText], common: Mapping[str, float]) -> tuple[str, ...]:
    """Tags that these tracks have clearly more often than others, those that say most first; before all the name of a
    tag, an era or an artist, or the title of a playlist."""
    counts = Counter(tag.lower() for text in texts for tag in dict.fromkeys(text.tags))
    shares = {tag: count / len(texts) for tag, count in counts.items() if count > 1}
    telling = [tag for tag, share in shares.items() if share >= _DISTINCTIVE * common[tag]]
    telling.sort(key=lambda tag: (-shares[tag] * (shares[tag] / common[tag]) ** 0.5, tag))
    return tuple(dict.fromkeys([*filter(None, [own]), *telling]))[:WORDS]

"""Walked conversations as rows of JSON: our own layout, with slates, and CPCD's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

from ...core.errors import ConfigError
from ...core.suggestions import choices
from .collections import ItemCollection
from .inpainting import Inpainted
from .items import ItemTable
from .walking import Walk

RowLayout = Literal["segue", "cpcd"]
LAYOUTS: Final[tuple[RowLayout, ...]] = get_args(RowLayout)


def layout_of(name: str) -> RowLayout:
    """The layout of that name. Raises `ConfigError` where there is none."""
    if name not in get_args(RowLayout):
        raise ConfigError(f"there is no layout {name!r}", hint=choices(name, LAYOUTS, what="one of"))
    return next(each for each in LAYOUTS if each == name)


def row_of(
    name: str,
    walk: Walk,
    said: Sequence[Inpainted],
    collection: ItemCollection,
    items: ItemTable,
    language: str,
) -> dict[str, Any]:
    """A conversation in our own layout: each turn's utterance, slate, likes and rejections, and the target."""
    turns = [
        {
            "user": words.said,
            "reply": words.reply,
            "about": words.about,
            "slate": [items.ids[place] for place in turn.shown],
            "liked": [items.ids[place] for place in turn.liked],
            "rejected": [items.ids[place] for place in turn.rejected],
        }
        for turn, words in zip(walk.turns, said, strict=True)
    ]
    return {
        "id": name,
        "language": language,
        "collection": {
            "name": collection.name,
            "source": collection.source,
            "words": list(collection.words),
            "tracks": [items.ids[place] for place in collection.places],
        },
        "turns": turns,
    }


def cpcd_row_of(name: str, walk: Walk, said: Sequence[Inpainted], items: ItemTable) -> dict[str, Any]:
    """A conversation in CPCD's layout; its playlist is what of the target was shown and liked."""
    liked = [place for turn in walk.turns for place in turn.liked]
    shown = sorted({place for turn in walk.turns for place in turn.shown})
    return {
        "id": name,
        "turns": [
            {
                "user_query": words.said,
                "system_response": words.reply,
                "search_queries": [],
                "search_results": [[items.ids[place] for place in turn.shown]],
                "liked_results": [items.ids[place] for place in turn.liked],
                "disliked_results": [items.ids[place] for place in turn.rejected],
            }
            for turn, words in zip(walk.turns, said, strict=True)
        ],
        "tracks": {items.ids[place]: _track(items, place) for place in shown},
        "goal_playlist": [items.ids[place] for place in liked],
    }


def _track(items: ItemTable, place: int) -> dict[str, Any]:
    text = items.texts[place]
    return {
        "track_ids": items.ids[place],
        "track_titles": text.title,
        "track_artists": list(text.artists),
        "track_release_titles": text.album or "",
        "track_canonical_ids": items.ids[place],
        "track_cluster_ids": items.ids[place],
    }

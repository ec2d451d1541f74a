"""Walks through four tags, and answers that give them words."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from segue.recommenders.embeddings.arrays import of_length_1
from segue.recommenders.retrieval.documents import TrackText
from segue.recommenders.walk.collections import FoundCollections, sorted_out
from segue.recommenders.walk.generating import Generator
from segue.recommenders.walk.items import ItemTable
from segue.recommenders.walk.walk_settings import WalkSettings
from segue.runs.walks.jobs import WalkWording
from segue.runs.walks.model import WalkModel

TAGS = ("soul", "dub", "folk", "house")


@cache
def found() -> FoundCollections:
    """Four tags of twenty tracks by four artists each."""
    texts = [
        TrackText(
            f"Ember Song Number {i}",
            (f"Harbour Choir {chr(65 + i // 5)}",),
            None,
            (TAGS[i // 20], "music"),
            f"{1970 + i // 20 * 10}",
            "",
        )
        for i in range(80)
    ]
    items = ItemTable(tuple(f"track-id-{i:03}" for i in range(80)), tuple(texts))
    tags = [("tag", tag, range(20 * n, 20 * n + 20)) for n, tag in enumerate(TAGS)]
    return sorted_out(items, tags, 5, 50)


@cache
def vectors() -> Any:
    """Tracks of one tag lie together."""
    rng = np.random.default_rng(0)
    return of_length_1((np.repeat(np.eye(4), 20, axis=0) + 0.05 * rng.random((80, 4))).astype(np.float32))


def wording(model: str | WalkModel = "offline", **settings: Any) -> WalkWording:
    """Walks of seed 3, and a model that words them."""
    generator = Generator(found(), vectors(), WalkSettings(**settings), 3)
    return WalkWording(generator, model if isinstance(model, WalkModel) else WalkModel(model))

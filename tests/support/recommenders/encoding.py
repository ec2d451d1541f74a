"""Small collections to train dual encoders on: four tags of five artists each, and what is said of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from segue.recommenders.dual_encoder.encoder_settings import EncoderSettings
from segue.recommenders.dual_encoder.learning import Lesson, WalkedCatalog
from segue.recommenders.embeddings.arrays import VectorTable, of_length_1
from segue.recommenders.retrieval.documents import TrackText
from segue.recommenders.walk.collections import FoundCollections, sorted_out
from segue.recommenders.walk.items import ItemTable

TAGS = ("soul", "dub", "folk", "house")
ARTISTS = 20
EACH = 6
"""Songs of an artist."""


def artist(number: int) -> str:
    return f"Amber{chr(97 + number)}tide Quartet"


@cache
def found() -> FoundCollections:
    texts = [
        TrackText(f"Number {i} of it", (artist(i // EACH),), None, (TAGS[i // EACH // 5],), None, "")
        for i in range(ARTISTS * EACH)
    ]
    items = ItemTable(tuple(f"t{i}" for i in range(len(texts))), tuple(texts))
    size = 5 * EACH
    tags = [("tag", tag, range(size * n, size * n + size)) for n, tag in enumerate(TAGS)]
    pairs = [("playlist", f"list {n}", range(2 * EACH * n, 2 * EACH * n + 2 * EACH)) for n in range(10)]
    artists = [("artist", artist(n), range(EACH * n, EACH * n + EACH)) for n in range(ARTISTS)]
    return sorted_out(items, [*tags, *pairs, *artists], 5, 100)


@cache
def vectors() -> VectorTable:
    rng = np.random.default_rng(0)
    near = np.repeat(np.eye(4), 5 * EACH, axis=0)
    return of_length_1((near + 0.05 * rng.random((len(near), 4))).astype(np.float32))


def lesson(seed: int = 0, **settings: Any) -> Lesson:
    chosen: dict[str, Any] = {"conversations": 40, "epochs": 3, "batch": 16, "hard": 4, "dimensions": 8}
    material = WalkedCatalog("small", found(), lambda _: vectors())
    return Lesson((material,), (), (), EncoderSettings(**(chosen | settings)), seed)


def trained(folder: Path, **settings: Any) -> Path:
    lesson(**settings).learn(folder)
    return folder

"""Folds of names, for what is learned from some and scored on others."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence


def folds_of(names: Sequence[str], folds: int) -> Mapping[str, int]:
    """Name -> fold, all of them about equally large, whatever order the names come in."""
    mixed = sorted(names)
    random.Random(0).shuffle(mixed)
    return {name: place % folds if folds else 0 for place, name in enumerate(mixed)}

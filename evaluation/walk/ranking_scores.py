"""Scores of one ranking against what is right, as CPCD's authors define them (Chaganty et al., SIGIR 2023)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

CUTOFFS: Final = (1, 5, 10, 20, 100)
MEASURES: Final = ("hit", "map", "mrr", "precision", "recall")
NAMES: Final = tuple(f"{measure}@{cutoff}" for measure in MEASURES for cutoff in CUTOFFS)
"""Of the scores, in the order of `scores_of`."""


def scores_of(ranked: Sequence[str], right: Collection[str]) -> tuple[float, ...]:
    """All scores of a ranking, in the order of `NAMES`.

    hit: 1 where one of the first k is right. mrr: one by the rank of the first right one among them. precision and
    recall: the share of the first k that is right, and of what is right that is among them. map: the mean of the
    precisions at right places, by the lesser of k and how many are right.

    Args:
        ranked: at least 100 different ids, the best first.
        right: at least one id.

    Raises:
        ValueError: the ranking is too short or repeats an id, or nothing is right.
    """
    if len(ranked) < CUTOFFS[-1]:
        raise ValueError(f"a ranking needs {CUTOFFS[-1]} items, and has {len(ranked)}")
    if len(set(ranked)) < len(ranked):
        raise ValueError("a ranking holds an item twice")
    wanted = frozenset(right)
    if not wanted:
        raise ValueError("nothing is right")
    places = [place for place, item in enumerate(ranked[: CUTOFFS[-1]], 1) if item in wanted]
    columns = [_at(places, cutoff, len(wanted)) for cutoff in CUTOFFS]
    return tuple(column[measure] for measure in MEASURES for column in columns)


def _at(places: Sequence[int], cutoff: int, wanted: int) -> dict[str, float]:
    found = [place for place in places if place <= cutoff]
    precisions = sum(number / place for number, place in enumerate(found, 1))
    return {
        "hit": float(bool(found)),
        "map": precisions / min(wanted, cutoff),
        "mrr": 1 / found[0] if found else 0.0,
        "precision": len(found) / cutoff,
        "recall": len(found) / wanted,
    }

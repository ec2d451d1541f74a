"""What a goal's specificity promises of the tracks that can meet it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .criteria import Criteria, carried
from .criteria_text import clause_text
from .values import Specificity, TrackCard

FEW = 3
"""The most tracks that a half remembered one can be (LH)."""

MANY = 4
"""The fewest tracks of a goal that many would meet (LL, HL)."""


TARGET_TURNS: Final[Mapping[str, tuple[int, int]]] = {"LL": (3, 7), "HL": (3, 4), "LH": (6, 8), "HH": (1, 2)}
"""Specificity -> the turns in which its goals should be met; the same for all topics."""


def bounds_of(specificity: Specificity, pool: int) -> tuple[int, int]:
    """The fewest and the most tracks of a pool of that size that may be right ones. Half of it at most."""
    half = max(1, pool // 2)
    if specificity[1] == "H":
        return 1, min(half, 1 if specificity == "HH" else FEW)
    return min(MANY, half), half


def wanted_tracks(specificity: Specificity, target_turns: int) -> int:
    """How many right tracks meet a goal: one where one is after all wanted; else as many as the fewest turns that goals
    of several tracks take, so that their turns are what it takes to hear them."""
    return 1 if specificity[1] == "H" else min(3, target_turns)


def promise_broken(criteria: Criteria, specificity: Specificity, cards: Sequence[TrackCard]) -> str | None:
    """Why a pool cannot bear a goal with these criteria; None where it does."""
    silent = [field for field in criteria.fields if not any(carried(field, card) for card in cards)]
    if silent:
        return f"no track says anything of {', '.join(silent)}"
    right = len(criteria.satisfying(cards))
    fewest, most = bounds_of(specificity, len(cards))
    if fewest <= right <= most:
        return None
    single = "; ".join(
        f"{clause_text(clause)}: {sum(clause.met_by(card) is True for card in cards)}"
        for clause in criteria.all_of
    )
    asked = str(fewest) if fewest == most else f"{fewest} to {most}"
    met = f"{right} of {len(cards)} tracks meet all of it ({single})"
    return f"{met}; a goal of specificity {specificity} wants {asked}"

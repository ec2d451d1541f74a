"""The effects in a factorial experiment: paired differences between levels, averaged within sessions."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any, Literal

import numpy as np

from ..core.random import stream_seed
from .inference import CONFIDENCE, Numbers, bootstrap_interval, holm, sign_flip_p

Kind = Literal["main", "interaction"]
Levels = Mapping[str, str]
"""Factor -> level of one cell of the experiment."""


@dataclass(frozen=True)
class Observation:
    """One measure of one conversation.

    Attributes:
        unit: the listening session. Sessions are independent of each other; conversations on one are not.
        block: what else two conversations must share to be a pair, such as the run's seed and the repetition.
        value: None where there is nothing to measure.
    """

    unit: str
    block: tuple[object, ...]
    levels: Levels
    value: float | None


@dataclass(frozen=True)
class Effect:
    """How far a level moves a measure from the reference level, all else equal.

    Attributes:
        kind: `main`, or `interaction`: how much the level's effect of one factor depends on the other.
        factor, level, reference: for an interaction both factors and levels, joined by ` x `.
        reference_mean, level_mean: over units, of the pairs alone; None for an interaction.
        difference: mean over units of level minus reference; None without a single pair.
        low, high: 95 % interval of the difference, bootstrapped over units; None for fewer than two units.
        p: two-sided, by sign flips over units. `p_holm`: corrected for all tests of the report.
        units, pairs: independent sessions, and the pairs of conversations averaged within them.
        unpaired: conversations left out because their counterpart failed or had nothing to measure.
    """

    kind: Kind
    measure: str
    factor: str
    level: str
    reference: str
    reference_mean: float | None
    level_mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    units: int
    pairs: int
    unpaired: int

    @property
    def label(self) -> str:
        """The comparison in few words."""
        if self.kind == "interaction":
            return f"{self.factor}: interaction"
        return f"{self.factor}: {self.level} − {self.reference}"

    def to_json(self) -> dict[str, Any]:
        """With stable keys."""
        return {**asdict(self), "found": self.found}

    @property
    def found(self) -> bool:
        """Whether the difference stands after the correction, at 5 %."""
        return self.p_holm is not None and self.p_holm < 1 - CONFIDENCE


def main_effects(
    measured: Mapping[str, Sequence[Observation]], factors: Mapping[str, Sequence[str]], *, seed: int
) -> list[Effect]:
    """The effect of every level but the first on every measure. `p_holm` is still empty: see `corrected`.

    Two conversations are a pair when they share unit, block and the levels of all other factors. Differences
    are averaged within a unit first, so that each unit counts once however often it was played.

    Args:
        measured: measure -> observations.
        factors: factor -> levels, the reference first.
        seed: of the resampling.
    """
    return [
        _effect(name, rows, factor, level, levels[0], seed)
        for name, rows in measured.items()
        for factor, levels in factors.items()
        for level in levels[1:]
    ]


def interactions(
    measured: Mapping[str, Sequence[Observation]], factors: Mapping[str, Sequence[str]], *, seed: int
) -> list[Effect]:
    """For every two factors of two levels: how much the one's effect differs between the other's levels."""
    pairs = itertools.combinations([f for f, levels in factors.items() if len(levels) == 2], 2)
    return [
        _interaction(name, rows, (a, b), (factors[a], factors[b]), seed)
        for a, b in pairs
        for name, rows in measured.items()
    ]


def corrected(effects: Sequence[Effect]) -> list[Effect]:
    """The effects with `p_holm` over all of them that have a p-value."""
    adjusted = iter(holm([e.p for e in effects if e.p is not None]))
    return [e if e.p is None else replace(e, p_holm=next(adjusted)) for e in effects]


Contrast = Mapping[tuple[str, ...], float]
"""Levels of the factors in question -> the weight of their value."""


def _effect(
    measure: str, rows: Sequence[Observation], factor: str, level: str, reference: str, seed: int
) -> Effect:
    contrast: Contrast = {(level,): 1.0, (reference,): -1.0}
    found = _contrast(rows, (factor,), contrast)
    estimated = _estimated("main", (measure, factor, level, reference), found, seed)
    return replace(estimated, reference_mean=_mean(found, (reference,)), level_mean=_mean(found, (level,)))


def _interaction(
    measure: str,
    rows: Sequence[Observation],
    factors: tuple[str, str],
    levels: tuple[Sequence[str], Sequence[str]],
    seed: int,
) -> Effect:
    (a0, a1), (b0, b1) = levels
    contrast: Contrast = {(a1, b1): 1.0, (a1, b0): -1.0, (a0, b1): -1.0, (a0, b0): 1.0}
    names = (measure, " x ".join(factors), f"{a1} x {b1}", f"{a0} x {b0}")
    return _estimated("interaction", names, _contrast(rows, factors, contrast), seed)


@dataclass(frozen=True)
class _Contrasted:
    """Groups of conversations that differ in nothing but the factors in question, by unit."""

    differences: Numbers
    groups: Mapping[str, Sequence[Mapping[tuple[str, ...], float]]]
    unpaired: int


def _contrast(rows: Iterable[Observation], factors: tuple[str, ...], contrast: Contrast) -> _Contrasted:
    """The contrast in every complete group, averaged within units, in order of units."""
    found: dict[str, dict[object, dict[tuple[str, ...], float]]] = defaultdict(lambda: defaultdict(dict))
    wanted = 0
    for row in rows:
        own = tuple(row.levels[factor] for factor in factors)
        if own in contrast:
            wanted += 1
            rest = tuple(sorted((f, level) for f, level in row.levels.items() if f not in factors))
            group = found[row.unit][row.block, rest]
            if row.value is not None:
                group[own] = row.value
    complete = {
        unit: [group for group in groups.values() if len(group) == len(contrast)]
        for unit, groups in sorted(found.items())
    }
    groups = {unit: there for unit, there in complete.items() if there}
    means = [
        fmean(sum(weight * group[own] for own, weight in contrast.items()) for group in there)
        for there in groups.values()
    ]
    used = len(contrast) * sum(map(len, groups.values()))
    return _Contrasted(np.array(means, dtype=np.float64), groups, wanted - used)


def _mean(found: _Contrasted, own: tuple[str, ...]) -> float | None:
    """Mean over units of one level's values."""
    units = [fmean(group[own] for group in there) for there in found.groups.values()]
    return fmean(units) if units else None


def _estimated(kind: Kind, names: tuple[str, str, str, str], found: _Contrasted, seed: int) -> Effect:
    values = found.differences
    low = high = None
    if len(values) > 1:
        low, high = bootstrap_interval(values, seed=stream_seed(seed, "bootstrap", *names))
    return Effect(
        kind,
        *names,
        reference_mean=None,
        level_mean=None,
        difference=float(values.mean()) if len(values) else None,
        low=low,
        high=high,
        p=sign_flip_p(values, seed=stream_seed(seed, "signs", *names)) if len(values) else None,
        p_holm=None,
        units=len(values),
        pairs=sum(map(len, found.groups.values())),
        unpaired=found.unpaired,
    )

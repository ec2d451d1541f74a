"""The restricted likelihood of ratings with crossed random effects, and the variances that make it greatest.

Notation of mixed models: y = X b + Σ Z_i u_i + e. The matrices in use are as wide as there are raters and
conversations, however many ratings there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from ..inference import Numbers

ROUNDS: Final = 100
HALVINGS: Final = 30
SETTLED: Final = 1e-7
"""A fit ends where no variance moves by more than this share of the whole."""
_LEAST: Final = 1e-6
"""Share of the whole that the residual variance has at least."""
_CERTAIN: Final = 1e-12
"""The variance of ratings that are all alike: next to none, so that no interval has a width to be seen."""
_EFFECTS: Final = 3
"""Kinds of random effects: rater, rater with source, conversation; the residual comes after them."""


@dataclass(frozen=True)
class Rated:
    """One number that one rater gave one conversation of one source."""

    rater: Hashable
    conversation: Hashable
    source: str
    value: float


@dataclass(frozen=True)
class Products:
    """All that the likelihood needs of the ratings.

    Attributes:
        kinds: of each random effect, by number.
        zz, zx, zy, xx, xy, yy: products of effects (z), sources (x) and values (y).
    """

    count: int
    kinds: Numbers
    zz: Numbers
    zx: Numbers
    zy: Numbers
    xx: Numbers
    xy: Numbers
    yy: float

    @classmethod
    def of(cls, ratings: Sequence[Rated], sources: Sequence[str]) -> Products:
        number = {name: place for place, name in enumerate(sources)}
        columns, kinds = _columns(ratings)
        rows = np.arange(len(ratings))
        z, x = np.zeros((len(ratings), len(kinds))), np.zeros((len(ratings), len(sources)))
        for places in columns:
            z[rows, places] = 1
        x[rows, [number[each.source] for each in ratings]] = 1
        y = np.array([each.value for each in ratings], np.float64)
        return cls(len(ratings), kinds, z.T @ z, z.T @ x, z.T @ y, x.T @ x, x.T @ y, float(y @ y))

    @property
    def whole(self) -> float:
        """The variance of the ratings about the means of their sources."""
        left = self.yy - float(self.xy @ np.linalg.solve(self.xx, self.xy))
        return max(left, 0.0) / (self.count - len(self.xx))


def _columns(ratings: Sequence[Rated]) -> tuple[list[list[int]], Numbers]:
    """For each kind of effect the column of each rating; and the kind of each column."""
    named: list[list[Hashable]] = [
        [each.rater for each in ratings],
        [(each.rater, each.source) for each in ratings],
        [(each.source, each.conversation) for each in ratings],
    ]
    columns, kinds = [], list[float]()
    for kind, names in enumerate(named):
        place = {name: len(kinds) + number for number, name in enumerate(dict.fromkeys(names))}
        columns.append([place[name] for name in names])
        kinds += [float(kind)] * len(place)
    return columns, np.array(kinds)


@dataclass(frozen=True)
class Solved:
    """The model's equations, solved for given variances (V is the ratings' covariance, P what V and the means leave).

    Attributes:
        means, covariance: of the sources.
        vzx: Z'V⁻¹X. `pzz`: Z'PZ. `pzy`: Z'Py. `pyy`: y'Py.
        likelihood: the logarithm of the restricted likelihood, without its constant.
    """

    products: Products
    variances: Numbers
    means: Numbers
    covariance: Numbers
    vzx: Numbers
    pzz: Numbers
    pzy: Numbers
    pyy: float
    likelihood: float

    @classmethod
    def of(cls, given: Products, variances: Numbers) -> Solved:
        noise = variances[-1]
        scale = np.sqrt(variances[given.kinds.astype(int)] / noise)
        inner = np.eye(len(scale)) + scale[:, None] * given.zz * scale[None, :]
        joint = np.column_stack([given.zz, given.zx, given.zy])
        solved = scale[:, None] * np.linalg.solve(inner, scale[:, None] * joint)
        # V⁻¹ between all pairs of Z, X and y, by Woodbury's identity.
        plain = np.block(
            [
                [given.zz, given.zx, given.zy[:, None]],
                [given.zx.T, given.xx, given.xy[:, None]],
                [given.zy[None, :], given.xy[None, :], np.full((1, 1), given.yy)],
            ]
        )
        whole = (plain - joint.T @ solved) / noise
        q, p = given.zx.shape
        vzz, vzx, vzy = whole[:q, :q], whole[:q, q : q + p], whole[:q, -1]
        vxx, vxy, vyy = whole[q : q + p, q : q + p], whole[q : q + p, -1], float(whole[-1, -1])
        covariance = np.linalg.inv(vxx)
        means = covariance @ vxy
        pyy = vyy - float(vxy @ means)
        logs = given.count * np.log(noise) + np.linalg.slogdet(inner)[1] + np.linalg.slogdet(vxx)[1]
        pzz, pzy = vzz - vzx @ covariance @ vzx.T, vzy - vzx @ means
        return cls(given, variances, means, covariance, vzx, pzz, pzy, pyy, -float(logs + pyy) / 2)

    def _of_kind(self, kind: int) -> Numbers:
        found: Numbers = self.products.kinds == kind
        return found

    @cached_property
    def score(self) -> Numbers:
        """The slope of the likelihood in each variance. The residual's follows from V being their weighted sum."""
        effects = [self._of_kind(kind) for kind in range(_EFFECTS)]
        traces = np.array([np.trace(self.pzz[np.ix_(own, own)]) for own in effects])
        squares = np.array([float(self.pzy[own] @ self.pzy[own]) for own in effects])
        free = self.products.count - len(self.products.xx)
        *known, noise = self.variances
        last_trace, last_square = (free - traces @ known) / noise, (self.pyy - squares @ known) / noise
        slopes: Numbers = (np.append(squares, last_square) - np.append(traces, last_trace)) / 2
        return slopes

    @cached_property
    def information(self) -> Numbers:
        """The expected information on the variances: tr(P V_i P V_j) / 2."""
        found = np.zeros((_EFFECTS + 1, _EFFECTS + 1))
        for i in range(_EFFECTS):
            for j in range(_EFFECTS):
                found[i, j] = np.sum(self.pzz[np.ix_(self._of_kind(i), self._of_kind(j))] ** 2)
        *known, noise = self.variances
        traces = np.array(
            [np.trace(self.pzz[np.ix_(own, own)]) for own in map(self._of_kind, range(_EFFECTS))]
        )
        beside = (traces - found[:_EFFECTS, :_EFFECTS] @ known) / noise
        found[-1, :_EFFECTS] = found[:_EFFECTS, -1] = beside
        free = self.products.count - len(self.products.xx)
        found[-1, -1] = ((free - traces @ known) / noise - beside @ known) / noise
        return found / 2

    def gradient(self, weights: Numbers) -> Numbers:
        """The slope, in each variance, of the variance of the weighted means."""
        along = self.vzx @ self.covariance @ weights
        own = np.array([float(np.sum(along[self._of_kind(kind)] ** 2)) for kind in range(_EFFECTS)])
        *known, noise = self.variances
        return np.append(own, (weights @ self.covariance @ weights - own @ known) / noise)


def fit(products: Products) -> Numbers:
    """The variances of rater, rater with source, conversation and residual, none below zero, by Fisher scoring."""
    whole = products.whole
    if whole < _CERTAIN:
        return np.array([0.0] * _EFFECTS + [_CERTAIN])
    variances = whole * np.array([0.15, 0.05, 0.15, 0.65])
    found = Solved.of(products, variances)
    for _ in range(ROUNDS):
        better = _climbed(found, whole)
        moved = np.abs(better.variances - found.variances).max()
        found = better
        if moved <= SETTLED * whole:
            break
    return found.variances


def _climbed(found: Solved, whole: float) -> Solved:
    """One step up the likelihood; `found` itself where none leads up."""
    least = np.array([0.0] * _EFFECTS + [_LEAST * whole])
    free = (found.variances > least) | (found.score > 0)
    step = np.zeros(_EFFECTS + 1)
    step[free] = np.linalg.pinv(found.information[np.ix_(free, free)]) @ found.score[free]
    for _ in range(HALVINGS):
        tried = Solved.of(found.products, np.maximum(found.variances + step, least))
        if tried.likelihood >= found.likelihood:
            return tried
        step = step / 2
    return found

"""How many people and conversations it takes to see a difference, and what a study of a given size can see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from scipy import optimize, stats  # type: ignore[import-untyped]

from ..inference import CONFIDENCE
from .crossed import Spread
from .published import CONVERSATIONS, GAPS, RATERS

POWER: Final = 0.8
MOST_RATERS: Final = 2000

ASSUMED: Final = Spread(rater=0.16, rater_source=0.025, conversation=0.12, residual=0.505)
"""Of five points, until there is a study to take it from: a standard deviation of 0.9 in all, a fifth of the variance
the rater's, a seventh the conversation's. These are assumptions of ours; the paper reports none."""


@dataclass(frozen=True)
class StudySize:
    """How large a study is.

    Attributes:
        raters: people.
        conversations: that each of them rates, of all sources.
        ratings: of each conversation.
        sources: that are compared.
    """

    raters: int
    conversations: int
    ratings: int
    sources: int

    @property
    def of_source(self) -> float:
        """Ratings of each source."""
        return self.raters * self.conversations / self.sources

    @property
    def drawn(self) -> float:
        """Conversations of each source."""
        return self.of_source / self.ratings


PAPER: Final = StudySize(RATERS, CONVERSATIONS, 1, 4)
"""The paper's own study, every conversation rated once, as far as it says."""


@dataclass(frozen=True)
class StudyPower:
    """What a study of some size can see of a difference between two of its sources, at 5 %, two-sided.

    Attributes:
        difference: in points. `power`: chance that a difference of that size is found.
        half: half the width of the 95 % interval.
        resolved: the difference that is found with the power that was asked for.
    """

    size: StudySize
    difference: float
    power: float
    half: float
    resolved: float

    def to_json(self) -> dict[str, Any]:
        """With stable keys."""
        told = asdict(self)
        return {**told.pop("size"), "conversations_of_source": round(self.size.drawn, 2), **told}


def study_power(
    size: StudySize, difference: float, *, spread: Spread = ASSUMED, wanted: float = POWER
) -> StudyPower:
    """What the study can see. Raters' mildness does not count: each rates as many of every source."""
    error, freedom = _error(size, spread)
    return StudyPower(
        size,
        difference,
        _power(difference / error, freedom),
        _reach(freedom) * error,
        error * _shift(freedom, wanted),
    )


def smallest(
    difference: float,
    *,
    conversations: int,
    ratings: int,
    sources: int,
    spread: Spread = ASSUMED,
    wanted: float = POWER,
) -> StudyPower | None:
    """The study of fewest raters that finds the difference; None where `MOST_RATERS` do not.

    Args:
        conversations, ratings, sources: as `StudySize` has them.
    """
    for size in _sizes(conversations, ratings, sources):
        found = study_power(size, difference, spread=spread, wanted=wanted)
        if found.power >= wanted:
            return found
    return None


@dataclass(frozen=True)
class PowerReport:
    """Which studies find a difference.

    Attributes:
        wanted: the power that was asked for.
        assumed: whether the variances are `ASSUMED`, and not those of a study.
        sizes: of the studies; of those that take too many raters there is none.
        paper: what the paper's own study could see of its own gaps.
    """

    difference: float
    wanted: float
    spread: Spread
    assumed: bool
    sizes: Sequence[StudyPower]
    paper: Sequence[StudyPower]

    def to_json(self) -> dict[str, Any]:
        """With stable keys."""
        studies = {name: [each.to_json() for each in getattr(self, name)] for name in ("sizes", "paper")}
        numbers = {"difference": self.difference, "power": self.wanted, "assumed": self.assumed}
        return {**numbers, "variances": asdict(self.spread), **studies}


def report_power(
    difference: float,
    *,
    conversations: int,
    ratings: Sequence[int],
    sources: int,
    raters: int | None = None,
    spread: Spread | None = None,
    wanted: float = POWER,
) -> PowerReport:
    """The smallest study for each number of ratings of a conversation; or what studies of `raters` see.

    Args:
        spread: the variances, `ASSUMED` by default.
    """
    known = spread or ASSUMED
    paper = [study_power(PAPER, gap, spread=known, wanted=wanted) for gap in GAPS]
    found: list[StudyPower | None] = []
    for each in ratings:
        if raters is None:
            shape = {"conversations": conversations, "ratings": each, "sources": sources}
            found.append(smallest(difference, **shape, spread=known, wanted=wanted))
        elif each <= raters:
            size = StudySize(raters, conversations, each, sources)
            found.append(study_power(size, difference, spread=known, wanted=wanted))
    sizes = [each for each in found if each is not None]
    return PowerReport(difference, wanted, known, spread is None, sizes, paper)


def _sizes(conversations: int, ratings: int, sources: int) -> Iterator[StudySize]:
    """Studies that can be drawn, by their raters."""
    for raters in range(max(2, ratings), MOST_RATERS + 1):
        size = StudySize(raters, conversations, ratings, sources)
        drawn = size.of_source / ratings
        if drawn.is_integer() and drawn >= 2:
            yield size


def _error(size: StudySize, spread: Spread) -> tuple[float, float]:
    """Standard error of a difference, and its degrees of freedom as Satterthwaite has them."""
    residual = 2 * spread.residual / size.of_source
    raters = 2 * spread.rater_source / size.raters + residual
    conversations = 2 * spread.conversation / size.drawn + residual
    variance = raters + conversations - residual
    freedoms = (
        (raters, (size.raters - 1) * (size.sources - 1)),
        (conversations, size.sources * (size.drawn - 1)),
    )
    unknown = sum(part**2 / max(1.0, freedom) for part, freedom in freedoms)
    return variance**0.5, float(max(1.0, variance**2 / unknown))


def _reach(freedom: float) -> float:
    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, freedom))


def _power(shift: float, freedom: float) -> float:
    """Chance that |t| is past the level where the true difference is `shift` standard errors."""
    reach = _reach(freedom)
    # On the far side next to nothing is left, which cannot be computed for large shifts.
    beyond = stats.nct.cdf(-reach, freedom, shift) if shift < reach else 0.0
    return float(stats.nct.sf(reach, freedom, shift) + beyond)


def _shift(freedom: float, wanted: float) -> float:
    """The difference, in standard errors, that is found with that power."""
    most = _reach(freedom) + 8.0
    return float(optimize.brentq(lambda shift: _power(shift, freedom) - wanted, 1e-6, most))

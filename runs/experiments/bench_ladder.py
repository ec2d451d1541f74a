"""The ladder: recommenders whose order is known, to see whether a bench tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...core.errors import ConfigError
from .bench_plan import BenchPlan

LADDER: Final[Mapping[str, str]] = {
    "oracle": "oracle",
    "noisy oracle": "oracle(noise=0.3)",
    "bm25": "bm25",
    "popularity": "popularity",
    "never pivots": "never-pivots",
    "random": "random",
}
"""Name -> recommender, from the best to the worst."""


_WIDE: Final = {"pool": "catalogue", "pool_size": 250, "shortlist": 250}
"""A pool so large that chance seldom finds the one right track, and all of it shown, so that nothing else chooses."""


def ladder_plan(name: str = "ladder", **base: Any) -> BenchPlan:
    """A bench of the ladder.

    Args:
        base: settings of `segue run`, such as `sessions=50`; the offline model listens by default.

    Raises:
        ConfigError: a setting is none of those.
    """
    usual = {"sessions": 50, "modalities": "text", **_WIDE}
    try:
        return BenchPlan(
            name=name,
            base={**usual, **base},
            recommenders={rung: {"recsys": spec} for rung, spec in LADDER.items()},
            order=list(LADDER),
        )
    except ValueError as error:
        raise ConfigError(f"the ladder: {error}") from error

"""The recommenders of one process: each opened once, and asked under the same limits as models."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..agents.chair.built_in import BUILT_IN, TRUTH_TELLING
from ..agents.chair.caller import Occupant, RecommenderCalls, SeatedCalls
from ..agents.chair.opening import open_recommender
from ..agents.chair.spec import RecommenderSpec, recommender_of
from ..core.errors import ConfigError
from ..models.caller import Caller


@dataclass
class Recommenders:
    """Belongs to one event loop."""

    _opened: dict[str, Occupant] = field(default_factory=dict, repr=False)

    def opened(self, spec: RecommenderSpec) -> Occupant:
        """The recommender, opened once. Raises `ModelSetupError` for one that cannot be used."""
        if spec.name not in self._opened:
            self._opened[spec.name] = open_recommender(spec)
        return self._opened[spec.name]

    def seated(self, spec: RecommenderSpec | None, caller: Caller) -> Caller | SeatedCalls:
        """The calls of a conversation, of which those to the recommender go there; nowhere where `caller` is closed.
        They are the caller's alone where a chat model recommends."""
        if spec is None:
            return caller
        calls = RecommenderCalls(
            spec,
            None if caller.closed else self.opened(spec),
            caller.ledger,
            caller.limits,
            caller.stream,
            caller.backoff,
            caller.timeout_s,
            caller.signal,
            caller.notices,
        )
        return SeatedCalls(caller, calls)

    async def aclose(self) -> None:
        """Close what was opened."""
        for occupant in self._opened.values():
            await occupant.aclose()


def require_no_truth(recsys: str) -> None:
    """Only a bench tells a recommender what is right.

    Raises:
        ConfigError: it is one that has to be told, or none at all.
    """
    spec = recommender_of(recsys)
    if spec is not None and spec.target in {BUILT_IN[name] for name in TRUTH_TELLING}:
        raise ConfigError(
            f"--recsys {spec.name}: it reads the truth about the goal, which a run tells no recommender",
            hint="it is for `segue bench`, which grants it the truth of the goal",
        )

"""What can be scored: baselines tuned on the training part, whoever is trained, and both of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from ...core.errors import ConfigError
from ...core.random import stream_seed
from ...core.suggestions import choices
from ...recommenders.next_track.joining import by_ranks, by_standard_scores
from ...recommenders.next_track.popular import TrainedPopularity
from ...recommenders.next_track.queries import TalkScorer
from ...recommenders.next_track.searching import SearchWeights, TalkSearch
from ...recommenders.retrieval.names import RETRIEVERS, RetrieverName
from ...recommenders.walk.queries import ScoreTable
from .task import NextTrackTask, asked_turns

CLAP: Final = "clap"
BASELINES: Final = (*RETRIEVERS, "popularity", CLAP)
SKIPPED: Final[Mapping[str, str]] = {
    CLAP: "no package brings its weights, and what it would embed, audio, is of a few catalogues alone"
}
FUSIONS: Final[Mapping[str, Callable[[Sequence[ScoreTable]], ScoreTable]]] = {
    "rrf": by_ranks,
    "z": by_standard_scores,
}
"""How two systems are made one: by reciprocal ranks, or by standardized scores added up."""
_TUNED_ON: Final = 12_000_000
"""Scores that tuning holds for each of its three tables; on so many turns as that allows."""
_AT_ONCE: Final = 5_000_000
"""Scores that are held at once of each system."""

OpenScorer = Callable[[NextTrackTask], TalkScorer]
"""Opens whoever is trained, for the tracks of a task."""


@dataclass
class Systems:
    """Systems by name, opened and tuned when they are first asked.

    Attributes:
        trained: name -> how it is opened.
        settings: system -> what was chosen on the training part.
    """

    task: NextTrackTask
    trained: Mapping[str, OpenScorer] = field(default_factory=dict)
    seed: int = 0
    settings: dict[str, Mapping[str, float]] = field(default_factory=dict)
    _opened: dict[str, TalkScorer] = field(default_factory=dict)

    def scorer(self, name: str) -> TalkScorer:
        """Whoever is of that name.

        Raises:
            ConfigError: nobody is, or a package is missing.
        """
        if name not in self._opened:
            self._opened[name] = self._open(name)
        return self._opened[name]

    def _open(self, name: str) -> TalkScorer:
        if name in self.trained:
            return self.trained[name](self.task)
        if name == "popularity":
            return TrainedPopularity(self.task.items, self.task.divided)
        retriever = next((each for each in RETRIEVERS if each == name), None)
        if retriever is None:
            known = choices(name, (*BASELINES, *self.trained), what="one of")
            raise ConfigError(f"there is no system {name!r}", hint=known)
        return self._tuned(retriever)

    def _tuned(self, name: RetrieverName) -> TalkSearch:
        search = TalkSearch(self.task.items, name, SearchWeights())
        rng = np.random.default_rng(stream_seed(self.seed, "tuning", name))
        if self._learned is not None:
            most = max(50, _TUNED_ON // len(self.task.items.ids))
            queries, gold = asked_turns(self._learned, most, rng)
            mrr = search.tune(queries, gold)
            self.settings[name] = {**search.weights._asdict(), "tuned_on": len(gold), "mrr_there": mrr}
        return search

    @cached_property
    def _learned(self) -> NextTrackTask | None:
        """The training part as a task; None where nothing of it can be asked."""
        if not any(talk.tracks() for talk in self.task.divided.talks["train"]):
            return None
        return NextTrackTask(self.task.items, self.task.divided, "train")

    def ranks(self, names: Sequence[str], joined: Sequence[tuple[str, str, str]]) -> dict[str, list[float]]:
        """Ranks of what was played, by system and by pair of systems.

        Args:
            joined: (fusion, system, system), called `rrf(A, B)`.
        """
        found: dict[str, list[float]] = {name: [] for name in names}
        found |= {joint_name(*each): [] for each in joined}
        for begin, end in self._spans():
            part = self.task.part(begin, end)
            tables = {name: part.open_only(self.scorer(name).scores(part.queries)) for name in names}
            for fusion, first, second in joined:
                table = FUSIONS[fusion]([tables[first], tables[second]])
                found[joint_name(fusion, first, second)] += part.ranks(table).tolist()
            for name in names:
                found[name] += part.ranks(tables[name]).tolist()
        return found

    def _spans(self) -> Iterator[tuple[int, int]]:
        step = max(1, _AT_ONCE // len(self.task.items.ids))
        return ((b, min(b + step, len(self.task.turns))) for b in range(0, len(self.task.turns), step))


def joint_name(fusion: str, first: str, second: str) -> str:
    """What two systems are called that are made one."""
    return f"{fusion}({first}, {second})"

"""`CpcdReport`: systems side by side on the same turns, with intervals of their scores and of their differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...core.tables import Table
from ..inference import bootstrap_interval
from .cpcd import CpcdScores
from .published import PUBLISHED, PUBLISHED_TRACKS
from .ranking_scores import NAMES

SHOWN: Final = ("hit@1", "hit@10", "hit@100", "mrr@100", "recall@100")
COMPARED: Final = ("hit@1", "hit@10", "hit@100")


@dataclass(frozen=True)
class EstimatedScore:
    """A mean over dialogs, and its interval at 95 % where there are at least two."""

    value: float
    interval: tuple[float, float] | None

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "interval": self.interval and list(self.interval)}

    def __str__(self) -> str:
        low_high = f" [{self.interval[0]:.4f}, {self.interval[1]:.4f}]" if self.interval else ""
        return f"{self.value:.4f}{low_high}"


@dataclass(frozen=True)
class CpcdReport:
    """Scores of systems on one task.

    Attributes:
        systems: name -> scores, in the order in which they were named; the first is what the others are compared with.
        tracks: items that could be found.
        seed: of the bootstrap.
    """

    systems: Mapping[str, CpcdScores]
    tracks: int
    seed: int = 0

    def estimate(self, system: str, score: str) -> EstimatedScore:
        """A system's macro score; dialogs are resampled."""
        return self._estimated(system, None, score)

    def difference(self, system: str, base: str, score: str) -> EstimatedScore:
        """How much higher a macro score of `system` is than that of `base`; dialogs are resampled, both together."""
        return self._estimated(system, base, score)

    def _estimated(self, system: str, base: str | None, score: str) -> EstimatedScore:
        column = NAMES.index(score)
        values = self.systems[system].by_dialog[:, column]
        if base is not None:
            values = values - self.systems[base].by_dialog[:, column]
        interval = bootstrap_interval(values, seed=self.seed) if len(values) > 1 else None
        return EstimatedScore(float(values.mean()), interval)

    def to_json(self) -> dict[str, Any]:
        """All of it as one object; `published` is of another catalogue."""
        base, *others = self.systems
        return {
            "items": self.tracks,
            "systems": {
                name: scores.to_json()
                | {"intervals": {score: self.estimate(name, score).to_json() for score in COMPARED}}
                for name, scores in self.systems.items()
            },
            "compared_with": base,
            "differences": {
                name: {score: self.difference(name, base, score).to_json() for score in COMPARED}
                for name in others
            },
            "published": {"items": PUBLISHED_TRACKS, "another_catalogue": True, "macro": PUBLISHED},
        }

    def tables(self) -> Sequence[Table]:
        """Scores, differences from the first system where there are several, and the authors' own scores."""
        base, *others = self.systems
        scores = [
            [name, *(f"{found.macro(score):.4f}" for score in SHOWN)] for name, found in self.systems.items()
        ]
        made = [Table(("system", *SHOWN), scores, SHOWN, "macro, over dialogs")]
        if others:
            apart = [
                [name, *(str(self.difference(name, base, score)) for score in COMPARED)] for name in others
            ]
            made.append(
                Table(("system", *COMPARED), apart, COMPARED, f"more than {base}, with intervals at 95 %")
            )
        rows = [
            [f"{name}, {split}", *(f"{known[score]:.4f}" for score in COMPARED)]
            for split, systems in PUBLISHED.items()
            for name, known in systems.items()
        ]
        title = f"the authors' own, over {PUBLISHED_TRACKS:,} tracks: another catalogue, not to be compared"
        made.append(Table(("system, split", *COMPARED), rows, COMPARED, title))
        return made

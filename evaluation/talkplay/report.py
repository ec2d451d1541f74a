"""`NextTrackReport`: systems side by side on the same turns, by turn and by what training knows, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.tables import Table
from ..inference import bootstrap_interval, ratio_interval
from ..plots import Drawing
from .exact_matches import ExactMatches, matches_table
from .plots import DRAWN, Points, plot_turns
from .published import PUBLISHED, PUBLISHED_MATCHES, PUBLISHED_TRACKS
from .systems import FUSIONS
from .task import GROUPS, Mask, NextTrackTask, Ranks

Numbers = NDArray[np.float64]
Interval = tuple[float, float]

MEASURES: Final[Mapping[str, Callable[[Ranks], Numbers]]] = {
    "mrr": lambda ranks: 1 / ranks,
    "hit@1": lambda ranks: (ranks <= 1).astype(float),
    "hit@10": lambda ranks: (ranks <= 10).astype(float),
    "hit@100": lambda ranks: (ranks <= 100).astype(float),
}
"""Name -> one value a turn, from the rank of what was played. The reciprocal rank is over the whole catalogue."""


@dataclass(frozen=True)
class TrackEstimate:
    """A mean over conversations of the means within them.

    Attributes:
        interval: at 95 %, conversations resampled; None of fewer than two.
        by_session: the same, all conversations of a session resampled together.
    """

    value: float
    interval: Interval | None
    by_session: Interval | None

    def to_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "interval": self.interval and list(self.interval),
            "interval_by_session": self.by_session and list(self.by_session),
        }

    def __str__(self) -> str:
        if self.by_session is None:
            return f"{self.value:.4f}"
        low, high = self.by_session
        return f"{self.value:.4f} [{low:.4f}, {high:.4f}]"


@dataclass(frozen=True)
class NextTrackReport:
    """Ranks of what was played, by system; the first system is what the others are compared with.

    Attributes:
        skipped: system -> why it was not scored.
        settings: system -> what of it was chosen on the training part.
        seed: of the bootstrap.
        matches: system -> how often what it drew was a track's codes, of those that draw.
    """

    task: NextTrackTask
    ranks: Mapping[str, Ranks]
    skipped: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    seed: int = 0
    matches: Mapping[str, ExactMatches] = field(default_factory=dict)

    def estimate(self, system: str, measure: str, among: Mask | None = None) -> TrackEstimate | None:
        """A system's score, on some of the turns where `among` says so; None where that leaves none."""
        return self._estimated(MEASURES[measure](self.ranks[system]), among)

    def difference(
        self, system: str, base: str, measure: str, among: Mask | None = None
    ) -> TrackEstimate | None:
        """How much higher the score of `system` is than that of `base`, turn by turn."""
        own, other = (MEASURES[measure](self.ranks[name]) for name in (system, base))
        return self._estimated(own - other, among)

    def at_turn(self, system: str, measure: str) -> dict[int, float]:
        """Turn number -> mean over the conversations that have it."""
        values, numbers = MEASURES[measure](self.ranks[system]), self.task.numbers
        return {int(number): float(values[numbers == number].mean()) for number in np.unique(numbers)}

    def estimates_at_turn(self, system: str, measure: str) -> dict[int, TrackEstimate]:
        """The same with intervals."""
        numbers = self.task.numbers
        found = {int(n): self.estimate(system, measure, numbers == n) for n in np.unique(numbers)}
        return {number: each for number, each in found.items() if each is not None}

    def plot(self) -> Drawing:
        """MRR and Hit@10 by turn, with intervals by session; a notebook shows it, `save` writes it.

        Raises:
            ConfigError: matplotlib is not installed.
        """
        talks, tracks = len({turn.talk for turn in self.task.turns}), len(self.task.items.ids)
        title = f"{talks:,} conversations, {tracks:,} tracks; 95 % intervals by session"
        scores = {measure: {name: self._points(name, measure) for name in self.ranks} for measure in DRAWN}
        return plot_turns(scores, tuple(FUSIONS), title)

    def _points(self, system: str, measure: str) -> Points:
        found = self.estimates_at_turn(system, measure)
        return {number: (each.value, each.by_session) for number, each in found.items()}

    def per_turn(self, system: str, measure: str) -> float:
        """The mean over all turns."""
        return float(MEASURES[measure](self.ranks[system]).mean())

    def _estimated(self, values: Numbers, among: Mask | None) -> TrackEstimate | None:
        chosen = np.ones(len(values), dtype=bool) if among is None else among
        if not chosen.any():
            return None
        talks, place = np.unique(self.task.talk_of[chosen], return_inverse=True)
        counts = np.bincount(place)
        means = np.bincount(place, weights=values[chosen]) / counts
        sessions, group = np.unique(self.task.session_of[talks], return_inverse=True)
        sums: Numbers = np.bincount(group, weights=means).astype(np.float64)
        held: Numbers = np.bincount(group).astype(np.float64)
        return TrackEstimate(
            float(means.mean()),
            bootstrap_interval(means, seed=self.seed) if len(talks) > 1 else None,
            ratio_interval(sums, held, seed=self.seed) if len(sessions) > 1 else None,
        )

    def to_json(self) -> dict[str, Any]:
        """All of it as one object; `published` is of another catalogue."""
        base, *others = self.ranks
        groups = {name: self.task.group(name) for name in GROUPS}
        return {
            "tracks": len(self.task.items.ids),
            "conversations": len({turn.talk for turn in self.task.turns}),
            "sessions": len({talk.session for talk in self.task.talks}),
            "turns": len(self.task.turns),
            "turns_by_group": {name: int(mask.sum()) for name, mask in groups.items()},
            "systems": {name: self._system(name, groups) for name in self.ranks},
            "settings": {name: dict(chosen) for name, chosen in self.settings.items()},
            "skipped": dict(self.skipped),
            "compared_with": base,
            "differences": {name: self._apart(name, base, groups) for name in others},
            "exact_matches": {name: each.to_json() for name, each in self.matches.items()},
            "published": {
                "tracks": PUBLISHED_TRACKS,
                "another_catalogue": True,
                "systems": PUBLISHED,
                "exact_matches": PUBLISHED_MATCHES,
            },
        }

    def _system(self, name: str, groups: Mapping[str, Mask]) -> dict[str, Any]:
        return {
            measure: {
                **(_told(self.estimate(name, measure)) or {}),
                "per_turn": self.per_turn(name, measure),
                "by_turn": {str(number): value for number, value in self.at_turn(name, measure).items()},
                **{group: _told(self.estimate(name, measure, mask)) for group, mask in groups.items()},
            }
            for measure in MEASURES
        }

    def _apart(self, name: str, base: str, groups: Mapping[str, Mask]) -> dict[str, Any]:
        return {
            measure: {
                **(_told(self.difference(name, base, measure)) or {}),
                **{group: _told(self.difference(name, base, measure, m)) for group, m in groups.items()},
            }
            for measure in MEASURES
        }

    def tables(self) -> Sequence[Table]:
        """Scores, differences from the first system, scores by what training knows and by turn, the authors' own, and
        how often what was drawn is a track."""
        base, *others = self.ranks
        made = [_table("system", self.ranks, self._scores, "macro over conversations, intervals by session")]
        if others:
            title = f"more than {base}, turn by turn"
            made.append(_table("system", others, lambda n, m: self.difference(n, base, m), title))
        for group in GROUPS:
            mask = self.task.group(group)
            if mask.any() and not mask.all():
                title = f"where the track is {group} ({int(mask.sum()):,} of {len(mask):,} turns)"
                made.append(
                    _table("system", self.ranks, lambda n, m, among=mask: self.estimate(n, m, among), title)
                )
        made.append(self._by_turn())
        rows = [[name, *(f"{known[m]:.3f}" for m in MEASURES)] for name, known in PUBLISHED.items()]
        title = f"the authors' own, over {PUBLISHED_TRACKS:,} tracks: another catalogue, not to be compared"
        made.append(Table(("system", *MEASURES), rows, tuple(MEASURES), title))
        if self.matches:
            made.append(matches_table(self.matches))
        if self.skipped:
            made.append(Table(("system", "not scored"), [list(each) for each in self.skipped.items()]))
        return made

    def _scores(self, name: str, measure: str) -> TrackEstimate | None:
        return self.estimate(name, measure)

    def _by_turn(self) -> Table:
        numbers = [str(number) for number in np.unique(self.task.numbers)]
        rows = [[n, *(f"{value:.3f}" for value in self.at_turn(n, "mrr").values())] for n in self.ranks]
        return Table(("system", *numbers), rows, numbers, "mrr by turn")


def _told(estimate: TrackEstimate | None) -> dict[str, Any] | None:
    return None if estimate is None else estimate.to_json()


def _table(
    head: str,
    names: Sequence[str] | Mapping[str, Any],
    value: Callable[..., TrackEstimate | None],
    title: str,
) -> Table:
    rows = [[name, *(str(value(name, measure)) for measure in MEASURES)] for name in names]
    return Table((head, *MEASURES), rows, tuple(MEASURES), title)

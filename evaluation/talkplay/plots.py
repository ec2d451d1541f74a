"""Pictures of next-track scores turn by turn (figure 3 of the paper), and of losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ...core.drawing import SERIES, new_figure, style
from ..plots import Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN: Final = ("mrr", "hit@10")
"""Measures that are drawn turn by turn."""
_MARKERS: Final = "osD^vPX"
_KINDS: Final = (("watched", "validation", "o-"), ("conversation", "training", "--"))
"""Of the losses that are drawn: name, what it is called, line."""
Curve = Sequence[Mapping[str, float]]
Points = Mapping[int, tuple[float, tuple[float, float] | None]]
"""Turn number -> value and its interval."""


def plot_turns(scores: Mapping[str, Mapping[str, Points]], joined: Sequence[str], title: str) -> Drawing:
    """Scores by turn with intervals: a row for each measure; one column for the systems alone, one for each way of
    making two of them one.

    Args:
        scores: measure -> system -> its scores.
        joined: names of these ways, as `rrf` of `rrf(A, B)`.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    groups = _groups(next(iter(scores.values())), joined)
    figure = new_figure(1.2 + 4.4 * len(groups), 6.6, title=title)
    panels = figure.subplots(len(scores), len(groups), squeeze=False, sharex=True, sharey="row")
    for row, (measure, systems) in zip(panels, scores.items(), strict=True):
        for panel, names in zip(row, groups.values(), strict=True):
            _draw(panel, {name: systems[name] for name in names})
            style(panel, x="turn" if measure == [*scores][-1] else "", y=measure, grid="y")
            panel.set_ylim(bottom=0)
    for above, below, title in zip(panels[0], panels[-1], groups, strict=True):
        above.set_title(title, fontsize=9)
        below.legend(frameon=False, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2)
    return Drawing(figure)


def _groups(names: Mapping[str, object], joined: Sequence[str]) -> dict[str, list[str]]:
    """Title of a column -> its systems."""
    made = {how: [name for name in names if name.startswith(f"{how}(")] for how in joined}
    alone = [name for name in names if not any(name in each for each in made.values())]
    return {"alone": alone, **{f"joined by {how}": each for how, each in made.items() if each}}


def _draw(panel: Axes, systems: Mapping[str, Points]) -> None:
    """One line a system, each a little aside of the others, so that intervals do not hide one another."""
    for number, (name, found) in enumerate(systems.items()):
        aside = (number - (len(systems) - 1) / 2) * min(0.12, 0.6 / len(systems))
        places = [turn + aside for turn in found]
        colour, marker = SERIES[number % len(SERIES)], _MARKERS[number % len(_MARKERS)]
        values = [value for value, _ in found.values()]
        panel.plot(places, values, f"{marker}-", color=colour, markersize=4, linewidth=1.2, label=name)
        for place, (_, interval) in zip(places, found.values(), strict=True):
            if interval is not None:
                panel.vlines(place, *interval, color=colour, linewidth=0.8)
    panel.locator_params(axis="x", integer=True)


def plot_losses(models: Mapping[str, Curve]) -> Drawing:
    """Losses on conversations by epoch, of the validation part beside those that are learned from.

    Args:
        models: name -> its losses, epoch by epoch.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    figure = new_figure(7.2, 4.4, title="Losses on conversations")
    panel = figure.subplots()
    for colour, (name, curve) in zip(SERIES, models.items(), strict=False):
        for kind, told, line in _KINDS:
            points = [(each["epoch"], each[kind]) for each in curve if kind in each]
            if points:
                label = f"{name}, {told}"
                panel.plot(*zip(*points, strict=True), line, color=colour, markersize=3, label=label)
    style(panel, x="epoch", y="cross-entropy (nats a token)", grid="y")
    panel.locator_params(axis="x", integer=True)
    if models:
        panel.legend(frameon=False, fontsize=8)
    return Drawing(figure)

"""Pictures of a data set's distributions, several data sets side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...core.drawing import INK, SERIES, new_figure, png, style
from ...core.errors import ConfigError
from .statistics import ALL, GroupCounts, Statistics, ordered

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS: Final = 15
MOST_COUNTS: Final = 24
"""Bars in a panel up to which each has its count written on it."""

PICTURES: Final = {"distributions": "distributions.png", "by_turn": "by_turn.png"}

_PANELS: Final = {
    "topics": "topic of the goal",
    "specificities": "specificity of the goal",
    "turns": "turns of the conversation",
    "target_turns": "turns in which the goal should be met",
    "countries": "country",
    "age_groups": "age group",
    "genders": "gender",
}


def draw_pictures(statistics: Sequence[Statistics], folder: Path) -> list[Path]:
    """Write both pictures into `folder`; their paths. What no data set has gets no panel.

    Raises:
        ConfigError: matplotlib is missing, or the folder cannot be written.
    """
    drawn = {"distributions": draw_distributions(statistics), "by_turn": draw_by_turn(statistics)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in drawn.items():
            (folder / PICTURES[name]).write_bytes(png(figure))
    except OSError as error:
        raise ConfigError(f"{str(folder)!r} cannot be written: {error}") from error
    return [folder / PICTURES[name] for name in drawn]


def draw_distributions(statistics: Sequence[Statistics]) -> Figure:
    """Shares of the conversations by topic, length and listener."""
    groups = {one.name: _counts(one) for one in statistics}
    shown = [name for name in _PANELS if any(counts.distributions[name] for counts in groups.values())]
    rows = max(1, (len(shown) + 1) // 2)
    figure = new_figure(11.0, 0.6 + 3.0 * rows, title=_sizes(groups))
    panels = figure.subplots(rows, 2, squeeze=False).flatten()
    for panel, name in zip(panels, shown, strict=False):
        _bars(panel, name, groups)
    for panel in panels[len(shown) :]:
        panel.remove()
    if len(groups) > 1 and shown:
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncol=3, fontsize=9, frameon=False)
    return figure


def _counts(statistics: Statistics) -> GroupCounts:
    return statistics.by_group.get(ALL, GroupCounts())


def _sizes(groups: Mapping[str, GroupCounts]) -> str:
    """How many conversations the picture is of."""
    return "   ".join(
        f"{name}: N = {counts.conversations:,} conversations" for name, counts in groups.items()
    )


def _bars(panel: Axes, name: str, groups: Mapping[str, GroupCounts]) -> None:
    """Share of the conversations for each value, its count above; the rarest values are left out."""
    whole: Counter[str] = Counter()
    for counts in groups.values():
        whole.update(counts.distributions[name])
    values = list(ordered(name, whole))[:MOST_BARS]
    width = 0.8 / len(groups)
    for number, (label, counts) in enumerate(groups.items()):
        places = [i + (number - (len(groups) - 1) / 2) * width for i in range(len(values))]
        given = [counts.distributions[name][value] for value in values]
        shares = [100 * count / (counts.conversations or 1) for count in given]
        bars = panel.bar(places, shares, width, label=label, color=SERIES[number % len(SERIES)])
        if len(values) * len(groups) <= MOST_COUNTS:
            panel.bar_label(bars, [f"{count:,}" for count in given], fontsize=8, padding=1, color=INK)
    panel.set_xticks(range(len(values)), values)
    panel.set_xlim(-0.6, max(len(values), 4) - 0.4)
    panel.margins(y=0.12)
    more = len(whole) - len(values)
    title = f"{_PANELS[name]} ({more} more are left out)" if more > 0 else _PANELS[name]
    style(panel, x=title, y="% of conversations")


def draw_by_turn(statistics: Sequence[Statistics]) -> Figure:
    """How labels and words go from turn to turn."""
    groups = {one.name: _counts(one) for one in statistics}
    figure = new_figure(11.0, 4.2, title=_sizes(groups))
    left, right = figure.subplots(1, 2)
    for number, (name, counts) in enumerate(groups.items()):
        colour = SERIES[number % len(SERIES)]
        moves = {
            turn: 100 * share
            for turn in sorted(counts.progress)
            if turn and (share := counts.moves_share(turn)) is not None
        }
        _line(left, name, moves, colour)
        _line(right, name, {t: counts.by_turn[t].value or 0 for t in sorted(counts.by_turn)}, colour)
    left.set_ylim(0, 105)
    style(left, x="turn", y="% of labels: the last track moved toward the goal", grid="y")
    style(right, x="turn", y="mean words of the listener's message", grid="y")
    for panel in (left, right):
        panel.xaxis.get_major_locator().set_params(integer=True)
    # Only now is the scale known to which nought is added.
    right.set_ylim(0, right.get_ylim()[1])
    if len(groups) > 1:
        right.legend(frameon=False, fontsize=9)
    return figure


def _line(panel: Axes, label: str, points: Mapping[int, float], colour: str) -> None:
    panel.plot(list(points), list(points.values()), "o-", label=label, color=colour, markersize=4)

"""Pictures of a data set's distributions, several data sets side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import ConfigError
from ..core.packages import require
from .statistics import ALL, GroupCounts, Statistics, ordered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS: Final = ("#1b6ca8", "#d1702b", "#4a8f4a", "#8a5aa8", "#7a7a7a", "#b8384f")
MOST_BARS: Final = 15
PICTURES: Final = {"distributions": "distributions.png", "by_turn": "by_turn.png"}

_PANELS: Final = {
    "topics": "topic of the goal",
    "specificities": "specificity of the goal",
    "turns": "turns",
    "target_turns": "turns in which the goal should be met",
    "countries": "country",
    "age_groups": "age group",
    "genders": "gender",
}


def figure_class() -> Any:
    """matplotlib's figure. Raises `ConfigError` where it is not installed."""
    instead = "do without them (`segue export --no-pictures`)"
    return require("matplotlib.figure", extra="plots", needed_by="a picture", instead=instead).Figure


def draw_pictures(statistics: Sequence[Statistics], folder: Path) -> list[Path]:
    """Write both pictures into `folder`; their paths.

    Raises:
        ConfigError: matplotlib is missing, or the folder cannot be written.
    """
    figure = figure_class()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_distributions(figure, statistics, folder), _by_turn(figure, statistics, folder)]
    except OSError as error:
        raise ConfigError(f"{str(folder)!r} cannot be written: {error}") from error


def _distributions(new: Any, statistics: Sequence[Statistics], folder: Path) -> Path:
    figure = new(figsize=(11.0, 13.0), layout="constrained")
    panels = figure.subplots(4, 2).flat
    for panel, (name, title) in zip(panels, _PANELS.items(), strict=False):
        _bars(panel, name, title, statistics)
    panels[7].set_axis_off()
    if len(statistics) > 1:
        panels[7].legend(*panels[0].get_legend_handles_labels(), loc="center", frameon=False)
    return _save(figure, folder / PICTURES["distributions"])


def _bars(panel: Axes, name: str, title: str, statistics: Sequence[Statistics]) -> None:
    """Share of the conversations for each value; the rarest countries are left out."""
    by_group = [(one.name, one.by_group.get(ALL, GroupCounts())) for one in statistics]
    whole: Counter[str] = Counter()
    for _, counts in by_group:
        whole.update(counts.distributions[name])
    values = list(ordered(name, whole))[:MOST_BARS]
    width = 0.8 / len(by_group)
    for number, (label, counts) in enumerate(by_group):
        places = [i + (number - (len(by_group) - 1) / 2) * width for i in range(len(values))]
        shares = [100 * counts.distributions[name][v] / (counts.conversations or 1) for v in values]
        panel.bar(places, shares, width, label=label, color=COLOURS[number % len(COLOURS)])
    panel.set_xticks(range(len(values)), values)
    more = len(whole) - len(values)
    panel.set_title(f"{title} ({more} more)" if more > 0 else title, fontsize=10)
    panel.set_ylabel("% of conversations", fontsize=9)
    _plain(panel)


def _by_turn(new: Any, statistics: Sequence[Statistics], folder: Path) -> Path:
    figure = new(figsize=(11.0, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, one in enumerate(statistics):
        counts, colour = one.by_group.get(ALL, GroupCounts()), COLOURS[number % len(COLOURS)]
        moves = {
            t: share for t in sorted(counts.progress) if t and (share := counts.moves_share(t)) is not None
        }
        _line(left, one.name, moves, colour, scale=100)
        _line(right, one.name, {t: counts.by_turn[t].value or 0 for t in sorted(counts.by_turn)}, colour)
    left.set_ylim(0, 100)
    left.set_title("labels that say the last track moved toward the goal", fontsize=10)
    left.set_ylabel("%", fontsize=9)
    right.set_title("words of the listener's message", fontsize=10)
    for panel in (left, right):
        panel.set_xlabel("turn", fontsize=9)
        _plain(panel)
    # Only now is the scale known to which nought is added.
    right.set_ylim(0, right.get_ylim()[1])
    if len(statistics) > 1:
        right.legend(frameon=False, fontsize=9)
    return _save(figure, folder / PICTURES["by_turn"])


def _line(panel: Axes, label: str, points: dict[int, float], colour: str, scale: float = 1.0) -> None:
    values = [value * scale for value in points.values()]
    panel.plot(list(points), values, "o-", label=label, color=colour, markersize=4)


def _plain(panel: Axes) -> None:
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)


def _save(figure: Any, path: Path) -> Path:
    save: Callable[..., None] = figure.savefig
    save(path, dpi=110)
    return path

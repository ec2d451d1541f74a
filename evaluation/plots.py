"""The picture of an ablation: every difference with its interval, one panel a measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import ConfigError
from ..core.packages import require
from .effects import Effect
from .measures import MEASURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".png", ".svg", ".pdf")
FOUND, OPEN = "#1b6ca8", "#8a949c"


def check_plot(path: Path) -> None:
    """Find out before hours of play whether the picture can be drawn.

    Raises:
        ConfigError: for a missing package, a folder that is not there, or a file of another kind.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"--plot {path}: it must end in one of {', '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise ConfigError(f"--plot {path}: there is no folder {str(path.parent)!r}")
    _figure()


@dataclass(frozen=True)
class EffectPlot:
    """A picture of differences. A notebook shows it; `save` writes it.

    Attributes:
        figure: matplotlib's.
    """

    figure: Any

    def save(self, path: str | Path) -> None:
        """Write it as .png, .svg or .pdf.

        Raises:
            ConfigError: see `check_plot`.
        """
        check_plot(Path(path))
        self.figure.savefig(path, dpi=150)

    def _repr_svg_(self) -> str:
        written = BytesIO()
        self.figure.savefig(written, format="svg")
        return written.getvalue().decode("utf-8")


def plot_effects(effects: Sequence[Effect], *, title: str) -> EffectPlot:
    """Draw the picture. Differences that stand after the correction are filled.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    names = list(dict.fromkeys(effect.measure for effect in effects))
    rows = max(sum(effect.measure == name for effect in effects) for name in names)
    figure = _figure()(figsize=(8.0, 0.9 + len(names) * (0.8 + 0.34 * rows)), layout="constrained")
    panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
    for name, panel in zip(names, panels, strict=True):
        _draw(panel, name, [effect for effect in effects if effect.measure == name])
    figure.suptitle(title, fontsize=12)
    return EffectPlot(figure)


def _draw(panel: Axes, name: str, effects: Sequence[Effect]) -> None:
    panel.axvline(0.0, color="#c5ccd1", linewidth=1, zorder=0)
    for row, effect in enumerate(effects):
        if effect.difference is None:
            continue
        colour = FOUND if effect.found else OPEN
        if effect.low is not None and effect.high is not None:
            panel.hlines(row, effect.low, effect.high, color=colour, linewidth=2)
        face = colour if effect.found else "white"
        panel.plot(effect.difference, row, "o", markersize=7, markeredgecolor=colour, markerfacecolor=face)
    panel.set_yticks(range(len(effects)), [effect.label for effect in effects])
    panel.set_ylim(len(effects) - 0.4, -0.6)
    panel.set_xlabel(f"difference in {name} ({MEASURES[name].unit}), 95 % interval", fontsize=9)
    panel.tick_params(labelsize=9)
    panel.spines[["top", "right", "left"]].set_visible(False)


def _figure() -> Any:
    return require("matplotlib.figure", extra="plots", needed_by="--plot").Figure

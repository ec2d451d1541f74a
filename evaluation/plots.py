"""The picture of an ablation: every difference with its interval, one panel a measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.drawing import INK, OPEN, SERIES, new_figure, require_drawing, style
from ..core.errors import ConfigError
from .bench.measures import BENCH_MEASURES
from .effects import Effect

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".png", ".svg", ".pdf")


def check_plot(path: Path) -> None:
    """Find out before hours of play whether the picture can be drawn.

    Raises:
        ConfigError: for a missing package, a folder that is not there, or a file of another kind.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"--plot {path}: it must end in one of {', '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise ConfigError(f"--plot {path}: there is no folder {str(path.parent)!r}")
    require_drawing("--plot")


@dataclass(frozen=True)
class Drawing:
    """A picture. A notebook shows it; `save` writes it.

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


def plot_effects(effects: Sequence[Effect], *, title: str) -> Drawing:
    """Draw the picture: differences that stand after the correction filled, their sessions and pairs beside them.

    A measure without a single pair gets no panel.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    drawn = [effect for effect in effects if effect.difference is not None]
    names = list(dict.fromkeys(effect.measure for effect in drawn))
    rows = max((sum(effect.measure == name for effect in drawn) for name in names), default=1)
    figure = new_figure(8.6, 0.9 + max(1, len(names)) * (0.8 + 0.34 * rows), title=title)
    if not names:
        figure.text(0.5, 0.45, "no pair of conversations to compare", ha="center", fontsize=10, color=INK)
        return Drawing(figure)
    panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
    for name, panel in zip(names, panels, strict=True):
        own = [effect for effect in drawn if effect.measure == name]
        _draw(panel, f"{name} ({BENCH_MEASURES[name].unit})", own)
    return Drawing(figure)


def _draw(panel: Axes, name: str, effects: Sequence[Effect]) -> None:
    panel.axvline(0.0, color=INK, linewidth=1, zorder=1)
    for row, effect in enumerate(effects):
        if effect.difference is None:
            continue
        colour = SERIES[0] if effect.found else OPEN
        if effect.low is not None and effect.high is not None:
            panel.hlines(row, effect.low, effect.high, color=colour, linewidth=2)
        face = colour if effect.found else "white"
        panel.plot(effect.difference, row, "o", markersize=7, markeredgecolor=colour, markerfacecolor=face)
    labels = [f"{effect.label}\n{effect.units:,} sessions, {effect.pairs:,} pairs" for effect in effects]
    panel.set_yticks(range(len(effects)), labels)
    panel.set_ylim(len(effects) - 0.4, -0.6)
    style(panel, x=f"difference in {name}, 95 % interval", y="", grid="x")

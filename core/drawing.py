"""Pictures in one style: matplotlib where it is installed, the same colours and axes, the same bytes again."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .packages import Need, require_all

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#22303a"
LINE: Final = "#dde3e7"
OPEN: Final = "#8a949c"
SERIES: Final = ("#1b6ca8", "#d1702b", "#4a8f4a", "#8a5aa8", "#7a7a7a", "#b8384f")
"""One for each data set of several."""


def drawing_need(needed_by: str = "a picture", *, instead: str = "") -> Need:
    """matplotlib. For the arguments see `Need`."""
    return Need("matplotlib.figure", "plots", needed_by, instead)


def require_drawing(needed_by: str = "a picture", *, instead: str = "") -> Any:
    """matplotlib's class of figures.

    Args:
        needed_by: what cannot be done without it.
        instead: what else helps, for the hint.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    require_all([drawing_need(needed_by, instead=instead)])
    return import_module("matplotlib.figure").Figure


def new_figure(width: float, height: float, *, title: str = "") -> Figure:
    """An empty figure, in inches, with its title. Raises `ConfigError` where matplotlib is not installed."""
    figure: Figure = require_drawing()(figsize=(width, height), layout="constrained")
    if title:
        figure.suptitle(title, fontsize=11, color=INK)
    return figure


def style(panel: Axes, *, x: str, y: str, grid: str = "") -> None:
    """Name both axes and draw them as everywhere.

    Args:
        x, y: what is on the axis, with its unit; an axis of categories that speak for themselves has no name.
        grid: of which axis lines are drawn behind the data.
    """
    panel.set_xlabel(x, fontsize=9, color=INK)
    panel.set_ylabel(y, fontsize=9, color=INK)
    panel.tick_params(labelsize=9, colors=INK)
    panel.spines[["top", "right"]].set_visible(False)
    panel.spines[["left", "bottom"]].set_color(OPEN)
    if grid:
        panel.set_axisbelow(True)
        panel.grid(axis="y" if grid == "y" else "x", color=LINE)


def png(figure: Figure) -> bytes:
    """The figure as PNG. Without a date in it, the same figures give the same bytes."""
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=140, metadata={"Software": None})
    return data.getvalue()

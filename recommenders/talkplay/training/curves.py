"""The losses of a training as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ....core.drawing import SERIES, new_figure, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_APART: Final = "similarity"
"""Of another size than the others."""


def curves_figure(curves: Sequence[Mapping[str, float]]) -> Figure:
    """Losses by epoch: of each kind of row, and of the conversations that are only watched; self-similarity beside.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    figure = new_figure(9, 3.6, title="Losses")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    names = list(dict.fromkeys(name for each in curves for name in each if name != "epoch"))
    for name, colour in zip(names, SERIES, strict=False):
        panel = right if name == _APART else left
        points = [(each["epoch"], each[name]) for each in curves if name in each]
        panel.plot(*zip(*points, strict=True), color=colour, label=name, linewidth=1.5)
    style(left, x="epoch", y="cross-entropy (nats a token)", grid="y")
    style(right, x="epoch", y="self-similarity", grid="y")
    left.legend(frameon=False, fontsize=8)
    return figure

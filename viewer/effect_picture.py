"""Differences with their intervals as a picture, one panel a measure, zero in all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..api.evaluation.experiments import Effect

WIDTH: Final = 420
ROW: Final = 26
TOP: Final = 8
MARGIN: Final = 12


@dataclass(frozen=True)
class EffectRow:
    """One difference: where its dot lies, and its interval where it has one."""

    label: str
    found: bool
    y: float
    x: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class EffectPanel:
    """The differences in one measure; `marks` are (x, value) along the bottom, zero among them."""

    measure: str
    rows: Sequence[EffectRow]
    zero: float
    marks: Sequence[tuple[float, float]]
    height: float


def draw_effects(effects: Sequence[Effect]) -> list[EffectPanel]:
    """The panels, in order of the measures; what has no pair of conversations is left out."""
    drawn = [effect for effect in effects if effect.difference is not None]
    names = dict.fromkeys(effect.measure for effect in drawn)
    return [_panel(name, [effect for effect in drawn if effect.measure == name]) for name in names]


def _panel(measure: str, effects: Sequence[Effect]) -> EffectPanel:
    values = [v for e in effects for v in (e.low, e.difference, e.high, 0.0) if v is not None]
    least, most = min(values), max(values)
    if least == most:
        least, most = least - 1.0, most + 1.0
    scale = (WIDTH - 2 * MARGIN) / (most - least)

    def x(value: float) -> float:
        return round(MARGIN + (value - least) * scale, 1)

    rows = [_row(effect, TOP + ROW * (at + 0.5), x) for at, effect in enumerate(effects)]
    marks = sorted({least, 0.0, most}, key=lambda value: value != 0.0)
    apart = [(x(v), v) for v in marks if v == 0.0 or abs(x(v) - x(0.0)) > 40]
    return EffectPanel(measure, rows, x(0.0), sorted(apart), TOP + ROW * len(rows))


def _row(effect: Effect, y: float, x: Callable[[float], float]) -> EffectRow:
    low, high = (None if value is None else x(value) for value in (effect.low, effect.high))
    return EffectRow(effect.label, effect.found, y, x(effect.difference or 0.0), low, high)

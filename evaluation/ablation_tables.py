"""What an ablation found, as tables to read: its cells, then its effects."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.tables import Table, number
from .ablation_report import AblationReport
from .effects import Effect

_EFFECT = ("reference", "level", "difference", "95 % interval", "p", "p (Holm)", "sessions")


def ablation_tables(report: AblationReport) -> Iterator[Table]:
    """One row a cell with its means; one row an effect with its test."""
    names, factors = list(report.plan.measures), list(report.plan.factors)
    cells = [
        [*c.levels.values(), c.conversations, c.failed, *(number(c.means[n]) for n in names)]
        for c in report.cells
    ]
    yield Table([*factors, "done", "failed", *names], cells, right=["done", "failed", *names])
    effects = [effect_row(effect) for effect in report.effects]
    yield Table(["measure", "effect", *_EFFECT, ""], effects, right=_EFFECT)


def effect_row(effect: Effect) -> list[str]:
    """One difference with its test."""
    interval = "–" if effect.low is None else f"{_signed(effect.low)} … {_signed(effect.high)}"
    return [
        effect.measure,
        effect.label,
        number(effect.reference_mean),
        number(effect.level_mean),
        "–" if effect.difference is None else _signed(effect.difference),
        interval,
        *map(_p_value, (effect.p, effect.p_holm)),
        str(effect.units),
        "differs" if effect.found else "",
    ]


def _signed(value: float | None) -> str:
    """Three decimals and a sign; nothing is above nothing."""
    return "–" if value is None else f"{round(value, 3) + 0.0:+.3f}"


def _p_value(p: float | None) -> str:
    if p is None:
        return "–"
    return f"{p:.4f}" if p >= 0.0001 else "<0.0001"

"""How figures, dates and texts are written on every page; the filters of the templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..core.tables import counted

ABSENT = "–"
"""Stands where there is no figure, which is not the same as zero."""


def count(value: int | float | None) -> str:
    """A number of things: `1,234`."""
    return ABSENT if value is None else f"{value:,.0f}"


def money(value: float | None) -> str:
    """USD: whole cents from ten dollars on, four places below."""
    if value is None:
        return "unpriced"
    return f"${value:,.2f}" if value >= 10 else f"${value:.4f}"


def number(value: float | None, places: int = 2) -> str:
    """A mean or a share: `0.42`."""
    return ABSENT if value is None else f"{value:.{places}f}"


def percent(value: float | None) -> str:
    """A share from 0 to 1 as `12.5 %`."""
    return ABSENT if value is None else f"{100 * value:.1f} %"


def seconds(value: float | None) -> str:
    """A time: `0.35 s`, `2 min 5 s`."""
    if value is None:
        return ABSENT
    if value < 60:
        return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"
    return f"{value // 60:.0f} min {value % 60:.0f} s"


def moment(value: str | None) -> str:
    """A point in time of the store, to the minute: `2026-03-01 12:30`."""
    return ABSENT if not value else value[:16].replace("T", " ")


def cut(text: str | None, most: int = 200) -> str:
    """The beginning of a text, with an ellipsis where something was left out."""
    if text is None:
        return ""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def persona_fact(entry: tuple[str, Any]) -> tuple[str, str]:
    """A field of a persona as (name, value)."""
    return entry[0].rstrip("_").replace("_", " "), str(entry[1])


def modality_fact(entry: tuple[str, list[str]]) -> tuple[str, str]:
    """What an agent is shown as (who, what)."""
    return f"{entry[0]} is shown", ", ".join(entry[1])


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "count": count,
    "counted": counted,
    "cut": cut,
    "modality_fact": modality_fact,
    "moment": moment,
    "money": money,
    "number": number,
    "percent": percent,
    "persona_fact": persona_fact,
    "seconds": seconds,
}

"""`Table`: rows to read, for a terminal or a notebook; how they are drawn is not its matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows under column heads.

    Attributes:
        right: heads of columns that are aligned to the right.
        title: stands above; empty for none.
        more: rows that were left out.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    right: Sequence[str] = ()
    title: str = ""
    more: int = 0


def number(value: float | None) -> str:
    """A number in four significant digits or as many as it has before the point, with its thousands; a dash for
    none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4g}"


def counted(count: int, noun: str) -> str:
    """`1 conversation`, `18,885 tokens`: a count with its noun, which takes an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

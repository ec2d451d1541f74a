"""What the catalogue commands print for people: the report of a reading, and the health of a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...core.tables import counted
from ..output import print_line, print_tables

if TYPE_CHECKING:
    from ...api.data.catalogues import Health, ReadingReport


def print_report(report: ReadingReport) -> None:
    """What was read, joined and left out."""
    from ...api.data.catalogues import report_tables

    print_tables(report_tables(report))


def print_health(health: Health, cost: Mapping[str, Any] | None = None) -> None:
    """What `segue catalog check` found."""
    from ...api.data.catalogues import health_tables

    print_line(f"{health.name}: {health.source}")
    print_line(
        f"{counted(health.tracks, 'track')}, {counted(health.users, 'user')}, {counted(health.sessions, 'session')}; "
        f"digest {health.digest}"
    )
    print_line()
    print_tables(health_tables(health))
    if cost is not None:
        _print_cost(cost)
    if health.reading is not None:
        print_line()
        print_report(health.reading)


def _print_cost(cost: Mapping[str, Any]) -> None:
    print_line()
    if cost["usd"] is None:
        print_line(f"no price is known for {cost['model']}; `segue estimate --prices FILE` takes yours")
        return
    print_line(
        f"to play all {cost['conversations']:,} sessions with {cost['model']} would cost about "
        f"${cost['usd']:,.2f}, ${cost['usd_per_conversation']:.4f} each (rehearsed with {cost['sample']}; prices of "
        f"{cost['prices']}); `segue estimate` says more"
    )

"""What the catalogue commands print for people: the report of a reading, and the health of a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .output import print_tables

if TYPE_CHECKING:
    from ..api.catalogues import Health, ReadingReport


def print_report(report: ReadingReport) -> None:
    """What was read, joined and left out."""
    from ..api.catalogues import report_tables

    print_tables(report_tables(report))


def print_health(health: Health, cost: Mapping[str, Any] | None = None) -> None:
    """What `segue catalog check` found."""
    from ..api.catalogues import health_tables

    print(f"{health.name}: {health.source}")
    print(
        f"{health.tracks} tracks, {health.users} users, {health.sessions} sessions; digest {health.digest}\n"
    )
    print_tables(health_tables(health))
    if cost is not None:
        _print_cost(cost)
    if health.reading is not None:
        print()
        print_report(health.reading)


def _print_cost(cost: Mapping[str, Any]) -> None:
    if cost["usd"] is None:
        print(f"\nno price is known for {cost['model']}; `segue estimate --prices FILE` takes yours")
        return
    print(
        f"\nto play all {cost['conversations']} sessions with {cost['model']} would cost about "
        f"${cost['usd']:,.2f}, ${cost['usd_per_conversation']:.4f} each (rehearsed with {cost['sample']}; prices of "
        f"{cost['prices']}); `segue estimate` says more"
    )

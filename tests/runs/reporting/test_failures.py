"""The shares of failures."""

from __future__ import annotations

from segue.checkpoints.store.run_sessions import Standing, Standings
from segue.runs.reporting.failures import KINDS, UNKNOWN, failures_of


def standing(status: Standing, count: int, **kind: str | None) -> Standings:
    return Standings({**dict.fromkeys(KINDS), **kind}, status, count)


def test_shares_are_of_those_that_ended() -> None:
    found = failures_of(
        [
            standing("failed", 2, country="Peru", topic="A"),
            standing("failed", 1, country="Chad"),
            standing("done", 6, country="Peru", topic="A"),
            standing("done", 1, country="Chad", topic="B"),
            standing("pending", 50, country="Peru"),
            standing("stopped", 9, country="Peru"),
            standing("running", 9, country="Peru"),
        ]
    )
    assert (found.failed, found.ended) == (3, 10)
    assert [(s.value, s.failed, s.ended, s.share) for s in found.of("country")] == [
        ("Chad", 1, 2, 0.5),
        ("Peru", 2, 8, 0.25),
    ]
    assert [(s.value, s.failed, s.ended) for s in found.of("topic")] == [
        (UNKNOWN, 1, 1),
        ("A", 2, 8),
        ("B", 0, 1),
    ]
    assert found.to_json()["share"] == 0.3 and set(found.to_json()["by"]) == set(KINDS)


def test_nothing_ended_nothing_shared() -> None:
    found = failures_of([standing("pending", 3)])
    assert (found.failed, found.ended, found.shares) == (0, 0, ())
    assert found.to_json()["share"] is None

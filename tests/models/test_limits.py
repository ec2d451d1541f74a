"""Limits: a width that follows the provider, first come first served, and waits that double."""

from __future__ import annotations

import asyncio
import random

import pytest
from segue.models.limits import Backoff, Limits


async def occupy(limits: Limits, name: str, order: list[str], release: asyncio.Event) -> None:
    async with limits.slot():
        order.append(name)
        await release.wait()


async def test_places_go_to_those_who_wait_longest() -> None:
    limits, order, release = Limits(2), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(occupy(limits, name, order, release)) for name in "abcde"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert order == ["a", "b"]
    release.set()
    await asyncio.gather(*tasks)
    assert order == list("abcde") and (limits.peak, limits.running) == (2, 0)


async def test_a_cancelled_waiter_costs_nobody_a_place() -> None:
    limits, order, release = Limits(1), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(occupy(limits, name, order, release)) for name in "abc"]
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["a", "c"] and limits.running == 0


async def test_a_waiter_cancelled_just_as_its_turn_comes_passes_the_place_on() -> None:
    limits, order, release = Limits(1), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(occupy(limits, name, order, release)) for name in "abc"]
    await asyncio.sleep(0.01)
    release.set()
    await tasks[0]
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order[-1] == "c" and limits.running == 0


async def test_a_burst_of_refusals_halves_the_width_once_and_success_restores_it() -> None:
    limits = Limits(16)
    async with limits.slot() as one, limits.slot() as two:
        limits.crowded(one)
        limits.crowded(two)
    assert limits.width == 8
    async with limits.slot() as later:
        limits.crowded(later)
    assert limits.width == 4
    for _ in range(200):
        limits.answered()
    assert limits.width == 16


async def test_the_width_never_falls_below_one() -> None:
    limits = Limits(2)
    for _ in range(5):
        async with limits.slot() as started:
            limits.crowded(started)
    assert limits.width == 1


async def test_a_rate_spaces_the_starts() -> None:
    limits, starts = Limits(8, requests_per_minute=60 / 0.05), list[float]()

    async def start() -> None:
        async with limits.slot() as at:
            starts.append(at)

    await asyncio.gather(*(start() for _ in range(4)))
    assert starts[-1] - starts[0] >= 0.14


def test_waits_double_up_to_the_cap_and_honour_the_provider() -> None:
    backoff, draw = Backoff(tries=5, base_s=1, cap_s=4, patience_s=60), random.Random(1)
    for failures, most in ((1, 1), (2, 2), (3, 4), (4, 4)):
        waits = [backoff.delay(failures, None, draw) for _ in range(50)]
        assert most / 2 <= min(waits) and max(waits) <= most
        assert len(set(waits)) > 40, "jitter"
    assert 30 <= backoff.delay(1, 30.0, draw) <= 30.25
    assert not backoff.gives_up(4, 60.0) and backoff.gives_up(5, None) and backoff.gives_up(1, 61.0)


@pytest.mark.parametrize(("concurrency", "rate"), [(0, None), (1, 0.0)])
def test_limits_that_allow_nothing_are_refused(concurrency: int, rate: float | None) -> None:
    with pytest.raises(ValueError, match="must be"):
        Limits(concurrency, requests_per_minute=rate)

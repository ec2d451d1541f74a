"""Limits: a width that follows the provider, first come first served, and waits that double."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.models.limits import LONGEST_PAUSE_S, Backoff, Limits, ProviderLimits, Slot
from segue.models.windows import MINUTE_S
from support.runs.virtual_time import run_virtually


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
        limits.answered(later)
    assert limits.width == 16


async def test_the_width_never_falls_below_one() -> None:
    limits = Limits(2)
    for _ in range(5):
        async with limits.slot() as started:
            limits.crowded(started)
    assert limits.width == 1


async def started(limits: Limits, tokens: int, hold: float, starts: list[tuple[float, int]]) -> None:
    async with limits.slot(tokens) as slot:
        starts.append((slot.started, tokens))
        await asyncio.sleep(hold)
        limits.answered(slot, tokens)


Loads = st.lists(st.tuples(st.floats(0, 30), st.integers(0, 500), st.floats(0, 20)), min_size=1, max_size=40)


@given(loads=Loads, width=st.integers(1, 6))
def test_neither_width_nor_minute_is_ever_exceeded(loads: list[tuple[float, int, float]], width: int) -> None:
    limits, starts = Limits(width, requests_per_minute=7, tokens_per_minute=600), list[tuple[float, int]]()

    async def arrive() -> None:
        tasks = []
        for pause, tokens, hold in loads:
            await asyncio.sleep(pause)
            tasks.append(asyncio.create_task(started(limits, tokens, hold, starts)))
        await asyncio.gather(*tasks)

    run_virtually(arrive())
    assert len(starts) == len(loads) and limits.peak <= width and limits.running == 0
    for at, _ in starts:
        held = [tokens for time, tokens in starts if at <= time < at + MINUTE_S]
        assert len(held) <= 7 and sum(held) <= 600


@given(
    loads=st.lists(st.tuples(st.floats(0, 9), st.floats(0, 90)), min_size=1, max_size=30),
    width=st.integers(1, 3),
    refused=st.sets(st.integers(0, 29)),
)
def test_whoever_is_cancelled_or_refused_gives_the_place_back(
    loads: list[tuple[float, float]], width: int, refused: set[int]
) -> None:
    limits = Limits(width, requests_per_minute=5, tokens_per_minute=100)
    ended: list[bool] = []

    async def call(number: int, hold: float) -> None:
        async with limits.slot(20) as slot:
            await asyncio.sleep(hold)
            if number in refused:
                limits.crowded(slot, retry_after=hold)

    async def arrive() -> None:
        tasks = []
        for number, (hold, patience) in enumerate(loads):
            task = asyncio.create_task(call(number, hold))
            asyncio.get_running_loop().call_later(patience, task.cancel)
            tasks.append(task)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        ended.extend(r is None or isinstance(r, asyncio.CancelledError) for r in results)
        assert limits.running == 0
        for _ in range(width):  # all places are there again
            await asyncio.create_task(call(-1, 0.0))

    run_virtually(arrive())
    assert all(ended) and limits.running == 0


def test_a_refusal_holds_everybody_back_for_as_long_as_the_provider_asks() -> None:
    limits, starts = Limits(8), list[tuple[float, int]]()

    async def scenario() -> float:
        async with limits.slot() as slot:
            limits.crowded(slot, retry_after=30.0)
            at = asyncio.get_running_loop().time()
        await asyncio.gather(*(started(limits, 0, 1.0, starts) for _ in range(3)))
        return at

    at = run_virtually(scenario())
    assert [time for time, _ in starts] == [at + 30.0] * 3


def test_one_refusal_never_holds_the_others_back_for_hours() -> None:
    limits, starts = Limits(1), list[tuple[float, int]]()

    async def scenario() -> float:
        async with limits.slot() as slot:
            limits.crowded(slot, retry_after=36_000.0)
            at = asyncio.get_running_loop().time()
        await started(limits, 0, 0.0, starts)
        return at

    at = run_virtually(scenario())
    assert starts[-1][0] - at == LONGEST_PAUSE_S


async def test_an_estimate_of_tokens_is_corrected_by_the_answer() -> None:
    limits = Limits(2, tokens_per_minute=100)
    async with limits.slot(90) as slot:
        limits.answered(slot, 10)
    async with asyncio.timeout(5), limits.slot(90):
        pass


def test_each_provider_has_limits_of_its_own() -> None:
    each = ProviderLimits(lambda provider: Limits(2 if provider == "ollama" else 9))
    assert each.of("ollama") is each.of("ollama") is not each.of("openai")
    assert (each.of("ollama").concurrency, each.of("openai").concurrency) == (2, 9)


def test_waits_double_up_to_the_cap_and_honour_the_provider() -> None:
    backoff, draw = Backoff(tries=5, base_s=1, cap_s=4, patience_s=60), random.Random(1)
    for failures, most in ((1, 1), (2, 2), (3, 4), (4, 4)):
        waits = [backoff.delay(failures, None, draw) for _ in range(50)]
        assert most / 2 <= min(waits) and max(waits) <= most
        assert len(set(waits)) > 40, "jitter"
    assert 30 <= backoff.delay(1, 30.0, draw) <= 30.25
    assert not backoff.gives_up(4, 60.0) and backoff.gives_up(5, None) and backoff.gives_up(1, 61.0)


@pytest.mark.parametrize(
    ("concurrency", "requests", "tokens"), [(0, None, None), (1, 0.0, None), (1, None, 0.5)]
)
def test_limits_that_allow_nothing_are_refused(
    concurrency: int, requests: float | None, tokens: float | None
) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        Limits(concurrency, requests_per_minute=requests, tokens_per_minute=tokens)


def test_a_window_lets_as_many_start_at_once_as_a_minute_holds() -> None:
    limits, starts = Limits(9, requests_per_minute=3), list[tuple[float, int]]()

    async def scenario() -> None:
        await asyncio.gather(*(started(limits, 0, 0.0, starts) for _ in range(4)))

    run_virtually(scenario())
    first = starts[0][0]
    assert [at - first for at, _ in starts] == [0.0, 0.0, 0.0, MINUTE_S]


async def test_an_answer_that_tells_no_tokens_corrects_none() -> None:
    limits = Limits(2, tokens_per_minute=100)
    async with limits.slot(60) as slot:
        limits.answered(slot)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), limits.slot(60):
            pass
    unlimited = Limits(2)
    async with unlimited.slot(60) as slot:
        unlimited.answered(slot, 10)


async def test_a_refusal_in_the_moment_of_the_last_shrinking_shrinks_again() -> None:
    limits = Limits(16)
    async with limits.slot() as slot:
        limits.crowded(slot)
        at = limits._shrunk_at
        limits.crowded(Slot(at))
    assert limits.width == 4


def test_a_provider_that_asks_for_no_wait_is_waited_for() -> None:
    assert not Backoff(patience_s=0.5).is_too_long(None)

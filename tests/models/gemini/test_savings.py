"""When a cache pays: arithmetic against plans written out by hand and against brute force."""

from __future__ import annotations

import itertools

import pytest
from segue.models.costs.prices import Price, load_prices
from segue.models.gemini.savings import TokenCounts, best_start, least_tokens, plan_savings, token_counts
from segue.prompts.parts import Media, message
from segue.state.values import Medium

CLIP = Medium(kind="audio", digest="a" * 32, mime_type="audio/mpeg", seconds=3.0)
COVER = Medium(kind="image", digest="b" * 32, mime_type="image/jpeg")
POOL = TokenCounts(text=4_500, image=8_256, audio=3_104)


def flash() -> Price:
    return load_prices().price("google_genai:gemini-2.5-flash")


def test_a_stretch_counts_each_kind() -> None:
    counted = token_counts(
        [message("system", "x" * 40), message("human", Media(CLIP), "y" * 8, Media(COVER))]
    )
    assert counted == TokenCounts(text=12, image=258, audio=97)


def test_savings_are_told_apart() -> None:
    plan = plan_savings(POOL, 8, flash(), seconds=360)
    full = (4_500 + 8_256) * 0.30e-6 + 3_104 * 1e-6
    assert plan.creation == pytest.approx(full)
    assert plan.without == pytest.approx(8 * full)
    assert plan.reads == pytest.approx(8 * full / 10)
    assert plan.storage == pytest.approx(POOL.total * 1e-6 / 10)
    assert plan.net == pytest.approx(7 * full - 0.8 * full - plan.storage)


@pytest.mark.parametrize(
    ("calls", "gap", "made"), [(8, 15, True), (1, 15, False), (2, 15, True), (8, 3600, False)]
)
def test_a_cache_is_made_where_it_pays(calls: int, gap: float, made: bool) -> None:
    assert best_start(POOL, TokenCounts(text=150), None, calls, flash(), gap) is made


def cost_of(plan: tuple[bool, ...], full: float, step: float, share: float, held: float) -> float:
    """A plan's cost, call by call: `plan` says where the cache is made anew."""
    total = 0.0
    for call, makes in enumerate(plan):
        here = full + step * call
        if makes:
            total, held = total + here, here
        total += here - held * (1 - share)
    return total


@pytest.mark.parametrize("calls", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("growth", [0, 300, 700, 2_000])
@pytest.mark.parametrize("held", [None, 1_500, 2_400])
def test_the_choice_is_the_best_of_all_plans(calls: int, growth: int, held: int | None) -> None:
    price, now = flash(), TokenCounts(text=3_000)
    full, step = now.full_usd(price), TokenCounts(text=growth).full_usd(price)
    base = TokenCounts(text=held).full_usd(price) if held else 0.0
    costs = {
        plan: cost_of(plan, full, step, 0.1, base) for plan in itertools.product([False, True], repeat=calls)
    }
    best = min(costs.values())
    chosen = best_start(
        now, TokenCounts(text=growth), TokenCounts(text=held) if held else None, calls, price, gap=0
    )
    assert min(cost for plan, cost in costs.items() if plan[0] is chosen) == pytest.approx(best)


@pytest.mark.parametrize(
    ("model", "least"),
    [("gemini-2.5-flash", 1024), ("gemini-2.5-flash-lite", 1024), ("gemini-2.5-pro", 4096)],
)
def test_the_least_size_by_model(model: str, least: int) -> None:
    assert least_tokens(model) == least

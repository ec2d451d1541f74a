"""Effects of a factorial experiment: pairing, averaging within sessions, what is left out, what is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.evaluation.effects import Effect, Observation, corrected, interactions, main_effects

FACTORS = {"a": ("off", "on"), "b": ("x", "y", "z")}
TWO = {"a": ("off", "on"), "b": ("x", "y")}


def observe(
    value: Callable[[int, int, Mapping[str, str]], float | None],
    *,
    sessions: int = 4,
    repetitions: int = 2,
    factors: Mapping[str, tuple[str, ...]] = TWO,
) -> list[Observation]:
    """One value for each session, repetition and cell of two factors."""
    (a, a_levels), (b, b_levels) = factors.items()
    return [
        Observation(f"s{s}", (0, r), levels, value(s, r, levels))
        for s in range(sessions)
        for r in range(repetitions)
        for levels in ({a: i, b: j} for i in a_levels for j in b_levels)
    ]


def effects(
    rows: list[Observation], factors: Mapping[str, tuple[str, ...]] = TWO, *, seed: int = 0
) -> dict[str, Effect]:
    """By label, corrected."""
    return {e.label: e for e in corrected(main_effects({"m": rows}, factors, seed=seed))}


def test_the_difference_is_the_planted_one_whatever_the_session_brings() -> None:
    rows = observe(lambda s, r, at: 10 * s + r + 3 * (at["a"] == "on"), factors=FACTORS)
    found = effects(rows, FACTORS)
    on = found["a: on − off"]
    assert (on.difference, on.low, on.high) == (3.0, 3.0, 3.0)
    assert (on.reference_mean, on.level_mean) == (15.5, 18.5)
    assert (on.units, on.pairs, on.unpaired) == (4, 4 * 2 * 3, 0)
    assert on.p == pytest.approx(2 / 16)
    assert [found[f"b: {level} − x"].difference for level in "yz"] == [0.0, 0.0]
    assert found["b: y − x"].p == 1.0


def test_each_session_counts_once_however_many_pairs_it_has() -> None:
    """Session 0 has one complete pair and a difference of 1, the others four and of 3."""

    def value(s: int, r: int, at: Mapping[str, str]) -> float | None:
        missing = s == 0 and (r, at["b"]) != (0, "x") and at["a"] == "on"
        return None if missing else (1.0 if s == 0 else 3.0) * (at["a"] == "on")

    on = effects(observe(value))["a: on − off"]
    assert on.difference == pytest.approx((1 + 3 + 3 + 3) / 4)
    assert (on.units, on.pairs) == (4, 13)
    assert on.unpaired == 6, "three that are missing, and their three counterparts"


def test_a_session_without_a_pair_is_left_out() -> None:
    rows = observe(lambda s, r, at: None if s == 2 else float(at["a"] == "on"))
    on = effects(rows)["a: on − off"]
    assert (on.units, on.difference) == (3, 1.0)


def test_no_pair_at_all_is_no_result_rather_than_zero() -> None:
    found = effects(observe(lambda s, r, at: None))
    on = found["a: on − off"]
    assert (on.difference, on.low, on.p, on.p_holm, on.level_mean, on.found) == (None,) * 5 + (False,)


def test_one_session_has_a_difference_but_no_interval() -> None:
    on = effects(observe(lambda s, r, at: float(at["a"] == "on"), sessions=1))["a: on − off"]
    assert (on.difference, on.low, on.high, on.p) == (1.0, None, None, 1.0)


def test_interactions_are_differences_of_differences() -> None:
    rows = observe(lambda s, r, at: s + 2.0 * (at["a"] == "on" and at["b"] == "y"))
    [crossed] = interactions({"m": rows}, TWO, seed=0)
    assert (crossed.kind, crossed.difference, crossed.label) == ("interaction", 2.0, "a x b: interaction")
    assert interactions({"m": rows}, FACTORS, seed=0) == [], "only factors of two levels are crossed"


def test_the_correction_spans_all_measures_and_factors() -> None:
    noise = np.random.default_rng(0).normal(size=10_000).tolist()
    rows = observe(lambda s, r, at: noise.pop() + (at["a"] == "on"), sessions=12)
    other = observe(lambda s, r, at: noise.pop(), sessions=12)
    found = corrected(main_effects({"m": rows, "n": other}, TWO, seed=0))
    smallest = min(found, key=lambda e: e.p or 0)
    assert smallest.p is not None and smallest.p_holm == pytest.approx(min(1.0, 4 * smallest.p))


def test_the_same_seed_gives_the_same_report_and_the_order_of_rows_does_not_matter() -> None:
    noise = iter(np.random.default_rng(1).normal(size=1_000).tolist())
    rows = observe(lambda s, r, at: next(noise), sessions=20)
    assert effects(rows, seed=5) == effects(rows[::-1], seed=5) != effects(rows, seed=6)


def test_a_planted_effect_is_found_and_an_absent_one_is_not() -> None:
    """40 sessions that differ far more between each other than the levels do."""
    rng = np.random.default_rng(11)
    level = rng.normal(0, 5, 40)
    rows = observe(lambda s, r, at: level[s] + rng.normal() + 0.6 * (at["a"] == "on"), sessions=40)
    found = effects(rows)
    assert found["a: on − off"].found and not found["b: y − x"].found
    low, high = found["a: on − off"].low, found["a: on − off"].high
    assert low is not None and high is not None and low < 0.6 < high


@pytest.mark.slow
@given(st.lists(st.floats(-100, 100), min_size=3, max_size=8), st.floats(-10, 10))
def test_shifting_every_session_changes_no_difference(levels: list[float], shift: float) -> None:
    def value(s: int, r: int, at: Mapping[str, str]) -> float:
        return levels[s] + (at["a"] == "on") * (1 + s)

    before = effects(observe(value, sessions=len(levels)))["a: on − off"]
    after = effects(observe(lambda s, r, at: value(s, r, at) + shift, sessions=len(levels)))["a: on − off"]
    assert after.difference == pytest.approx(before.difference, abs=1e-6)
    assert after.p == before.p


@pytest.mark.slow
@given(st.integers(2, 8), st.integers(0, 99))
def test_swapping_level_and_reference_turns_the_sign_alone(sessions: int, seed: int) -> None:
    noise = iter(np.random.default_rng(seed).normal(size=1_000).tolist())
    rows = observe(lambda s, r, at: next(noise), sessions=sessions)
    forth = effects(rows)["a: on − off"]
    back = effects(rows, {"a": ("on", "off"), "b": ("x", "y")})["a: off − on"]
    assert forth.difference is not None and back.difference == pytest.approx(-forth.difference)
    assert (forth.p, forth.reference_mean) == (back.p, back.level_mean)

"""The fault plan: seeded, independent of arrival, and complete."""

from __future__ import annotations

import pytest
from support.gemini.faults import Fault, FaultPlan


def test_the_same_bytes_get_the_same_faults_whatever_comes_between() -> None:
    rates = {Fault.RATE_LIMIT: 0.3, Fault.DROPPED: 0.3}
    one, two = FaultPlan(rates=rates, seed=5), FaultPlan(rates=rates, seed=5)
    bodies = [f"body {i}" for i in range(50)]
    forward = {body: one.draw(i, body) for i, body in enumerate(bodies)}
    backward = {body: two.draw(i, body) for i, body in enumerate(reversed(bodies))}
    assert forward == backward
    assert set(forward.values()) == {None, Fault.RATE_LIMIT, Fault.DROPPED}


def test_the_same_bytes_sent_again_draw_anew() -> None:
    plan = FaultPlan(rates={Fault.INTERNAL: 0.5}, seed=1)
    assert {plan.draw(i, "body") for i in range(30)} == {None, Fault.INTERNAL}


def test_a_list_is_followed_and_then_ends() -> None:
    plan = FaultPlan([Fault.SLOW, None, Fault.DROPPED])
    assert [plan.draw(i, "x") for i in range(5)] == [Fault.SLOW, None, Fault.DROPPED, None, None]


def test_rates_above_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sum to 1\.2"):
        FaultPlan(rates={Fault.SLOW: 0.6, Fault.DROPPED: 0.6})

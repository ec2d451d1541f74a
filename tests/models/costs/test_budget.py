"""The budget: what is paid and what is put aside stay under the cap, and nobody waits for nothing."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import BudgetError
from segue.models.costs.budget import CappedBudget
from support.runs.virtual_time import run_virtually

Calls = st.lists(
    st.tuples(
        st.integers(1, 50),  # put aside, in cents
        st.floats(0, 1),  # part of it that is paid
        st.floats(0, 5),  # seconds that the call takes
        st.one_of(st.none(), st.floats(0, 8)),  # seconds after which it is cancelled
    ),
    max_size=30,
)


@given(calls=Calls, cap=st.integers(0, 300), before=st.integers(0, 100))
def test_the_cap_holds_whatever_is_asked_paid_or_cancelled(
    calls: list[tuple[int, float, float, float | None]], cap: int, before: int
) -> None:
    budget, refused = CappedBudget(cap / 100, before / 100), list[int]()

    async def call(number: int) -> None:
        most, part, seconds, _ = calls[number]
        try:
            ticket = await budget.reserve(most / 100)
        except BudgetError:
            assert not budget.reserved, "somebody in flight could still have freed money"
            assert budget.paid + most / 100 > budget.cap
            refused.append(number)
            return
        assert budget.paid + budget.reserved <= max(budget.cap, before / 100) + 1e-6
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            await budget.settle(ticket, 0.0)
            raise
        await budget.settle(ticket, part * most / 100)

    async def all_calls() -> None:
        tasks = [asyncio.create_task(call(number)) for number in range(len(calls))]
        for task, (*_, patience) in zip(tasks, calls, strict=True):
            if patience is not None:
                asyncio.get_running_loop().call_later(patience, task.cancel)
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert ended is None or isinstance(ended, asyncio.CancelledError), ended

    run_virtually(all_calls())  # a deadlock raises
    assert budget.reserved == 0 and budget.paid <= max(cap, before) / 100 + 1e-6
    if sum(most for most, *_ in calls) + before <= cap:
        assert not refused


async def test_a_call_waits_for_settlements_and_not_for_money_that_is_spent() -> None:
    budget = CappedBudget(1.0)
    first = await budget.reserve(0.8)
    second = asyncio.create_task(budget.reserve(0.5))
    await asyncio.sleep(0.01)
    assert not second.done()
    await budget.settle(first, 0.3)
    ticket = await asyncio.wait_for(second, 5)
    third = asyncio.create_task(budget.reserve(0.5))
    await asyncio.sleep(0.01)
    await budget.settle(ticket, 0.5)
    with pytest.raises(BudgetError, match=r"cap of \$1\.0000 is reached: \$0\.8000 is paid.*up to \$0\.5000"):
        await third
    assert (await budget.reserve(0.2)).amount == 0.2, "what fits goes on"


async def test_the_error_says_how_to_go_on() -> None:
    with pytest.raises(BudgetError) as caught:
        await CappedBudget(0.0).reserve(0.01)
    assert "--max-cost" in (caught.value.hint or "") and caught.value.exit_code == 4
    assert (await CappedBudget(0.0).reserve(0.0)).amount == 0.0, "what is free needs no money"


async def test_what_costs_more_than_was_put_aside_is_counted_in_full() -> None:
    budget = CappedBudget(1.0, paid=0.5)
    await budget.settle(await budget.reserve(0.1), 0.4)
    assert budget.paid == 0.9 and budget.reserved == 0

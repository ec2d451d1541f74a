"""One budget and one pace for all workers, asked by typed messages; what lost workers held comes back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from segue.core.errors import BudgetError
from segue.models.costs.budget import CappedBudget, Reservation, UnlimitedBudget
from segue.models.limits import Limits
from segue.runs.workers.coordinator import (
    Coordinator,
    Enter,
    Leave,
    Message,
    Reserve,
    Settle,
    SharedBudget,
    SharedRateLimits,
)


@dataclass
class Direct:
    """A link to a coordinator in the same event loop."""

    coordinator: Coordinator
    worker: str = "w"
    told: set[asyncio.Task[Any]] = field(default_factory=set)

    async def ask(self, message: Message) -> Any:
        return await self.coordinator.handle(self.worker, message)

    def tell(self, message: Message) -> None:
        task = asyncio.ensure_future(self.ask(message))
        self.told.add(task)
        task.add_done_callback(self.told.discard)


async def test_slots_are_shared_and_come_back() -> None:
    limits = Limits(2)
    coordinator = Coordinator(limits, UnlimitedBudget())
    one, two = (SharedRateLimits(Direct(coordinator, name)).of("offline") for name in "ab")
    async with one.slot(), two.slot():
        waiting = asyncio.create_task(one.slot().__aenter__())
        await asyncio.sleep(0.01)
        assert limits.running == 2 and not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert limits.running == 0, "also the slot of the one that gave up waiting"


async def test_a_refusal_narrows_what_all_may_do_and_an_answer_widens_it() -> None:
    limits = Limits(4)
    shared = SharedRateLimits(Direct(Coordinator(limits, UnlimitedBudget()))).of("offline")
    async with shared.slot() as slot:
        shared.crowded(slot, None)
        await asyncio.sleep(0)
        assert limits.width == 2
        shared.answered(slot, 10)
        await asyncio.sleep(0)
        assert limits.width > 2


async def test_one_cap_holds_for_all_workers() -> None:
    budget = CappedBudget(1.0)
    shared = [SharedBudget(Direct(Coordinator(Limits(8), budget), name)) for name in "ab"]
    for each in shared:
        assert each.limited
        await each.settle(await each.reserve(0.5), 0.45)
        await asyncio.sleep(0)
    with pytest.raises(BudgetError, match="cap of"):
        await shared[0].reserve(0.2)
    assert budget.paid == pytest.approx(0.9)


async def test_a_lost_worker_s_slots_are_free_and_its_money_counts_as_spent() -> None:
    limits, budget = Limits(1), CappedBudget(1.0)
    coordinator = Coordinator(limits, budget)
    await coordinator.handle("lost", Enter("slot", "offline", 0))
    reserved = await coordinator.handle("lost", Reserve(0.4))
    assert isinstance(reserved, Reservation)
    await coordinator.forget("lost")
    assert limits.running == 0 and budget.paid == pytest.approx(0.4) and budget.reserved == 0
    await coordinator.handle("lost", Settle(reserved.number, 0.1))
    await coordinator.handle("lost", Leave("slot"))
    assert budget.paid == pytest.approx(0.4), "what comes too late changes nothing"


async def test_a_slot_that_comes_too_late_for_a_lost_worker_is_free() -> None:
    limits, budget = Limits(1), CappedBudget(1.0)
    coordinator = Coordinator(limits, budget)
    await coordinator.handle("alive", Enter("first", "offline", 0))
    await coordinator.handle("alive", Reserve(0.8))
    late = [
        asyncio.ensure_future(coordinator.handle("lost", message))
        for message in (Enter("second", "offline", 0), Reserve(0.1))
    ]
    await asyncio.sleep(0)
    await coordinator.forget("lost")
    await coordinator.forget("alive")
    await asyncio.gather(*late)
    assert limits.running == 0 and budget.reserved == 0


def test_providers_that_refuse_nothing_have_limits_of_the_worker_s_own() -> None:
    own = Limits(3)
    shared = SharedRateLimits(Direct(Coordinator(Limits(1), UnlimitedBudget())), {"offline": own})
    assert shared.of("offline") is own and shared.of("google_genai") is not own

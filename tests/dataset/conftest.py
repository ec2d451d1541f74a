"""One store with finished conversations for all tests of the room; nobody writes into it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from segue.checkpoints.store.threads import Thread
from segue.dataset.threads import Stored
from segue.models.prices import load_prices
from segue.runs.experiments.branch import Change
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from support.staging import Staged, catalog, staged

TURNS = 2
SESSIONS = (0, 1, 2, 3)
"""Of the demo catalogue: three of one user, the third after the cut; one of another user, before it."""


@dataclass
class Finished:
    """The store, its conversations, and how a data set reads it."""

    staged: Staged
    trunks: list[Thread]
    branch: Thread
    altered: Thread

    @property
    def stored(self) -> Stored:
        return stored_of(self.staged)


def stored_of(made: Staged) -> Stored:
    def state(thread: Thread) -> dict[str, object]:
        found = made.runtime.saver.get_tuple({"configurable": {"thread_id": thread.thread_id}})
        assert found is not None
        return dict(found.checkpoint["channel_values"])

    return Stored(made.store, made.threads, made.ledger, load_prices(), state)


async def _play(made: Staged) -> Finished:
    plan = made.plan(turns=TURNS)
    await made.threads.add_run(plan.run_id, plan.model_dump(mode="json"), catalog().source)
    trunks = [await made.trunk(number, turns=TURNS) for number in SESSIONS]
    branch = await made.branch(trunks[0], 2, Agent.RECSYS, Change(say="Listen to this."))
    seeing = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)}))
    altered = await made.trunk(0, turns=TURNS, partition=seeing.to_json())
    return Finished(made, trunks, branch, altered)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder = tmp_path_factory.mktemp("finished")
    with staged(f"sqlite:///{folder}/segue.db", folder) as made:
        yield asyncio.run(_play(made))

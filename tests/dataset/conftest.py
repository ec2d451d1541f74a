"""One store with finished conversations for all tests of the room; nobody writes into it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from segue.checkpoints.store.reader import StoreReader
from segue.checkpoints.store.threads import Thread
from segue.models.costs.prices import PriceTable, load_prices
from segue.runs.experiments.fork import Change
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from support.runs.staging import Staged, catalog, staged

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
    def stored(self) -> tuple[StoreReader, PriceTable]:
        return stored_of(self.staged)


def stored_of(made: Staged) -> tuple[StoreReader, PriceTable]:
    return StoreReader.of(made.store), load_prices()


async def _play(made: Staged) -> Finished:
    plan = made.plan(turns=TURNS)
    await made.threads.add_run(plan.run_id, plan.model_dump(mode="json"), catalog().source)
    trunks = [await made.trunk(number, turns=TURNS) for number in SESSIONS]
    branch = await made.branch(trunks[0], 2, Agent.RECSYS, Change(say="Listen to this."))
    seeing = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)}))
    altered = await made.trunk(0, turns=TURNS, partition=seeing.to_json())
    await made.threads.add_run(altered.run_id, {}, catalog().source)
    return Finished(made, trunks, branch, altered)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder = tmp_path_factory.mktemp("finished")
    with staged(f"sqlite:///{folder}/segue.db", folder) as made:
        yield asyncio.run(_play(made))

"""What must hold of any tree of branches: nothing that was not written to changes, and prefixes are the parent's."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from segue.checkpoints.store.threads import Thread
from segue.runs.experiments.fork import Change
from segue.state.values import Agent
from support.runs.staging import Staged, staged

CHANGES = st.one_of(
    st.builds(Change, say=st.text(min_size=1, max_size=30)),
    st.builds(Change, seed=st.integers(0, 999)),
)
BRANCHES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 4), st.sampled_from([Agent.LISTENER, Agent.RECSYS]), CHANGES),
    min_size=1,
    max_size=6,
)


def prefix_is_shared(made: Staged, branch: Thread) -> bool:
    assert branch.fork is not None and branch.parent is not None
    parent = made.line(made.threads.get(branch.parent))
    end = 1 + next(i for i, entry in enumerate(parent) if entry[0] == branch.fork["checkpoint"])
    return made.line(branch)[:end] == parent[:end]


async def grow(made: Staged, plan: list[tuple[int, int, Agent, Change]]) -> None:
    """Grow the tree one branch at a time, then two at once; check everything after each step."""
    threads = [await made.trunk(turns=4)]
    digests = {threads[0].thread_id: made.digest(threads[0])}
    for number, turn, agent, change in plan:
        parent = threads[number % len(threads)]
        branch = await made.branch(parent, turn, agent, change)
        assert branch.status == "done", branch.error
        threads.append(branch)
        digests.setdefault(branch.thread_id, made.digest(branch))
        assert prefix_is_shared(made, branch)
        assert {t.thread_id: made.digest(t) for t in threads} == digests
    pair = await asyncio.gather(
        made.branch(threads[0], 2, Agent.RECSYS, Change(seed=1001)),
        made.branch(threads[-1], 3, Agent.LISTENER, Change(seed=1002)),
    )
    assert all(t.status == "done" and prefix_is_shared(made, t) for t in pair)
    assert {t.thread_id: made.digest(t) for t in threads} == digests


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(BRANCHES)
async def test_any_tree_of_branches_leaves_the_others_bit_identical(
    plan: list[tuple[int, int, Agent, Change]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, staged(f"sqlite:///{folder}/t.db", Path(folder)) as made:
        await grow(made, plan)

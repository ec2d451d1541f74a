"""The official conformance suite of LangGraph, whole, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from langgraph.checkpoint.conformance import checkpointer_test, validate
from segue.checkpoints import SQLAlchemySaver

PASSED = {
    "put": 17,
    "put_writes": 10,
    "get_tuple": 10,
    "list": 16,
    "delete_thread": 5,
    "delete_for_runs": 7,
    "copy_thread": 8,
    "prune": 8,
}
"""Tests of each capability in release 0.0.2. The suite calls a saver complete that has only some of them."""


@pytest.mark.slow
async def test_every_capability_of_the_official_suite_is_there_and_passes(store_url: str) -> None:
    @checkpointer_test(name="SQLAlchemySaver")
    async def registered() -> AsyncIterator[SQLAlchemySaver]:
        async with SQLAlchemySaver.from_url(store_url) as saver:
            yield saver

    report = await validate(registered)

    failures = [failure for result in report.results.values() for failure in result.failures or ()]
    assert failures == []
    assert all(result.detected and result.passed for result in report.results.values())
    assert {name: result.tests_passed for name, result in report.results.items()} == PASSED
    assert sum(PASSED.values()) == 81

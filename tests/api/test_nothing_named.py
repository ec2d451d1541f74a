"""A list that is empty is not all there is: whoever filtered and found nothing is told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from segue import OpenStore, audit, audit_data, compare, cost, judge, replay, stats, verify
from segue.core.errors import InputError

ASKED: dict[str, Callable[[OpenStore], Any]] = {
    "audit": lambda store: audit([], store=store),
    "audit_data": lambda store: audit_data([], store=store),
    "audit_data of threads": lambda store: audit_data(threads=[], store=store),
    "compare": lambda store: compare([], store=store),
    "cost": lambda store: cost([], store=store),
    "judge": lambda store: judge([], models=["offline"], store=store),
    "prune": lambda store: store.prune([]),
    "replay": lambda store: replay([], store=store),
    "stats": lambda store: list(stats([], store=store)),
    "stats of runs": lambda store: list(stats(runs=[], store=store)),
    "verify": lambda store: verify([], store=store),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=list(ASKED))
def test_an_empty_list_does_not_stand_for_all(asked: Callable[[OpenStore], Any], store: OpenStore) -> None:
    with pytest.raises(InputError) as told:
        asked(store)
    assert told.value.hint or "two" in told.value.message

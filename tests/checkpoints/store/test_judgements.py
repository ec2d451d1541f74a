"""Judgements: one verdict for each question asked, in order, found again by what was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from segue.checkpoints import Store
from segue.checkpoints.store.judgements import JUDGEMENTS, Judgement, Judgements

FIRST = Judgement(
    source="thread",
    case_id="t1",
    case_digest="d" * 32,
    aspect="recommendation",
    model="offline",
    settings={"modalities": ["text"], "temperature": 0.5},
    rubric="r" * 32,
    repeat=0,
    outcome="scored",
    score=3,
    reason="most of it fits",
    turns=({"turn": 1, "score": 4, "reason": "it fits"},),
    absent=("clips and covers",),
    calls=("k1", "k2"),
    topic="A",
    specificity="LL",
    created="2026-01-01T00:00:01.000+00:00",
)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as store:
        yield store


def later(second: int, **changes: object) -> Judgement:
    return replace(FIRST, created=f"2026-01-01T00:00:{second:02d}.000+00:00", **changes)  # type: ignore[arg-type]


async def test_a_verdict_is_found_as_it_was_put(store: Store) -> None:
    kept = Judgements(store)
    assert kept.find(FIRST.key) is None and list(kept.list()) == []
    await kept.put(FIRST)
    found = kept.find(FIRST.key)
    assert found is not None and found.to_json() == FIRST.to_json()
    assert json.loads(json.dumps(FIRST.to_json())) == FIRST.to_json()
    assert FIRST.to_json()["turns"] == [{"turn": 1, "score": 4, "reason": "it fits"}]
    assert kept.find("0" * 32) is None


def test_a_store_without_verdicts_has_no_table_of_them(store: Store) -> None:
    Judgements(store).find(FIRST.key)
    with store.read() as connection:
        assert not sa.inspect(connection).has_table(JUDGEMENTS.name)


async def test_another_process_sees_the_table_that_one_made(store: Store) -> None:
    waiting = Judgements(store)
    assert waiting.find(FIRST.key) is None
    await Judgements(store).put(FIRST)
    assert waiting.find(FIRST.key) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"source": "data:other"},
        {"case_id": "t2"},
        {"case_digest": "e" * 32},
        {"corruption": "flip_label"},
        {"aspect": "goal_fulfilment"},
        {"model": "google_genai:gemini-2.5-pro"},
        {"rubric": "s" * 32},
        {"repeat": 1},
        {"settings": {"modalities": ["text"], "temperature": 1.0}},
    ],
)
def test_what_was_asked_is_in_the_key(change: dict[str, object]) -> None:
    assert replace(FIRST, **change).key != FIRST.key  # type: ignore[arg-type]


def test_what_was_answered_is_not_in_the_key() -> None:
    answered = replace(FIRST, outcome="unscored", score=None, reason="unreadable", series=1, calls=("k3",))
    assert answered.key == FIRST.key


async def test_a_verdict_takes_the_place_of_an_earlier_one_on_the_same_question(store: Store) -> None:
    kept = Judgements(store)
    await kept.put(replace(FIRST, outcome="unscored", score=None, reason="unreadable"))
    await kept.put(FIRST)
    assert [one.outcome for one in kept.list()] == ["scored"]


async def test_verdicts_are_listed_in_order_and_filtered(store: Store) -> None:
    kept = Judgements(store)
    made = [
        later(4, case_id="t4"),
        later(2, case_id="t2", model="other"),
        later(3, case_id="t3", source="data:set"),
        later(1, case_id="t1", corruption="flip_label"),
    ]
    for one in made:
        await kept.put(one)

    def cases(**wanted: object) -> list[str]:
        return [one.case_id for one in kept.list(**wanted)]  # type: ignore[arg-type]

    assert cases() == ["t2", "t3", "t4"], "those on spoilt conversations are asked for by themselves"
    assert cases(corrupted=None) == ["t1", "t2", "t3", "t4"]
    assert cases(corrupted=True) == ["t1"]
    assert cases(source="thread") == ["t2", "t4"]
    assert cases(models=["other"]) == ["t2"] and cases(models=["offline"]) == ["t3", "t4"]
    assert cases(case_ids=["t4", "t3", "t9"]) == ["t3", "t4"] and cases(case_ids=[]) == []

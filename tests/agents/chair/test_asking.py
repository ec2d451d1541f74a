"""The recsys's turn with a recommender in the chair: asked again with the reason, then words are found."""

from __future__ import annotations

from typing import Any

import pytest
from segue.agents.chair.asking import ChairOutcome
from segue.agents.recsys import recommend
from segue.core.errors import Place, RecommenderError
from segue.models.ledger import MemoryLedger
from segue.models.request import Request
from support.agents.chairs import ChairedCalls, calls_to, desk_with, recsys_view
from support.agents.scripted import ScriptedCalls, plain_answers

OURS = "python:support.recommending:"


async def acted(name: str, models: Any = None, *, turn: int = 1, **fields: Any) -> ChairOutcome:
    calls = ChairedCalls(calls_to(name), models)
    outcome = await recommend(recsys_view(turn), desk_with(name, calls, turn=turn, **fields))
    assert isinstance(outcome, ChairOutcome)
    return outcome


async def test_the_first_of_the_ranking_is_played_with_words_by_template() -> None:
    outcome = await acted(OURS + "First", turn=2)
    assert outcome.answer.track_id == "pool-track-01"
    assert "pool title 01" in outcome.answer.message
    assert outcome.answer.thought == "The recommender ranked this track first of 15."
    record = outcome.to_record(Place("chaired", 2, "recsys"))
    assert record["outcome"] == "first answer" and len(record["calls"]) == record["attempts"] == 1
    assert record["recommender"] == {"name": OURS + "First", "calls": 1, "words": "template"}
    assert list(record["templates"]) == ["chair/replies.yaml"]


async def test_words_of_its_own_are_spoken() -> None:
    outcome = await acted(OURS + "Last", reply_by="model")
    assert (outcome.answer.message, outcome.answer.thought) == ("Take the last one.", "own note of the last")
    assert outcome.words == "recommender" and not outcome.templates


async def test_the_model_finds_words_for_the_track_that_it_must_play() -> None:
    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return {
            **plain_answers(request, place, attempt),
            **({} if attempt else {"track_id": "pool-track-09"}),
        }

    models = ScriptedCalls(answer)
    outcome = await acted(OURS + "First", models, reply_by="model")
    assert outcome.answer.track_id == "pool-track-00" and outcome.words == "model"
    assert outcome.problems == ("track_id must be 'pool-track-00' this time, not 'pool-track-09'",)
    assert (outcome.asked, len(outcome.calls)) == (1, 3)
    assert models.requests[0][2].schema["properties"]["track_id"]["enum"] == ["pool-track-00"]


async def test_the_model_s_words_are_about_that_track() -> None:
    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        told = {} if attempt else {"message": "Then “pool title 09”."}
        return {**plain_answers(request, place, attempt), **told}

    outcome = await acted(OURS + "First", ScriptedCalls(answer), reply_by="model", rules=3)
    assert ["'pool title 09', which is not the track picked" in p for p in outcome.problems] == [True]
    outcome = await acted(OURS + "First", ScriptedCalls(answer), reply_by="model")
    assert outcome.problems == ()


@pytest.mark.parametrize(
    "what", ["crash", "exit", "none", "empty", "unknown", "repeat", "played", "text", "set", "words", "flood"]
)
async def test_a_fault_is_told_and_asked_again(what: str) -> None:
    outcome = await acted(f"{OURS}Does(times=2, what={what!r})", turn=2)
    assert outcome.answer.track_id == "pool-track-01" and len(outcome.problems) == 2
    assert outcome.asked == len(outcome.calls) == 3
    record = outcome.to_record(Place("chaired", 2, "recsys"))
    assert record["outcome"] == "repaired" and record["problems"] == list(outcome.problems)


async def test_it_reads_why_it_is_asked_again() -> None:
    name = f"{OURS}Does(times=2, what='unknown')"
    calls = calls_to(name)
    await recommend(recsys_view(), desk_with(name, ChairedCalls(calls)))
    views = calls.occupant.made.views  # type: ignore[union-attr]
    assert [view.attempt for view in views] == [0, 1, 2] and len({view.seed for view in views}) == 3
    assert [len(view.problems) for view in views] == [0, 1, 2]
    assert "'nobody-knows-it' in place 3" in views[1].problems[0]


async def test_faults_end_in_a_typed_error_and_the_next_try_asks_anew() -> None:
    name = f"{OURS}Does(times=4, what='repeat')"
    ledger = MemoryLedger()
    calls = calls_to(name, ledger=ledger)
    with pytest.raises(RecommenderError) as raised:
        await recommend(recsys_view(), desk_with(name, ChairedCalls(calls)))
    assert "was asked 3 times" in raised.value.message and "twice, the second time" in raised.value.message
    assert raised.value.raw == '["pool-track-00", "pool-track-00"]' and raised.value.place is not None
    assert "segue recommender check" in str(raised.value.hint)
    outcome = await recommend(recsys_view(), desk_with(name, ChairedCalls(calls), retries=1))
    assert len(outcome.calls) == 5 and len(ledger.calls) == 5
    views = calls.occupant.made.views  # type: ignore[union-attr]
    assert [(view.attempt, len(view.problems)) for view in views] == [(0, 0), (1, 1), (2, 2), (3, 0), (4, 1)]

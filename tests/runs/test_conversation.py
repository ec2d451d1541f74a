"""One conversation of a run: begun, failed, taken up where it stood, or found finished."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import (
    AnswerError,
    Interrupted,
    ModelSetupError,
    Place,
    QuotaError,
    RefusedError,
    StoreError,
)
from segue.core.stopping import StopSignal
from segue.models.spec import ModelSpec
from segue.runs.conversation import describe
from segue.state.values import Agent
from support.models.failing import Hitch, Hitches
from support.runs.staging import Staged, session


def hitched(made: Staged, hitch: Hitch) -> Hitches:
    """The stage with models that heed `hitch` from now on."""
    hitches = Hitches(hitch)
    made.change(opening=hitches.open)
    return hitches


async def test_a_conversation_is_played_to_its_end_and_stored(made: Staged) -> None:
    thread = await made.trunk(turns=2)
    assert (thread.status, thread.turns, thread.error, thread.retries) == ("done", 2, None, 0)
    assert thread.category and thread.specificity and not thread.altered
    assert made.threads.find(thread.thread_id) is not None
    assert made.threads.get(thread.thread_id).status == "done"


async def test_a_finished_one_is_found_and_nothing_is_asked(made: Staged) -> None:
    first = await made.trunk(turns=2)
    before = made.digest(first)
    hitches = hitched(made, lambda number: AssertionError("nothing should be asked"))
    again = await made.trunk(turns=2)
    assert again == made.threads.get(first.thread_id)
    assert hitches.asked == [] and made.digest(again) == before


async def test_a_failure_is_kept_and_does_not_raise(made: Staged) -> None:
    hitches = hitched(made, lambda number: "{}" if number >= 4 else None)
    thread = await made.trunk(turns=2)
    assert (thread.status, thread.turns) == ("failed", 1)
    assert thread.error is not None
    assert (thread.error["type"], thread.error["turn"], thread.error["agent"]) == (
        "AnswerError",
        2,
        "listener",
    )
    assert thread.error["raw"] == "{}" and thread.error["hint"]
    assert len(hitches.asked) == 4 + 3
    kept = made.threads.get(thread.thread_id)
    assert (kept.status, kept.turns, kept.error) == ("failed", 1, thread.error)


async def test_it_goes_on_where_it_failed_and_asks_nothing_twice(made: Staged) -> None:
    hitched(made, lambda number: "{}" if number >= 4 else None)
    failed = await made.trunk(turns=2)
    later = hitched(made, lambda number: None)
    done = await made.trunk(turns=2)
    assert (done.thread_id, done.status, done.turns) == (failed.thread_id, "done", 2)
    assert (done.error, done.retries) == (None, 1)
    assert len(later.asked) == 3, "listener, recsys, verdict; the refused ones come from the ledger"
    records = (await made.runtime.values(done.thread_id, made.plan(turns=2)))["records"]
    assert [(r["agent"], r["attempts"]) for r in records[-3:]] == [
        ("listener", 4),
        ("recsys", 1),
        ("listener", 1),
    ]


async def test_a_failed_call_is_not_a_refused_answer(made: Staged) -> None:
    hitched(
        made, lambda number: RefusedError("the prompt is too long", kind="context") if number == 3 else None
    )
    failed = await made.trunk(turns=1)
    assert failed.error is not None and failed.error["type"] == "RefusedError"
    assert "turn 1, agent recsys" in failed.error["message"]
    later = hitched(made, lambda number: None)
    assert (await made.trunk(turns=1)).retries == 0
    assert len(later.asked) == 2


@pytest.mark.parametrize("error", [ModelSetupError("no key"), RefusedError("no such model", kind="model")])
async def test_what_no_other_conversation_could_do_without_stops_the_run(
    made: Staged, error: ModelSetupError
) -> None:
    hitched(made, lambda number: error if number == 3 else None)
    with pytest.raises(ModelSetupError, match="turn 1, agent recsys"):
        await made.trunk(turns=1)
    assert made.runtime.signal.stopped and isinstance(made.runtime.signal.reason, ModelSetupError)
    [thread] = made.threads.list()
    assert thread.status == "stopped" and thread.error is not None
    assert thread.error["message"] == made.runtime.signal.reason.message
    made.change(signal=StopSignal())
    later = hitched(made, lambda number: None)
    assert (await made.trunk(turns=1)).status == "done" and len(later.asked) == 2


async def test_a_defect_is_kept_with_its_trace(made: Staged) -> None:
    hitched(made, lambda number: ZeroDivisionError("who divides here?") if number == 2 else None)
    thread = await made.trunk(turns=1)
    assert thread.status == "failed" and thread.error is not None
    assert "unexpected ZeroDivisionError: who divides here?" in thread.error["message"]
    assert "defect of segue" in thread.error["hint"] and "Traceback" in thread.error["raw"]


@pytest.mark.parametrize(
    ("error", "reason"), [(QuotaError("used up"), True), (Interrupted("stopped"), False)]
)
async def test_what_stops_the_whole_run_is_raised_and_the_thread_marked(
    made: Staged, error: Exception, reason: bool
) -> None:
    hitched(made, lambda number: error if number == 3 else None)
    with pytest.raises(type(error)):
        await made.trunk(turns=1)
    assert made.runtime.signal.stopped and (made.runtime.signal.reason is not None) == reason
    thread = made.threads.get(made.plan(turns=1).thread_id(session(0)))
    assert (thread.status, thread.turns, thread.error) == ("stopped", 0, None)


async def test_a_broken_store_ends_the_run(made: Staged) -> None:
    hitched(made, lambda number: StoreError("the disk is full") if number == 1 else None)
    with pytest.raises(StoreError):
        await made.trunk(turns=1)


async def test_a_session_that_does_not_qualify_is_one_failed_conversation(made: Staged) -> None:
    thread = await made.trunk(turns=1, pool_size=900)
    assert thread.status == "failed" and thread.error is not None
    assert "distinct tracks" in thread.error["message"]
    assert (await made.trunk(1, turns=1)).status == "done"


async def test_a_conversation_goes_on_at_the_address_that_is_given_today(made: Staged) -> None:
    def models(url: str) -> dict[str, Any]:
        return {"models": dict.fromkeys(Agent, ModelSpec(base_url=url)), "turns": 1}

    hitched(made, lambda number: RefusedError("moved away", kind="other") if number == 2 else None)
    failed = await made.trunk(**models("http://127.0.0.1:1"))
    hitched(made, lambda number: None)
    done = await made.trunk(**models("http://127.0.0.1:2"))
    assert (failed.status, done.status) == ("failed", "done") and failed.thread_id == done.thread_id
    assert done.config["models"]["recsys"]["base_url"] == "http://127.0.0.1:2"
    assert "127.0.0.1:1" not in str(done.config)


def test_an_error_is_described_with_its_place() -> None:
    error = AnswerError("never valid", raw="text", place=Place("t", 3, "recsys"), hint="try again")
    assert describe(error) == {
        "type": "AnswerError",
        "message": "conversation t, turn 3, agent recsys: never valid",
        "hint": "try again",
        "turn": 3,
        "agent": "recsys",
        "raw": "text",
    }
    assert describe(StoreError("gone")) == {
        "type": "StoreError", "message": "gone", "hint": None, "turn": None, "agent": None, "raw": None,
    }  # fmt: skip


async def test_the_old_error_stays_until_a_retry_succeeds(made: Staged) -> None:
    hitched(made, lambda number: "{}" if number >= 4 else None)
    failed = await made.trunk(turns=2)
    during: list[Any] = []

    def watched(number: int) -> None:
        during.append(made.threads.get(failed.thread_id))

    hitched(made, watched)
    done = await made.trunk(turns=2)
    assert {(thread.status, thread.error["message"]) for thread in during} == {
        ("running", failed.error["message"] if failed.error else "")
    }
    assert (done.status, done.error) == ("done", None)


async def test_a_retry_that_is_stopped_keeps_the_error_and_its_attempts(made: Staged) -> None:
    hitched(made, lambda number: "{}" if number >= 4 else None)
    failed = await made.trunk(turns=2)
    hitched(made, lambda number: QuotaError("used up") if number == 1 else None)
    with pytest.raises(QuotaError):
        await made.trunk(turns=2)
    stopped = made.threads.get(failed.thread_id)
    assert (stopped.status, stopped.error, stopped.retries) == ("stopped", failed.error, 1)
    made.change(signal=StopSignal())
    later = hitched(made, lambda number: None)
    done = await made.trunk(turns=2)
    assert (done.status, done.error, done.retries) == ("done", None, 1)
    assert len(later.asked) == 2, "the listener's answer of the stopped retry is not asked for again"


async def test_a_retry_that_fails_otherwise_has_the_new_error(made: Staged) -> None:
    hitched(made, lambda number: "{}" if number >= 4 else None)
    await made.trunk(turns=2)
    hitched(
        made, lambda number: RefusedError("the prompt is too long", kind="context") if number == 1 else None
    )
    again = await made.trunk(turns=2)
    assert again.status == "failed" and again.error is not None
    assert again.error["type"] == "RefusedError" and "agent recsys" in again.error["message"]

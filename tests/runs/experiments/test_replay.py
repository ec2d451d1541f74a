"""Replay: zero calls, every checkpoint compared, the first difference told so that a person can read it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from segue.checkpoints.store.blobs import put_blobs
from segue.checkpoints.store.schema import LEDGER
from segue.core.errors import ReplayDifference
from segue.core.hashing import canonical_json
from segue.prompts.answer_text import parse_answer, render_answer
from segue.runs.experiments.fork import Change
from segue.runs.experiments.replay import Replayed
from segue.state.values import Agent
from support.models.failing import Hitches
from support.runs.staging import Staged

RECSYS = files("segue.prompts") / "templates" / "recsys" / "system.j2"


async def call_of(made: Staged, thread_id: str, turn: int, agent: str) -> str:
    records = (await made.runtime.values(thread_id, made.plan()))["records"]
    return next(r["calls"][-1] for r in records if (r["turn"], r["agent"]) == (turn, agent))


async def forge(made: Staged, key: str, **fields: Any) -> None:
    """Put other fields into the recorded answer under `key`."""
    reply = made.ledger.read_reply(key)
    assert reply is not None
    text = render_answer({**parse_answer(reply.text, "json"), **fields}, "json")
    body = canonical_json(reply.model_copy(update={"text": text}).to_json())

    def write(connection: Any) -> None:
        [name] = put_blobs(connection, [body])
        connection.execute(LEDGER.update().where(LEDGER.c.key == key).values(reply=name))

    await made.store.submit(write)


async def test_a_trunk_is_proved_without_a_call(made: Staged) -> None:
    thread = await made.trunk(turns=3)
    calls = made.ledger.rows(thread_ids=[thread.thread_id])
    assert await made.replayer().verify(thread) == Replayed(thread.thread_id, 13, 9)
    assert made.ledger.rows(thread_ids=[thread.thread_id]) == calls


@pytest.mark.slow
async def test_branches_of_branches_are_proved_from_the_first_state(made: Staged) -> None:
    trunk = await made.trunk(turns=3)
    first = await made.branch(trunk, 2, Agent.LISTENER, Change(say="Louder, please."))
    second = await made.branch(first, 3, Agent.RECSYS, Change(seed=8))
    third = await made.branch(second, 3, Agent.RECSYS, Change(say="Have a listen."))
    for thread in (first, second, third):
        replayed = await made.replayer().verify(thread)
        assert replayed.checkpoints >= 10 and replayed.recorded_calls >= 7


async def test_repaired_and_resumed_conversations_are_proved_too(made: Staged) -> None:
    made.change(opening=Hitches(lambda number: "{}" if number in (3, 5, 6, 7) else None).open)
    failed = await made.trunk(turns=2)
    assert failed.status == "failed"
    done = await made.trunk(turns=2)
    assert (done.status, done.retries) == ("done", 1)
    replayed = await made.replayer().verify(done)
    assert (replayed.checkpoints, replayed.recorded_calls) == (10, 7 + 4)


async def test_an_unfinished_conversation_is_proved_as_far_as_it_goes(made: Staged) -> None:
    made.change(opening=Hitches(lambda number: "{}" if number >= 4 else None).open)
    failed = await made.trunk(turns=2)
    replayed = await made.replayer().verify(failed)
    assert (replayed.checkpoints, replayed.recorded_calls) == (6, 4)


async def test_another_template_is_named_in_the_diff(made: Staged) -> None:
    thread = await made.trunk(turns=2)
    words = RECSYS.read_text("utf-8") + "Speak of the sea."
    replayer = made.replayer(prompt_overrides={"recsys/system.j2": words})
    with pytest.raises(
        ReplayDifference, match=r"turn 1, agent recsys: the replay asks what was never"
    ) as caught:
        await replayer.verify(thread)
    assert "template recsys/system.j2: " in caught.value.diff
    assert "+Speak of the sea." in caught.value.diff.splitlines()


async def test_other_parameters_are_named_in_the_diff(made: Staged) -> None:
    thread = await made.trunk(turns=1)
    models = {a.value: {"name": "google_genai:gemini-2.5-flash"} for a in Agent}
    with pytest.raises(ReplayDifference, match="turn 0, agent profile") as caught:
        await made.replayer(models=models).verify(thread)
    assert "the model or its parameters changed (recorded: offline" in caught.value.diff


async def test_an_answer_that_was_changed_shows_at_its_checkpoint(made: Staged) -> None:
    thread = await made.trunk(turns=2)
    await forge(made, await call_of(made, thread.thread_id, 1, "recsys"), message="A forged reply.")
    with pytest.raises(
        ReplayDifference, match="turn 1, agent recsys: the replayed checkpoint differs"
    ) as caught:
        await made.replayer().verify(thread)
    assert "channel messages:" in caught.value.diff
    assert '+  "text": "A forged reply.",' in caught.value.diff
    assert "channel recsys_notes" not in caught.value.diff


async def test_an_answer_that_turned_invalid_is_a_difference(made: Staged) -> None:
    thread = await made.trunk(turns=1)
    await forge(made, await call_of(made, thread.thread_id, 1, "recsys"), track_id="no-such-track")
    with pytest.raises(ReplayDifference, match=r"turn 1, agent recsys.*attempt 2"):
        await made.replayer().verify(thread)


async def test_a_lost_call_is_a_difference(made: Staged) -> None:
    thread = await made.trunk(turns=1)
    key = await call_of(made, thread.thread_id, 1, "listener")
    await made.store.submit(lambda c: c.execute(LEDGER.delete().where(LEDGER.c.key == key)))
    with pytest.raises(ReplayDifference, match="the stored conversation has no such call"):
        await made.replayer().verify(thread)

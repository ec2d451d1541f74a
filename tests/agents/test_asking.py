"""The repair loop: what is sent back, how often, what is kept of it, and when it ends."""

from __future__ import annotations

from typing import Any

import pytest
from segue.agents.answers import RecsysAnswer
from segue.agents.asking import Reading, ask
from segue.agents.rendering import render_request
from segue.agents.schemas import answer_schema
from segue.core.errors import AnswerError, Place
from segue.models.reply import Reply, Usage
from segue.models.request import Request
from segue.prompts.parts import message
from segue.state.values import Agent
from support.agents.asking import desk_of, view_of
from support.agents.scripted import plain_answers
from support.state.playing import prompts

GOOD: dict[str, Any] = {"thought": "it fits well", "track_id": "pool-track-00", "message": "try this"}


async def request() -> Request:
    return render_request(prompts(), await view_of(Agent.RECSYS), "json")


def reply(text: str, finish: Any = "stop", reason: str = "STOP") -> Reply:
    return Reply(text=text, finish=finish, finish_reason=reason, usage=Usage())


def reading(check: Any = None) -> Reading[RecsysAnswer]:
    return Reading(
        Request(Agent.RECSYS, (message("system", "Pick."),), answer_schema(RecsysAnswer)), RecsysAnswer, check
    )


def script(*answers: dict[str, Any] | str | Reply) -> Any:
    """Answers in order, whatever is asked."""
    waiting = list(answers)
    return lambda request, place, attempt: waiting.pop(0)


async def test_a_valid_answer_is_taken_at_once() -> None:
    desk, calls = desk_of(Agent.RECSYS, turn=3)
    outcome = await ask(desk, await request(), RecsysAnswer)
    assert outcome.answer.track_id == "pool-track-00"
    assert (len(outcome.calls), outcome.problems, len(calls.requests)) == (1, (), 1)
    assert outcome.to_record(desk.place) == {
        "turn": 3,
        "agent": "recsys",
        "outcome": "first answer",
        "attempts": 1,
        "calls": list(outcome.calls),
        "problems": [],
        "templates": dict((await request()).templates),
    }


async def test_a_refused_answer_goes_back_with_the_reason_after_it() -> None:
    desk, calls = desk_of(Agent.RECSYS, script({**GOOD, "message": ""}, GOOD))
    outcome = await ask(desk, await request(), RecsysAnswer)
    first, second = (asked for _, _, asked in calls.requests)
    assert second.messages[: len(first.messages)] == first.messages
    refused, reason = second.messages[len(first.messages) :]
    assert (refused.role, reason.role) == ("ai", "human")
    assert '"message": ""' in refused.text
    assert "message: String should have at least 2 characters" in reason.text
    assert second.schema == first.schema
    assert second.templates == {**first.templates, "repair.j2": prompts().digest("repair.j2")}
    record = outcome.to_record(desk.place)
    assert (record["outcome"], record["attempts"], len(record["calls"])) == ("repaired", 2, 2)
    assert record["problems"] == ["message: String should have at least 2 characters"]
    assert "repair.j2" in record["templates"]


async def test_attempts_are_counted_so_that_each_has_a_key_of_its_own() -> None:
    desk, calls = desk_of(Agent.RECSYS, script("one", "two", GOOD))
    outcome = await ask(desk, await request(), RecsysAnswer)
    assert [attempt for _, attempt, _ in calls.requests] == [0, 1, 2]
    assert len(set(outcome.calls)) == 3


@pytest.mark.parametrize("repairs", [0, 1, 4])
async def test_it_ends_after_the_allowed_repairs_with_the_last_text_kept(repairs: int) -> None:
    desk, calls = desk_of(
        Agent.RECSYS, lambda request, place, attempt: f"nonsense {attempt}", turn=5, repairs=repairs
    )
    with pytest.raises(AnswerError, match=r"conversation t1, turn 5, agent recsys: \d answers") as caught:
        await ask(desk, await request(), RecsysAnswer)
    assert len(calls.requests) == repairs + 1
    assert caught.value.raw == f"nonsense {repairs}"
    assert caught.value.place == Place("t1", 5, "recsys")
    assert caught.value.hint == "every answer is kept; run the same command again to ask anew"


async def test_a_conversation_taken_up_again_goes_through_the_old_answers_to_new_ones() -> None:
    def late(request: Request, place: Place, attempt: int) -> dict[str, Any] | str:
        return GOOD if attempt == 4 else f"nonsense {attempt}"

    desk, calls = desk_of(Agent.RECSYS, late, retries=1)
    outcome = await ask(desk, await request(), RecsysAnswer)
    assert [attempt for _, attempt, _ in calls.requests] == [0, 1, 2, 3, 4]
    asked = [request for _, _, request in calls.requests]
    assert asked[3].digest == asked[0].digest, "a new series begins from the question itself"
    assert len(outcome.problems) == 4


@pytest.mark.parametrize(
    ("finish", "words"),
    [
        ("length", "cut off at the limit of output tokens (WHY)"),
        ("blocked", "a safety filter blocked the answer (WHY)"),
        ("empty", "the answer was empty (WHY)"),
        ("other", "ended for an unknown reason (WHY)"),
    ],
)
async def test_an_answer_that_did_not_end_by_itself_is_refused_whatever_it_says(
    finish: str, words: str
) -> None:
    text = '{"thought": "it fits", "track_id": "pool-track-00", "message": "try this"}'
    answer, problem = reading().examine(reply(text, finish, "WHY"))
    assert answer is None and words in problem


async def test_an_empty_answer_is_not_quoted_back() -> None:
    desk, calls = desk_of(Agent.RECSYS, script(reply(" ", "empty"), GOOD))
    await ask(desk, await request(), RecsysAnswer)
    first, second = (asked for _, _, asked in calls.requests)
    assert [m.role for m in second.messages[len(first.messages) :]] == ["human"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no JSON at all", "not one JSON object"),
        ('{"thought": "it fits", "track_id": "a"}', "message: Field required"),
        ('{"thought": "it fits", "track_id": " ", "message": "try"}', "track_id: "),
        (
            '{"thought": "it fits", "track_id": "a", "message": "try", "mood": "x"}',
            "mood: Extra inputs are not permitted",
        ),
        ('{"thought": null, "track_id": "a", "message": "try"}', "thought: Input should be a valid string"),
        ('["a"]', "one JSON object"),
        ('{"thought": "a", "thought": "b", "track_id": "a", "message": "c"}', "thought"),
    ],
)
def test_what_is_wrong_is_said_by_field(text: str, words: str) -> None:
    answer, problem = reading().examine(reply(text))
    assert answer is None and words in problem


def test_everything_that_is_wrong_is_said_at_once() -> None:
    _, problem = reading().examine(reply('{"track_id": "a", "mood": "x"}'))
    assert problem == (
        "thought: Field required; message: Field required; mood: Extra inputs are not permitted"
    )


def test_an_answer_needs_no_check() -> None:
    good = '{"thought": "it fits", "track_id": "a", "message": "try"}'
    answer, problem = reading().examine(reply(good))
    assert answer is not None and (answer.track_id, problem) == ("a", "")


def test_a_check_is_asked_only_of_well_formed_answers() -> None:
    seen: list[str] = []

    def check(answer: RecsysAnswer) -> str | None:
        seen.append(answer.track_id)
        return "not that one" if answer.track_id == "a" else None

    assert reading(check).examine(reply("nonsense"))[0] is None
    assert seen == []
    bad = '{"thought": "it fits", "track_id": "a", "message": "try"}'
    assert reading(check).examine(reply(bad)) == (None, "not that one")
    answer, problem = reading(check).examine(reply(bad.replace('"a"', '"b"')))
    assert answer is not None and (answer.track_id, problem) == ("b", "")


async def test_a_model_s_failure_is_no_bad_answer() -> None:
    def fails(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        raise ConnectionError("gone")

    desk, calls = desk_of(Agent.RECSYS, fails)
    with pytest.raises(ConnectionError):
        await ask(desk, await request(), RecsysAnswer)
    assert len(calls.requests) == 1


async def test_the_yaml_form_is_repaired_in_yaml() -> None:
    desk, calls = desk_of(Agent.RECSYS, script("nonsense", plain_answers(await request(), desk_place(), 0)))
    calls.format = "yaml"
    question = render_request(prompts(), await view_of(Agent.RECSYS), "yaml")
    outcome = await ask(desk, question, RecsysAnswer)
    assert outcome.answer.track_id == "pool-track-00"
    assert "yaml block" in calls.requests[1][2].messages[-1].text


def desk_place() -> Place:
    return Place("t1", 1, "recsys")

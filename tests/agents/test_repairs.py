"""What is asked after a refusal under the second rules: with the reason, without what went round, anew and warmer."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from segue.agents.answers import OpeningAnswer, RecsysAnswer
from segue.agents.asking import Reading, ask
from segue.agents.listener import speak
from segue.agents.recsys import recommend
from segue.agents.rendering import render_request
from segue.core.errors import AnswerError
from segue.models.reply import Reply, Usage
from segue.models.request import Request
from segue.models.spec import ModelSpec
from segue.prompts.parts import Media
from segue.state.values import Agent
from segue.state.views import ListenerView, RecsysView
from support.agents.asking import view_of
from support.agents.second_rules import (
    PICK,
    PROMPTS,
    cut_off,
    desk,
    in_order,
    values,
)

REPAIR_TEXT = "Your last answer could not be used. Answer the same question once more, with this put right."

LOOP = "Sam's Town and The Killers, " * 60


async def recsys_request() -> Request:
    return render_request(PROMPTS, await view_of(Agent.RECSYS, after=2), "json")


async def repaired(*refused: Any) -> tuple[Request, Request]:
    """The first question, and the one that these answers lead to."""
    asked, calls = desk(Agent.RECSYS, in_order(*refused, PICK), repairs=len(refused))
    await ask(asked, await recsys_request(), RecsysAnswer)
    return calls.requests[0][2], calls.requests[-1][2]


async def test_an_answer_that_is_only_wrong_goes_back_with_the_reason() -> None:
    first, second = await repaired({**PICK, "message": ""})
    assert second.messages[: len(first.messages)] == first.messages
    assert [m.role for m in second.messages[len(first.messages) :]] == ["ai", "human"]
    assert second.warmer == 0
    assert all("description" not in field for field in second.schema["properties"].values())
    assert second.schema["properties"]["track_id"]["enum"] == first.schema["properties"]["track_id"]["enum"]


WORN: dict[str, Any] = {
    "cut off": cut_off('{"thought": "it goes on and on'),
    "loop": {**PICK, "message": LOOP[:900]},
    "loop that is no JSON": '{"thought": "' + LOOP,
    "echo": {**PICK, "message": "Speak to the listener: say something true of this track."},
    "field name": {**PICK, "message": "message"},
}


@pytest.mark.parametrize("refused", WORN.values(), ids=WORN.keys())
async def test_what_went_round_or_only_said_back_is_not_quoted_but_asked_anew_without_the_words(
    refused: Any,
) -> None:
    first, second = await repaired(refused)
    assert len(second.messages) == len(first.messages), "nothing is quoted, and no side speaks twice in a row"
    assert "Your last answer could not be used." in second.messages[-1].text
    assert '\nthought:\ntrack_id: "Copy the id' in second.messages[0].text
    assert "Give your reasons in private" not in second.messages[0].text
    assert "Sam's Town" not in str(second.to_json())
    assert second.warmer == 1
    assert second.digest != first.digest


async def test_each_worn_answer_makes_the_next_call_warmer_and_keeps_the_reasons() -> None:
    first, third = await repaired(WORN["loop"], WORN["cut off"])
    assert third.warmer == 2
    assert third.messages[-1].text.count("Your last answer could not be used.") == 2
    mixed = (await repaired({**PICK, "message": ""}, WORN["loop"]))[1]
    assert [m.role for m in mixed.messages[len(first.messages) :]] == ["ai", "human"]


async def test_after_three_refused_answers_the_question_is_put_anew_and_warmer() -> None:
    first, fourth = await repaired(*[{**PICK, "message": ""}] * 3)
    assert fourth.messages == first.messages and fourth.schema == first.schema
    assert (first.warmer, fourth.warmer) == (0, 1)
    fifth = (await repaired(WORN["loop"], WORN["loop"], WORN["loop"], WORN["cut off"]))[1]
    assert fifth.warmer == 2, "anew once, and one answer of this series went round"
    assert fifth.messages[-1].text.count("Your last answer could not be used.") == 1
    seventh = (await repaired(*[WORN["loop"]] * 6))[1]
    assert "Your last answer" not in seventh.messages[-1].text
    assert "\nmessage:\n" in seventh.messages[0].text, (
        "what went round is asked without the words that led there"
    )
    assert seventh.warmer == 2


def read_message(reading: Reading[RecsysAnswer], message: str) -> tuple[RecsysAnswer | None, str]:
    text = json.dumps({**PICK, "message": message})
    return reading.examine(Reply(text=text, finish="stop", usage=Usage()))


BORROWED = {
    "begins like an order": "Speak to the listener.",
    "an order in the midst": "I will speak to the listener: say something true of this song.",
    "a bound": "A fine one (at most 200 characters)",
    "a repair": "I answer the same question once more for you.",
    "a name of another field": "Track ID 2",
    "an id": "Pool track 03",
    "a reason": "1. each field has its own content, she says",
}


@pytest.mark.parametrize("value", BORROWED.values(), ids=BORROWED.keys())
async def test_pieces_of_the_form_and_of_repairs_are_no_answer(value: str) -> None:
    reading = Reading(await recsys_request(), RecsysAnswer, rules=2, repair=REPAIR_TEXT)
    assert (
        "message repeats the" in (said := read_message(reading, value)[1]) or "message only repeats" in said
    )


@pytest.mark.parametrize("value", ["Something true of this track is its tempo.", "Say it once more, please"])
async def test_words_that_the_form_happens_to_have_are_taken(value: str) -> None:
    reading = Reading(await recsys_request(), RecsysAnswer, rules=2, repair=REPAIR_TEXT)
    assert read_message(reading, value)[0] is not None


@pytest.mark.parametrize("kinds", [("audio", "image"), ("image",), ()])
async def test_a_safety_filter_costs_sound_first_and_then_pictures(kinds: tuple[str, ...]) -> None:
    view = cast(RecsysView, await view_of(Agent.RECSYS))
    gone = {kind: None for kind in ("audio", "image") if kind not in kinds}
    view = view.model_copy(update={"pool": tuple(c.model_copy(update=gone) for c in view.pool)})
    asked, calls = desk(Agent.RECSYS, in_order(cut_off("x", "blocked"), cut_off("", "blocked"), PICK))
    await recommend(view, asked)
    shown = [sorted({m.kind for m in request.media}) for _, _, request in calls.requests]
    left = [sorted(kinds[n:]) for n in range(3)]
    assert shown == left
    for (_, _, request), there in zip(calls.requests, left, strict=True):
        names = {"audio": "clip: ", "image": "cover: "}
        assert all((name in request.messages[1].text) == (kind in there) for kind, name in names.items())
        assert request.warmer == 0


async def test_a_question_without_media_is_asked_again_as_it_was() -> None:
    view = cast(ListenerView, await view_of(Agent.LISTENER))
    bare = {"audio": None, "image": None}
    view = view.model_copy(
        update={"profiling_tracks": tuple(c.model_copy(update=bare) for c in view.profiling_tracks)}
    )
    asked, calls = desk(Agent.LISTENER, in_order(cut_off("", "blocked"), values(OpeningAnswer)))
    await speak(view, asked)
    assert not any(isinstance(p, Media) for m in calls.requests[0][2].messages for p in m.parts)
    assert calls.requests[1][2].messages[:-1] == calls.requests[0][2].messages[:-1]


async def test_a_loop_inside_of_its_bound_is_refused_by_name() -> None:
    asked, _ = desk(Agent.RECSYS, lambda request, place, attempt: WORN["loop"])
    with pytest.raises(AnswerError, match="message says the same over and over; say it once"):
        await ask(asked, await recsys_request(), RecsysAnswer)


def test_a_warmer_call_is_told_by_its_parameters() -> None:
    cold = ModelSpec.of("google_genai:gemini-2.5-flash", temperature=0.2)
    assert [cold.warmer(n) for n in range(4)] == [None, 0.4, 0.6, 0.8]
    assert [ModelSpec.of("openai:m").warmer(n) for n in (1, 2, 3)] == [1.2, 1.4, 1.5]
    assert ModelSpec.of("openai:m", temperature=1.9).warmer(1) == 1.9
    assert ModelSpec().warmer(2) is None and ModelSpec.of("openai:gpt-5-mini").warmer(2) is None

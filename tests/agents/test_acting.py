"""The recsys that may ask or say that nothing fits, and the listener who answers that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.agents.answers import ActingRecsysAnswer, UnplayedListenerAnswer
from segue.agents.asking import Desk, Reading
from segue.agents.listener import out_of_patience, speak
from segue.agents.recsys import recommend
from segue.agents.rendering import render_request
from segue.core.errors import AnswerError, Place
from segue.models.reply import Reply, Usage
from segue.models.request import AnswerFormat, Request
from segue.prompts.answer_text import render_answer
from segue.prompts.library import PromptLibrary
from segue.state.values import Action, Agent, Progress
from segue.state.views import ListenerView, RecsysView, build_view
from support.agents.scripted import Answering, ScriptedCalls
from support.state.acting import acted, asked_again, courses

PLAY, ASK, NO_MATCH = Action
PROMPTS = PromptLibrary(rules=3, actions=True)
THOUGHT = "a private reason of some words"


def desk_of(agent: Agent, answering: Answering, *, repairs: int = 2) -> tuple[Desk, ScriptedCalls]:
    calls = ScriptedCalls(answering)
    return Desk(PROMPTS, calls, Place("t1", 2, agent.value), repairs), calls


def recsys_view(done: Sequence[Action], **changes: Any) -> RecsysView:
    state = {**asked_again(acted(done)), **changes}
    return cast(RecsysView, build_view(Agent.RECSYS, state))


def listener_view(done: Sequence[Action], **changes: Any) -> ListenerView:
    state = acted(done)
    state["persona"] |= {"patience": 3}
    state["setup"] |= changes
    return cast(ListenerView, build_view(Agent.LISTENER, state))


def choice(action: str, message: str = "Something slow, or something loud?", **more: Any) -> dict[str, Any]:
    return {"thought": THOUGHT, "choice": {"action": action, **more}, "message": message}


@pytest.mark.parametrize(
    ("done", "actions"),
    [
        ((), ["play", "ask", "no_match"]),
        ((PLAY,), ["play", "ask", "no_match"]),
        ((PLAY, ASK), ["play", "no_match"]),
        ((PLAY, NO_MATCH), ["play", "no_match"]),
        ((PLAY,) * 7, ["play", "no_match"]),
    ],
)
def test_only_who_plays_names_a_track_and_only_what_is_legal_now_can_be_done(
    done: tuple[Action, ...], actions: list[str]
) -> None:
    view = recsys_view(done)
    request = render_request(PROMPTS, view, "json")
    options = request.schema["properties"]["choice"]["anyOf"]
    assert [option["properties"]["action"]["enum"] for option in options] == [[each] for each in actions]
    assert options[0]["properties"]["track_id"]["enum"] == list(view.open_ids)
    assert all(list(option["properties"]) == ["action"] for option in options[1:])
    assert list(request.schema["properties"]) == ["thought", "choice", "message"], "reasons first"
    assert f"may: {str(actions).replace(chr(39), chr(34))}" in request.messages[-1].text


def test_a_track_that_is_asked_for_leaves_nothing_else_to_do() -> None:
    view = recsys_view((PLAY,), directions=[{"turn": 2, "track_id": "pool-track-07"}])
    [option] = render_request(PROMPTS, view, "json").schema["properties"]["choice"]["anyOf"]
    assert option["properties"]["track_id"]["enum"] == ["pool-track-07"]


@settings(max_examples=30)
@given(courses())
def test_what_the_prompt_says_of_earlier_turns_stays_as_it_is(done: tuple[Action, ...]) -> None:
    earlier = render_request(PROMPTS, recsys_view(done[:3]), "json").messages
    later = render_request(PROMPTS, recsys_view(done[:6]), "json").messages
    assert later[: len(earlier)] == earlier


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (choice("ask"), None),
        (choice("no_match", "Nothing of that kind is here; what else would do?"), None),
        (choice("ask", "?"), "message"),
        (choice("sing"), "action"),
        (choice("play"), "track_id '' is not in the pool"),
        (choice("ask", track_id="pool-track-03"), "track_id must be empty where the action is ask"),
        (choice("ask", "Do you mean pool-track-03 or another?"), "message holds an id"),
        (
            choice("ask", "Would “pool title 03” be nearer to it?"),
            "names 'pool title 03', which is not played",
        ),
        (choice("no_match", "..."), "message is a placeholder"),
    ],
)
async def test_questions_and_refusals_need_words_of_their_own(
    answer: dict[str, Any], why: str | None
) -> None:
    desk, _ = desk_of(Agent.RECSYS, lambda *_: answer, repairs=0)
    view = recsys_view((PLAY,))
    if why is not None:
        with pytest.raises(AnswerError, match=why):
            await recommend(view, desk)
        return
    outcome = await recommend(view, desk)
    assert outcome.answer.played == {"action": answer["choice"]["action"]}


async def test_two_questions_in_a_row_go_back_with_what_may_be_done() -> None:
    def answering(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return choice("play", "Here is one.", track_id="pool-track-05") if attempt else choice("ask")

    desk, _ = desk_of(Agent.RECSYS, answering)
    outcome = await recommend(recsys_view((PLAY, ASK)), desk)
    assert outcome.answer.played == {"track_id": "pool-track-05"}
    assert outcome.problems == ("action must be one of play, no_match now, not ask",)


@pytest.mark.slow
@given(
    st.sampled_from(list(Action)),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=3, max_size=60),
    st.sampled_from(["json", "yaml"]),
)
def test_an_answer_is_read_as_it_was_written(action: Action, words: str, answer_format: AnswerFormat) -> None:
    track_id = "pool-track-05" if action is PLAY else ""
    flat = {"thought": THOUGHT, "action": action.value, "track_id": track_id, "message": words}
    nested = choice(action.value, words, **({"track_id": track_id} if track_id else {}))
    request = render_request(PROMPTS, recsys_view((PLAY,)), answer_format)
    text = render_answer(nested if answer_format == "json" else flat, answer_format)
    reading = Reading(request, ActingRecsysAnswer, None, 3)
    found, problem = reading.examine(Reply(text=text, finish="stop", usage=Usage()))
    if found is None:
        assert "message" in problem, (
            "echoes, placeholders and texts that stand twice are refused for their words alone"
        )
    else:
        assert (found.action, found.track_id, found.message) == (action, track_id, words.strip())


async def test_who_is_asked_answers_and_judges_nothing() -> None:
    answer = {"thought": THOUGHT, "next_step": "keep_looking", "new_goal": "", "message": "The slow one."}
    desk, calls = desk_of(Agent.LISTENER, lambda *_: answer)
    said, outcome = await speak(listener_view((PLAY, ASK)), desk)
    assert isinstance(outcome.answer, UnplayedListenerAnswer)
    assert said.to_note(3) == {"turn": 3, "thought": THOUGHT, "next_step": "keep_looking"}
    [(_, _, request)] = calls.requests
    assert "goal_progress_assessment" not in request.schema["properties"]
    assert request.schema["properties"]["next_step"]["enum"] == ["keep_looking"]
    last = request.messages[-1].text
    assert '<unplayed turn=2 action="ask">' in last and "recsys message 2" in last


@pytest.mark.parametrize("step", ["wind_down", "new_goal", "stop"])
async def test_nothing_that_was_not_heard_can_be_a_find(step: str) -> None:
    wish = "something of the hills" if step == "new_goal" else ""
    answer = {"thought": THOUGHT, "next_step": step, "new_goal": wish, "message": "That was it, thank you."}
    desk, _ = desk_of(Agent.LISTENER, lambda *_: answer, repairs=0)
    with pytest.raises(AnswerError, match=r"next_step must be one of keep_looking now"):
        await speak(listener_view((PLAY, ASK)), desk)


@pytest.mark.parametrize(
    ("done", "over"),
    [
        ((PLAY, NO_MATCH), False),
        ((PLAY, PLAY, NO_MATCH), True),
        ((PLAY, NO_MATCH, NO_MATCH), True),
        ((PLAY, PLAY, ASK), False),
        ((PLAY, NO_MATCH, ASK), False),
    ],
)
def test_to_hear_that_there_is_nothing_costs_patience_and_a_question_does_not(
    done: tuple[Action, ...], over: bool
) -> None:
    view = listener_view(done, length="natural")
    misses = [
        e.model_copy(update={"progress": e.progress and Progress.DOES_NOT_MOVE}) for e in view.exchanges
    ]
    assert out_of_patience(view.model_copy(update={"exchanges": tuple(misses)})) is over


def test_without_further_actions_no_request_knows_of_them() -> None:
    assert "listener/unplayed.j2" not in PromptLibrary(rules=3).names
    state = asked_again(acted((PLAY,)))
    del state["setup"]["actions"]
    request = render_request(PromptLibrary(rules=3), cast(Any, build_view(Agent.RECSYS, state)), "json")
    assert list(request.schema["properties"]) == ["thought", "track_id", "message"]
    assert "may:" not in request.messages[-1].text

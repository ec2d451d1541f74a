"""What real small models sent, as it was recorded: none of it is taken, and none of it is quoted back to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from segue.agents.answers import GoalAnswer, ProfileAnswer
from segue.agents.asking import Desk, Reading
from segue.agents.goal import choose_goal
from segue.agents.repairs import RefusedAnswer, repaired
from segue.core.errors import Place
from segue.core.loops import loops
from segue.models.reply import Reply, Usage
from segue.models.request import Request
from segue.prompts.library import PromptLibrary
from segue.prompts.parts import message
from segue.prompts.template_files import Rules
from segue.state.values import Agent
from segue.state.views import GoalView
from support.agents.asking import view_of
from support.agents.scripted import ScriptedCalls

CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "models"


def recorded(name: str) -> str:
    if not CASES.exists():
        pytest.skip("shared cases not present")
    return (CASES / name).read_text("utf-8")


def request(name: str, agent: Agent) -> Request:
    """The question as it was sent."""
    sent = json.loads(recorded(name))
    roles: dict[str, Any] = {"system": "system", "user": "human"}
    messages = tuple(message(roles[m["role"]], m["content"]) for m in sent["messages"])
    return Request(agent, messages, sent["response_format"]["json_schema"]["schema"])


def objects(text: str) -> list[dict[str, Any]]:
    found, at, decoder = [], text.find("{"), json.JSONDecoder()
    while at >= 0:
        value, end = decoder.raw_decode(text, at)
        found.append(value)
        at = text.find("{", end)
    return found


@pytest.mark.parametrize("rules", [1, 2])
def test_descriptions_for_words_are_no_goal(rules: Rules) -> None:
    asked = request("gemma-goal-band-request.json", Agent.GOAL)
    answers = objects(recorded("gemma-goal-band-answers.txt"))
    assert len(answers) == 3
    for answer in answers:
        reply = Reply(text=json.dumps(answer), finish="stop", usage=Usage())
        read, problem = Reading(asked, GoalAnswer, rules=rules).examine(reply)
        assert read is None and problem.startswith("thought repeats the description of a field")
        assert RefusedAnswer(reply, problem).remedy == "reworded"


async def test_its_one_turn_for_a_goal_of_six_to_eight_is_put_in_the_band() -> None:
    prompts = PromptLibrary(rules=2)
    wanted = {"I-LH", "F-LL", "J-HH"}
    templates = tuple(t for t in prompts.goal_templates() if t.template_id in wanted)
    view = cast(GoalView, await view_of(Agent.GOAL)).model_copy(update={"templates": templates})
    texts = [name for name, field in GoalAnswer.model_fields.items() if field.annotation is str]
    words = {name: f"own words {n} that nobody else {n} has" for n, name in enumerate(texts)}
    calls = ScriptedCalls(lambda r, p, a: {**words, "template_id": "I-LH", "target_turn_count": 1})
    goal, outcome = await choose_goal(view, Desk(prompts, calls, Place("t1", 0, "goal")))
    assert (goal.template_id, goal.target_turn_count) == ("I-LH", 6)
    assert outcome.adjusted and "6 was taken" in outcome.adjusted


def test_a_profile_that_went_round_until_it_was_cut_off_is_not_quoted_back() -> None:
    asked, text = (
        request("smol-profile-loop-request.json", Agent.PROFILE),
        recorded("smol-profile-loop-answer.txt"),
    )
    assert loops(text)
    reply = Reply(text=text, finish="length", finish_reason="length", usage=Usage())
    read, problem = Reading(asked, ProfileAnswer, rules=2).examine(reply)
    assert read is None
    again = repaired(PromptLibrary(rules=2), asked, [RefusedAnswer(reply, problem)])
    assert len(again.messages) == len(asked.messages) and again.warmer
    sent = "".join(m.text for m in again.messages)
    assert "Sam's Town, Sam's Town" not in sent and "the most representative artist" not in sent
    assert "\ntop_1_genre:\n" in sent and "Overkill" in sent

"""The goal agent: one of its three templates, within that one's limits, kept as it customised it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from segue.agents.answers import GoalAnswer
from segue.agents.goal import check_goal, choose_goal
from segue.core.errors import Place
from segue.models.request import Request
from segue.state.values import Agent
from segue.state.views import GoalView
from support.agents.asking import desk_of, view_of
from support.agents.scripted import plain_answers


def answer(**changes: Any) -> GoalAnswer:
    plain = plain_answers_of_the_goal()
    return GoalAnswer.model_validate({**plain, **changes})


def plain_answers_of_the_goal() -> dict[str, Any]:
    schema = {"properties": {"template_id": {"enum": ["A-LL"]}}}
    return plain_answers(Request(Agent.GOAL, (), schema), Place("t1", 0, "goal"), 0)


async def view() -> GoalView:
    return cast(GoalView, await view_of(Agent.GOAL))


@pytest.mark.parametrize(
    ("template_id", "turns", "words"),
    [
        ("A-LL", 3, None),
        ("A-LL", 7, None),
        ("A-LL", 8, "from 3 to 7 for specificity LL, not 8"),
        ("B-HL", 5, "from 3 to 4 for specificity HL, not 5"),
        ("K-LH", 5, "from 6 to 8 for specificity LH, not 5"),
        ("C-HH", 3, "must be one of A-LL, B-HL, K-LH, not 'C-HH'"),
    ],
)
async def test_template_and_turns_must_go_together(template_id: str, turns: int, words: str | None) -> None:
    templates = {t.template_id: t for t in (await view()).templates}
    problem = check_goal(answer(template_id=template_id, target_turn_count=turns), templates)
    assert problem is None if words is None else words in (problem or "")


async def test_the_customised_goal_is_kept_whole() -> None:
    desk, _ = desk_of(Agent.GOAL, turn=0)
    goal, outcome = await choose_goal(await view(), desk)
    assert goal.listener_goal == "secret goal to find sea songs of one kind"
    assert goal.iteration_examples == ("secret iteration example one", "secret iteration example two")
    assert goal.achieved_examples == ("secret achieved example one", "secret achieved example two")
    assert (goal.category, goal.specificity, goal.template_id) == ("A", "LL", "A-LL")
    assert (goal.category_description, goal.listener_expertise) == (
        "what conversations of A turn on",
        "neutral",
    )
    assert outcome.answer.thought == "private goal thought"


async def test_another_choice_brings_that_template_s_codes() -> None:
    def chooses(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return {**plain_answers(request, place, attempt), "template_id": "K-LH", "target_turn_count": 7}

    desk, calls = desk_of(Agent.GOAL, chooses)
    goal, _ = await choose_goal(await view(), desk)
    assert (goal.category, goal.specificity, goal.target_turn_count) == ("K", "LH", 7)
    [(_, _, request)] = calls.requests
    assert request.schema["properties"]["template_id"]["enum"] == ["A-LL", "B-HL", "K-LH"]


async def test_an_empty_example_is_sent_back() -> None:
    def forgets(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        empty = {"achieved_query_example_2": "  "} if attempt == 0 else {}
        return {**plain_answers(request, place, attempt), **empty}

    desk, _ = desk_of(Agent.GOAL, forgets)
    _, outcome = await choose_goal(await view(), desk)
    [problem] = outcome.problems
    assert problem.startswith("achieved_query_example_2: ")

"""Goals under the second rules: any count of turns ends inside the band of its template."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.agents.answers import GoalAnswer
from segue.agents.asking import Desk, Reading
from segue.agents.goal import check_goal, choose_goal, within_band
from segue.agents.rendering import render_request, schema_of
from segue.agents.schemas import unnested
from segue.core.errors import AnswerError, Place
from segue.models.reply import Reply, Usage
from segue.models.request import Request
from segue.prompts.library import PromptLibrary
from segue.state.values import Agent, GoalTemplate
from segue.state.views import GoalView
from support.agents.asking import view_of
from support.agents.scripted import Answering, ScriptedCalls
from support.agents.second_rules import (
    PROMPTS,
    TEMPLATES,
    desk,
    goal_view,
    values,
)


async def test_a_goal_s_turns_follow_its_template_in_the_schema() -> None:
    view = await view_of(Agent.GOAL)
    properties = schema_of(view, 2)["properties"]
    assert "template_id" not in properties and "target_turn_count" not in properties
    pairs = [
        (one["properties"]["template_id"]["enum"], one["properties"]["target_turn_count"])
        for one in properties["choice"]["anyOf"]
    ]
    assert pairs == [
        (["A-LL"], {"type": "integer", "minimum": 3, "maximum": 7}),
        (["B-HL"], {"type": "integer", "minimum": 3, "maximum": 4}),
        (["K-LH"], {"type": "integer", "minimum": 6, "maximum": 8}),
    ]
    assert all(one["additionalProperties"] is False for one in properties["choice"]["anyOf"])
    assert "A-LL with 3 to 7, or B-HL with 3 to 4" in render_request(PROMPTS, view, "json").messages[-1].text
    flat = schema_of(view, 2, "yaml")["properties"]
    assert flat["template_id"]["enum"] == ["A-LL", "B-HL", "K-LH"] and "choice" not in flat


@settings(deadline=None)
@given(st.integers(-3, 12), st.sampled_from(["A-LL", "B-HL", "K-LH", "C-HH"]))
async def test_schema_and_reader_agree_on_which_goals_are_legal(count: int, template_id: str) -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    view = cast(GoalView, await view_of(Agent.GOAL))
    chosen = {"template_id": template_id, "target_turn_count": count}
    answer = {n: v for n, v in values(GoalAnswer).items() if n not in chosen} | {"choice": chosen}
    request = render_request(PROMPTS, view, "json")
    templates = {t.template_id: t for t in view.templates}
    reading = Reading(request, GoalAnswer, lambda read: check_goal(read, templates), rules=2)
    read, _ = reading.examine(Reply(text=json.dumps(answer), finish="stop", usage=Usage()))
    assert validator(request.schema).is_valid(answer) == (read is not None)


TRIPLES = st.lists(st.sampled_from(TEMPLATES), min_size=3, max_size=3, unique_by=lambda t: t.template_id)

COUNTS = st.one_of(st.integers(-20, 20), st.integers(), st.sampled_from([1, 8]))


def stubborn(count: Any, template: GoalTemplate, *, nested: bool = True) -> Answering:
    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        chosen = {"template_id": template.template_id, "target_turn_count": count}
        others = {k: v for k, v in values(GoalAnswer).items() if k not in chosen}
        return {**others, "choice": chosen} if nested else {**others, **chosen}

    return answer


@pytest.mark.slow
@settings(deadline=None)
@given(st.data(), TRIPLES, COUNTS, st.booleans())
async def test_every_goal_is_legal_whatever_number_a_model_insists_on(
    data: st.DataObject, templates: list[GoalTemplate], count: int, nested: bool
) -> None:
    chosen = data.draw(st.sampled_from(templates))
    asked, calls = desk(Agent.GOAL, stubborn(count, chosen, nested=nested), turn=0)
    goal, outcome = await choose_goal(await goal_view(templates), asked)
    low, high = chosen.target_turns
    assert goal.target_turn_count == min(max(count, low), high)
    record = outcome.to_record(asked.place)
    if low <= count <= high:
        assert (record["outcome"], len(calls.requests)) == ("first answer", 1) and "adjusted" not in record
    else:
        assert (record["outcome"], len(calls.requests)) == ("adjusted", 2), (
            "it was sent back once, and then mended"
        )
        assert f"the band of {chosen.template_id}; {goal.target_turn_count} was taken" in record["adjusted"]
        assert "target_turn_count" in record["problems"][0]


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.template_id)
async def test_no_topic_and_specificity_is_lost_to_one_or_eight(template: GoalTemplate, count: int) -> None:
    others = [t for t in TEMPLATES if t.template_id != template.template_id][:2]
    asked, _ = desk(Agent.GOAL, stubborn(count, template), turn=0)
    goal, _ = await choose_goal(await goal_view([template, *others]), asked)
    low, high = template.target_turns
    assert low <= goal.target_turn_count <= high


async def test_without_repairs_it_is_mended_at_once() -> None:
    asked, calls = desk(Agent.GOAL, stubborn(8, TEMPLATES[0]), turn=0, repairs=0)
    _, outcome = await choose_goal(await goal_view([TEMPLATES[0]]), asked)
    assert outcome.adjusted and len(calls.requests) == 1


@pytest.mark.parametrize("count", ["eight", None, True, 4.5, "", [4], "9" * 40])
def test_only_whole_numbers_are_put_in_the_band(count: Any) -> None:
    fields = {"template_id": "A-LL", "target_turn_count": count}
    assert within_band(fields, {"A-LL": TEMPLATES[0]}) is None
    assert fields["target_turn_count"] is count


def test_a_choice_is_read_inside_and_outside_of_its_field_but_not_in_both() -> None:
    inside = {"choice": {"template_id": "A-LL", "target_turn_count": 4}, "thought": "x"}
    assert unnested(inside) == {"template_id": "A-LL", "target_turn_count": 4, "thought": "x"}
    with pytest.raises(ValueError, match="'template_id' stands twice"):
        unnested({**inside, "template_id": "B-LL"})
    assert unnested({"choice": "A-LL"}) == {"choice": "A-LL"}


async def test_a_goal_is_no_template_and_no_two_of_its_examples_are_one() -> None:
    view = await goal_view(TEMPLATES[:3])
    reading = Reading(render_request(PROMPTS, view, "json"), GoalAnswer, rules=2)
    chosen = TEMPLATES[0]
    good = values(GoalAnswer, template_id=chosen.template_id, target_turn_count=chosen.target_turns[0])
    for changes, refused in (
        ({}, ""),
        ({"listener_goal": TEMPLATES[1].template_id}, "listener_goal only repeats an id"),
        (dict.fromkeys(("initial_query_example_1", "achieved_query_example_2"), "Yes"), "says the same as"),
    ):
        _, said = reading.examine(Reply(text=json.dumps({**good, **changes}), finish="stop", usage=Usage()))
        assert refused in said and bool(refused) == bool(said)


GEMMA = {
    "thought": "why this template suits the tracks and the others less",
    "template_id": "I-LH",
    "listener_goal": "the goal, made specific to the tracks",
    "target_turn_count": 1,
    **{
        f"{s}_query_example_{n}": f"{s} query example {n}"
        for s in ("initial", "iteration", "achieved")
        for n in (1, 2)
    },
}
"""What a real small model sent: it is read as it was, and none of it is taken."""


@pytest.mark.parametrize("rules", [1, 2])
async def test_descriptions_for_words_and_one_turn_for_six_are_no_goal(rules: Any) -> None:
    view = await goal_view([t for t in TEMPLATES if t.template_id in ("I-LH", "F-LL", "G-HL")])
    calls = ScriptedCalls(lambda request, place, attempt: GEMMA)
    with pytest.raises(AnswerError, match=r"repeats the description of a field|only repeats"):
        await choose_goal(view, Desk(PromptLibrary(rules=rules), calls, Place("t1", 0, "goal")))
    quoted = [m for m in calls.requests[-1][2].messages if m.role == "ai"]
    assert bool(quoted) == (rules == 1)
    if rules == 2:
        assert "\nlistener_goal:\n" in calls.requests[-1][2].messages[-1].text


def test_three_templates_of_all_pairs_have_bands_to_choose_from() -> None:
    for one, other in combinations({t.target_turns for t in TEMPLATES}, 2):
        assert one[0] <= one[1] and other[0] <= other[1]

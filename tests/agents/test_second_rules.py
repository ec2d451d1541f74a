"""The second rules of answers: what the schemas allow, and what the reader takes."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.agents.answers import ANSWERS, Answer, ProfileAnswer
from segue.agents.asking import Reading
from segue.agents.profile import infer_profile
from segue.agents.recsys import recommend
from segue.agents.rendering import render_request, schema_of
from segue.agents.schemas import answer_schema
from segue.models.reply import Reply, Usage
from segue.models.request import AnswerFormat, Request
from segue.models.spec import ModelSpec
from segue.state.values import Agent
from segue.state.views import ProfileView, RecsysView
from support.agents.asking import view_of
from support.agents.scripted import plain_answers
from support.agents.second_rules import (
    CHOICES,
    PROMPTS,
    desk,
    in_order,
    values,
)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: a.__name__)
def test_every_text_is_bounded_or_chosen_and_every_field_is_described_in_words_no_value_could_be(
    answer: type[Answer],
) -> None:
    schema = answer_schema(answer, rules=2, track_ids=("t1",), enums=CHOICES)
    for field in schema["properties"].values():
        assert ("maxLength" in field) != ("enum" in field or field["type"] == "integer")
        assert ("minLength" in field) == ("maxLength" in field)
        assert field.get("maxLength", 0) <= 2000, "more than a llama.cpp grammar takes"
        # An order to whoever answers: a capital, and a full stop.
        assert field["description"][0].isupper() and field["description"].endswith(".")
    described = [field["description"] for field in schema["properties"].values()]
    assert len(set(described)) == len(described)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: a.__name__)
def test_an_answer_at_all_its_bounds_fits_in_what_a_call_may_give(answer: type[Answer]) -> None:
    bounds = [field.get("maxLength", 40) for field in answer_schema(answer, rules=2)["properties"].values()]
    assert sum(bounds) / 2.79 < (ModelSpec().max_output_tokens or 0), (
        "the densest real answers have 2.79 a token"
    )


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: a.__name__)
def test_the_first_rules_are_as_they_were(answer: type[Answer]) -> None:
    for field in answer_schema(answer)["properties"].values():
        assert field.keys() <= {"type", "description", "enum", "minimum", "maximum"}


async def test_the_first_artist_is_one_of_the_tracks() -> None:
    artists = schema_of(await view_of(Agent.PROFILE), 2)["properties"]["top_1_artist"]["enum"]
    assert artists == [f"profiling artist {n}" for n in (0, 1, 2, 3)]


@pytest.mark.parametrize("after", [0, 2, 8])
async def test_the_listener_s_forms_say_what_its_schemas_say(after: int) -> None:
    view = await view_of(Agent.LISTENER, after=after)
    request = render_request(PROMPTS, view, "json")
    for name, field in request.schema["properties"].items():
        assert f'{name}: "{field["description"]}' in request.messages[-1].text
    earlier = render_request(PROMPTS, await view_of(Agent.LISTENER, after=max(after - 1, 0)), "json").messages
    assert request.messages[: len(earlier)] == earlier or after in (0, 8), "what was said stays to the byte"


@pytest.mark.parametrize("written", ["profiling artist 2", "  Profiling  Artist 2", "ｐrofiling artist 2"])
async def test_an_artist_is_known_however_it_is_typed_and_spelt_as_on_the_tracks(written: str) -> None:
    asked, _ = desk(Agent.PROFILE, in_order(values(ProfileAnswer, top_1_artist=written)), turn=0)
    profile, outcome = await infer_profile(cast(ProfileView, await view_of(Agent.PROFILE)), asked)
    assert (profile.top_1_artist, outcome.problems) == ("profiling artist 2", ())


async def test_another_artist_is_sent_back_with_those_there_are() -> None:
    wrong = values(ProfileAnswer, top_1_artist="Nina Simone")
    good = {**wrong, "top_1_artist": "profiling artist 0"}
    asked, _ = desk(Agent.PROFILE, in_order(wrong, good), turn=0)
    _, outcome = await infer_profile(cast(ProfileView, await view_of(Agent.PROFILE)), asked)
    [problem] = outcome.problems
    assert problem.startswith("top_1_artist must be one of 'profiling artist 0', ")
    assert problem.endswith("not 'Nina Simone'")


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(ANSWERS))
def test_what_is_longer_than_its_bound_is_refused_by_name(data: st.DataObject, answer: type[Answer]) -> None:
    schema = answer_schema(answer, rules=2, track_ids=("t1",), enums=CHOICES)
    bounds = {
        name: field["maxLength"] for name, field in schema["properties"].items() if "maxLength" in field
    }
    name = data.draw(st.sampled_from(sorted(bounds)))
    extra = data.draw(st.integers(-3, 50))
    text = " ".join(f"x{n}" for n in range(bounds[name]))[: bounds[name] + extra - 1].ljust(
        bounds[name] + extra, "y"
    )
    request = Request(Agent.PROFILE, render_request(PROMPTS, *_question()).messages, schema)
    reading: Reading[Answer] = Reading(request, answer, rules=2)
    reply = Reply(text=json.dumps(values(answer, **{name: text})), finish="stop", usage=Usage())
    read, problem = reading.examine(reply)
    if extra > 0:
        assert read is None and problem.startswith(
            f"{name} holds {len(text):,} characters; {bounds[name]:,} are"
        )
    else:
        assert read is not None


def _question() -> tuple[Any, AnswerFormat]:
    from segue.state.views import build_view
    from support.state.states import first_state

    return build_view(Agent.PROFILE, first_state()), "json"


async def test_plain_answers_are_legal_under_both_rules() -> None:
    view = cast(RecsysView, await view_of(Agent.RECSYS))
    asked, _ = desk(Agent.RECSYS, plain_answers)
    assert (await recommend(view, asked)).problems == ()

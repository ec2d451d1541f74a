"""The second rules of answers: what the schemas allow, what the reader takes, and what is asked after a refusal."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.agents.answers import ANSWERS, Answer, GoalAnswer, OpeningAnswer, ProfileAnswer, RecsysAnswer
from segue.agents.asking import Desk, Reading, ask
from segue.agents.goal import check_goal, choose_goal, within_band
from segue.agents.listener import speak
from segue.agents.profile import infer_profile
from segue.agents.recsys import recommend
from segue.agents.rendering import render_request, schema_of
from segue.agents.schemas import answer_schema, unnested
from segue.core.errors import AnswerError, Place
from segue.models.reply import Reply, Usage
from segue.models.request import AnswerFormat, Request
from segue.models.spec import ModelSpec
from segue.prompts.library import PromptLibrary
from segue.prompts.parts import Media
from segue.state.values import Agent, GoalTemplate
from segue.state.views import GoalView, ListenerView, ProfileView, RecsysView
from support.agents.asking import view_of
from support.agents.scripted import Answering, ScriptedCalls, plain_answers

PROMPTS = PromptLibrary(rules=2)
TEMPLATES = PROMPTS.goal_templates()
REPAIR_TEXT = "Your last answer could not be used. Answer the same question once more, with this put right."
LOOP = "Sam's Town and The Killers, " * 60
PICK: dict[str, Any] = {"thought": "it fits well", "track_id": "pool-track-00", "message": "try this"}


def desk(
    agent: Agent, answering: Answering, *, repairs: int = 2, turn: int = 1
) -> tuple[Desk, ScriptedCalls]:
    calls = ScriptedCalls(answering)
    return Desk(PROMPTS, calls, Place("t1", turn, agent.value), repairs), calls


def in_order(*answers: Any) -> Answering:
    waiting = list(answers)
    return lambda request, place, attempt: waiting.pop(0)


def cut_off(text: str, finish: Any = "length") -> Reply:
    return Reply(text=text, finish=finish, finish_reason="LENGTH", usage=Usage())


CHOICES = {"template_id": ["A-LL"], "top_1_artist": ["Nina"], "criteria": ["tag: soul"]}


def values(answer: type[Answer], **changes: Any) -> dict[str, Any]:
    """A valid answer, each field of words that no other has."""
    schema = answer_schema(answer, rules=2, track_ids=("t1",), enums=CHOICES)
    found: dict[str, Any] = {}
    for number, (name, field) in enumerate(schema["properties"].items()):
        if "enum" in field:
            found[name] = field["enum"][0]
        else:
            found[name] = (
                4 if field["type"] == "integer" else f"words{number} of{number} nobody{number} else{number}"
            )
    return {**found, **changes}


# Schemas.


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


# Goals: any count of turns ends inside the band.

TRIPLES = st.lists(st.sampled_from(TEMPLATES), min_size=3, max_size=3, unique_by=lambda t: t.template_id)
COUNTS = st.one_of(st.integers(-20, 20), st.integers(), st.sampled_from([1, 8]))


def stubborn(count: Any, template: GoalTemplate, *, nested: bool = True) -> Answering:
    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        chosen = {"template_id": template.template_id, "target_turn_count": count}
        others = {k: v for k, v in values(GoalAnswer).items() if k not in chosen}
        return {**others, "choice": chosen} if nested else {**others, **chosen}

    return answer


async def goal_view(templates: list[GoalTemplate]) -> GoalView:
    view = cast(GoalView, await view_of(Agent.GOAL))
    return view.model_copy(update={"templates": tuple(templates)})


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


# The first artist.


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


# Bounds of texts.


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


# Repairs.


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


# Real small models, see the shared cases: what they sent is read as it was, and none of it is taken.

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


async def test_plain_answers_are_legal_under_both_rules() -> None:
    view = cast(RecsysView, await view_of(Agent.RECSYS))
    asked, _ = desk(Agent.RECSYS, plain_answers)
    assert (await recommend(view, asked)).problems == ()

"""Fingerprints: what changed is told key by key, prompts by template."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import ChangedRunError
from segue.models.spec import ModelSpec
from segue.prompts.library import PromptLibrary
from segue.runs.fingerprint import Difference, Fingerprint, differences, refusal
from segue.runs.plan import RunPlan
from segue.sessions.personas import PersonaEntry
from segue.state.values import Agent
from support.runs.staging import Staged, prompts


def changed(made: Staged, before: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    def fingerprint(changes: dict[str, Any]) -> Fingerprint:
        return Fingerprint.of(made.plan(**changes), prompts())

    found = differences(fingerprint(before), fingerprint(now))
    return {each.key: (each.before, each.now) for each in found}


def test_equal_plans_have_no_differences(made: Staged) -> None:
    assert changed(made, {"seed": 3}, {"seed": 3}) == {}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"turns": 3}, {"turns": (8, 3)}),
        ({"clip_seconds": 5.0}, {"clip_seconds": (3.0, 5.0)}),
        ({"lyrics_chars": 0}, {"lyrics_chars": (200, 0)}),
        ({"catalog_digest": "f" * 32}, {"catalog_digest": ("", "f" * 32)}),
        (
            {"models": {**dict.fromkeys(Agent, ModelSpec()), Agent.GOAL: ModelSpec(name="openai:x")}},
            {"models.goal.name": ("offline", "openai:x"), "models.goal.max_output_tokens": (None, 2048)},
        ),
    ],
)
def test_each_key_is_named_with_both_values(
    made: Staged, fields: dict[str, Any], found: dict[str, tuple[Any, Any]]
) -> None:
    told = changed(made, {"catalog_digest": ""}, {"catalog_digest": "", **fields})
    assert told == found


OTHER: dict[str, Any] = {
    "catalog_digest": "f" * 32,
    "prompts_digest": "f" * 32,
    "models": dict.fromkeys(Agent, ModelSpec(name="openai:x")),
    "modalities": dict.fromkeys(Agent, ("text", "audio")),
    "turns": 3,
    "seed": 1,
    "pool_size": 17,
    "pool": "catalogue",
    "shortlist": 8,
    "retriever": "dense",
    "mean_words": 20.0,
    "lyrics_chars": 0,
    "clip_seconds": 5.0,
    "images_per_track": 2,
    "length": "natural",
    "actions": ("play", "ask"),
    "pipeline": "single",
    "language": "Spanish",
    "personas": (PersonaEntry(name="hasty", words=5),),
    "repairs": 0,
    "layout": "shared",
    "answer_rules": 2,
    "partition": {"grants": [["recsys", "goal"]], "denials": []},
    "recsys": "popularity",
    "recsys_reply": "model",
}


def test_every_field_of_a_plan_changes_the_fingerprint(made: Staged) -> None:
    elsewhere = {
        "prompt_overrides",
        "repeat",
        "answer_forms",
    }  # in prompts_digest, in the stream, found while playing
    assert set(OTHER) == set(RunPlan.model_fields) - elsewhere
    usual = made.plan()
    for field, value in OTHER.items():
        other = RunPlan.model_validate({**usual.model_dump(), field: value})
        assert other.run_id != usual.run_id, field
        assert other.thread_id("a session") != usual.thread_id("a session"), field


def test_addresses_change_nothing(made: Staged) -> None:
    elsewhere = dict.fromkeys(Agent, ModelSpec(base_url="http://127.0.0.1:1"))
    assert changed(made, {}, {"models": elsewhere}) == {}


def test_prompts_are_named_by_template(made: Staged) -> None:
    text = "You are someone else altogether."
    own = PromptLibrary({"recsys/system.j2": text})
    plan = made.plan(prompts_digest=own.digest_all(), prompt_overrides=own.overrides)
    found = differences(Fingerprint.of(made.plan(), prompts()), Fingerprint.of(plan, own))
    assert [each.key for each in found] == ["prompt recsys/system.j2"]
    laid_out = prompts().laid_out(plan.layout, plan.answer_rules)
    assert found[0].before == laid_out.source_digests()["recsys/system.j2"] != found[0].now


def test_a_part_is_named_and_not_every_template_that_uses_it(made: Staged) -> None:
    text = "{{ card.title | json }}, which is by someone."
    own = PromptLibrary({"parts/track.j2": text})
    plan = made.plan(prompts_digest=own.digest_all(), prompt_overrides=own.overrides)
    found = differences(Fingerprint.of(made.plan(), prompts()), Fingerprint.of(plan, own))
    assert [each.key for each in found] == ["prompt parts/track.j2"]


def test_the_refusal_tells_old_and_new_and_the_ways_out(made: Staged) -> None:
    before, now = (Fingerprint.of(made.plan(turns=turns), prompts()) for turns in (8, 3))
    error = refusal("mine", "abc", differences(before, now))
    assert isinstance(error, ChangedRunError) and error.exit_code == 1
    assert "'mine' (abc)" in error.message and "turns: 8 -> 3" in error.message
    assert error.hint is not None and "--name" in error.hint and "segue branch" in error.hint


def test_a_key_is_told_as_it_is_typed() -> None:
    assert str(Difference("mean_words", 12.0, 20.0)) == "listener_words: 12.0 -> 20.0"
    assert str(Difference("turns", 8, 3)) == "turns: 8 -> 3"


def test_changed_personas_are_told_by_name_and_field() -> None:
    hasty = {"name": "hasty", "words": 5, "register_": None}
    changed = Difference("personas", [hasty], [{**hasty, "words": 9, "register_": "casual"}, {"name": "new"}])
    assert str(changed) == (
        "personas: 'hasty' has words 9, before 5; 'hasty' has register casual, before none; 'new' is new"
    )
    assert str(Difference("personas", [hasty], None)) == "personas: 'hasty' is left out"
    other = {"name": "other"}
    assert (
        str(Difference("personas", [hasty, other], [other, hasty])) == "personas: they stand in another order"
    )

"""The plan and its fingerprint: what changes the data changes the ids, and nothing else does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError
from segue.models.spec import ModelSpec
from segue.runs.plan import RUN_ID_LENGTH, THREAD_ID_LENGTH, RunPlan, load_config
from segue.state.partition import Information, Partition
from segue.state.values import Agent

SPECS = dict.fromkeys(Agent, ModelSpec())
WIDENED = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)}))


def plan(**changes: Any) -> RunPlan:
    fields: dict[str, Any] = {
        "catalog_digest": "c",
        "prompts_digest": "p",
        "models": SPECS,
        "modalities": dict.fromkeys(Agent, ("text",)),
    }
    return RunPlan(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"catalog_digest": "d"},
        {"prompts_digest": "q"},
        {"models": {**SPECS, Agent.RECSYS: ModelSpec(name="openai:gpt-5")}},
        {"models": {**SPECS, Agent.RECSYS: ModelSpec(name="google_genai:gemini-2.5-flash", temperature=0.5)}},
        {"modalities": {**dict.fromkeys(Agent, ("text",)), Agent.RECSYS: ("text", "audio")}},
        {"turns": 7},
        {"seed": 1},
        {"pool_size": 20},
        {"mean_words": 20.0},
        {"lyrics_chars": 0},
        {"clip_seconds": 5.0},
        {"repairs": 0},
        {"partition": WIDENED.to_json()},
    ],
)
def test_what_changes_the_data_changes_the_ids(changes: dict[str, Any]) -> None:
    assert plan(**changes).run_id != plan().run_id
    assert plan(**changes).thread_id("s") != plan().thread_id("s")


@pytest.mark.parametrize(
    "changes",
    [
        {"models": dict.fromkeys(Agent, ModelSpec(base_url="http://127.0.0.1:1"))},
        {"prompt_overrides": {"recsys/system.j2": "covered by the digest of all prompts"}},
        {"models": dict(reversed(SPECS.items()))},
    ],
)
def test_what_does_not_change_the_data_changes_no_id(changes: dict[str, Any]) -> None:
    assert plan(**changes).run_id == plan().run_id
    assert plan(**changes).thread_id("s") == plan().thread_id("s")


def test_ids_are_short_hexadecimal_and_stable() -> None:
    """A stored run must be found again by later programs; a new figure here needs a new fingerprint version."""
    assert len(plan().run_id) == RUN_ID_LENGTH and len(plan().thread_id("s")) == THREAD_ID_LENGTH
    assert set(plan().run_id + plan().thread_id("s")) <= set("0123456789abcdef")
    assert (plan().run_id, plan().thread_id("s")) == ("962e999584", "d38740f2d0d8")


def test_each_session_has_its_own_id_and_stream() -> None:
    one, two = plan(), plan(turns=3)
    assert one.thread_id("a") != one.thread_id("b")
    assert one.stream("a") != one.stream("b") != plan(seed=1).stream("b")
    assert one.stream("a") == two.stream("a"), "the stream hangs on seed and session alone"


def test_a_plan_comes_back_from_what_the_store_keeps() -> None:
    made = plan(seed=4, pool_size=18, partition=WIDENED.to_json(), prompt_overrides={"repair.j2": "again"})
    config = json.loads(json.dumps(made.config("stream-1")))
    assert load_config(config) == (made, "stream-1")
    assert load_config(config)[0].run_id == made.run_id


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"turns": 0}, "turns"),
        ({"turns": 65}, "turns"),
        ({"pool_size": 0}, "pool_size"),
        ({"mean_words": 1.0}, "mean_words"),
        ({"clip_seconds": 0.0}, "clip_seconds"),
        ({"repairs": -1}, "repairs"),
        ({"modalities": {Agent.RECSYS: ("audio",)}}, "modalities of recsys must include 'text'"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        plan(**changes)

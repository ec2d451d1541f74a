"""Who sits in the chair, as a run's plan says it: nothing where a chat model does, so that ids stay as they were."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import ConfigError
from segue.runs.plan import RunPlan, load_config
from segue.runs.settings.config import RunConfig
from support.runs.staging import catalog, prompts

REAL = {"model": "google_genai:gemini-2.5-flash", "modalities": "text"}


def plan(**given: Any) -> RunPlan:
    return RunPlan.of(RunConfig(**{"modalities": "text", **given}), catalog(), prompts())


def test_a_chat_model_leaves_no_trace() -> None:
    usual = plan()
    for told in (usual.canonical(), usual.config("stream")):
        assert not {"recsys", "recsys_reply"} & told.keys()
    assert usual.recommender is None and usual.chair("stream") is None
    assert plan(recsys="model").run_id == usual.run_id


def test_a_recommender_is_part_of_what_a_run_is_by_its_canonical_name() -> None:
    seated = plan(recsys="python:mine:A(b=1, a=2)")
    assert seated.canonical()["recsys"] == "python:mine:A(a=2, b=1)"
    assert plan(recsys="python:mine:A( a=2 , b=1 )").run_id == seated.run_id
    others = [plan(recsys=name).run_id for name in ("python:mine:A(a=2, b=1)#v2", "python:mine:A", "random")]
    assert len({seated.run_id, plan().run_id, *others}) == 5
    kept, _ = load_config(seated.config("stream"))
    assert kept.recsys == seated.recsys


@pytest.mark.parametrize(
    ("given", "reply", "layout"),
    [
        ({}, "template", "own"),
        ({"recsys_reply": "model"}, "model", "own"),
        (REAL, "model", "shared"),
        ({**REAL, "recsys_reply": "template"}, "template", "own"),
    ],
)
def test_words_are_found_by_whoever_is_there(given: dict[str, Any], reply: str, layout: str) -> None:
    seated = plan(recsys="random", **given)
    chair = seated.chair("stream")
    assert chair is not None and chair.reply_by == seated.recsys_reply == reply
    assert seated.layout == layout, "a pool that the model never sees again is not put first"


def test_words_of_somebody_who_is_not_there_are_refused() -> None:
    with pytest.raises(ConfigError, match="finds its own words"):
        RunConfig(recsys_reply="template")

"""The two layouts of prompts: what is shared is the same to the byte, and nothing private is in it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from segue.agents.rendering import render_request
from segue.core.errors import ConfigError
from segue.models.offline import OfflineChatModel
from segue.models.request import Request
from segue.models.spec import ModelSpec
from segue.prompts.answer_text import parse_answer
from segue.prompts.library import PromptLibrary
from segue.prompts.parts import Media
from segue.runs.settings.layouts import cheaper_layout
from segue.state.values import Agent, Modality
from support.state.sessions import Played, demo_channels, langchain_messages, play, prompts

MODALITIES: dict[Agent, tuple[Modality, ...]] = dict.fromkeys(Agent, ("text", "audio"))


@cache
def played() -> Played:
    return play(next(iter(demo_channels(1, modalities=("text", "audio", "image")))), OfflineChatModel())


def requests(layout: Any, agent: Agent) -> list[Request]:
    library = prompts().laid_out(layout)
    return [render_request(library, view, "json") for view, sent, _ in played().calls if sent.agent is agent]


def test_goal_and_recsys_begin_with_the_same_bytes_and_go_on_from_them() -> None:
    [goal], picks = requests("shared", Agent.GOAL), requests("shared", Agent.RECSYS)
    assert len(picks) == 8
    for pick, following in zip([goal, *picks], picks, strict=False):
        shared = pick.messages[:2] if pick is goal else pick.messages
        assert following.messages[: len(shared)] == shared
    assert goal.messages[2] != picks[0].messages[2]


def test_the_beginning_holds_the_pool_and_nothing_private() -> None:
    beginning = requests("shared", Agent.GOAL)[0].messages[:2]
    text = "".join(message.text for message in beginning)
    channels = played().channels
    for track_id in channels["pool_ids"]:
        assert f'"{track_id}"' in text
    assert sum(isinstance(part, Media) for message in beginning for part in message.parts) == 2 * len(
        channels["pool_ids"]
    )
    for private in (channels["goal"]["listener_goal"], channels["profile"]["preferred_musical_culture"]):
        assert private not in text


@pytest.mark.parametrize("agent", [Agent.PROFILE, Agent.LISTENER])
def test_the_others_prompts_are_the_same_in_both(agent: Agent) -> None:
    assert [r.to_json() for r in requests("own", agent)] == [r.to_json() for r in requests("shared", agent)]


@pytest.mark.parametrize("agent", [Agent.GOAL, Agent.RECSYS])
def test_each_sees_the_same_tracks_in_both(agent: Agent) -> None:
    for own, shared in zip(requests("own", agent), requests("shared", agent), strict=True):
        assert own.media == shared.media and own.schema == shared.schema


@pytest.mark.parametrize("agent", [Agent.GOAL, Agent.RECSYS])
def test_the_offline_model_answers_either(agent: Agent) -> None:
    model = OfflineChatModel()
    for request in requests("shared", agent):
        reply = model.invoke(langchain_messages(request.messages))
        assert set(parse_answer(str(reply.content), "json")) == set(request.schema["properties"])


def test_today_s_digest_does_not_know_of_the_shared_templates() -> None:
    ours = prompts()
    assert ours.digest_all() != ours.laid_out("shared").digest_all()
    assert not any(name.startswith("shared/") for name in ours.source_digests())
    assert any(name.startswith("shared/") for name in ours.laid_out("shared").source_digests())


@pytest.mark.parametrize(
    ("models", "modalities", "layout"),
    [
        ({}, {}, "shared"),
        ({Agent.GOAL: "offline"}, {}, "own"),
        ({Agent.RECSYS: "google_genai:gemini-2.5-pro"}, {}, "own"),
        ({}, {Agent.RECSYS: ("text",)}, "own"),
    ],
)
def test_the_pool_comes_first_where_one_real_model_is_both(
    models: dict[Agent, str], modalities: dict[Agent, tuple[Modality, ...]], layout: str
) -> None:
    named = {agent: models.get(agent, "google_genai:gemini-2.5-flash") for agent in Agent}
    specs = {agent: ModelSpec(name=name, thinking_budget=None) for agent, name in named.items()}
    assert cheaper_layout(specs, {**MODALITIES, **modalities}, prompts()) == layout


def test_a_template_of_the_user_s_own_is_never_dropped() -> None:
    mine = PromptLibrary({"recsys/pool.j2": "{{ view.pool | length }} tracks"})
    specs = dict.fromkeys(Agent, ModelSpec(name="google_genai:gemini-2.5-flash"))
    assert cheaper_layout(specs, MODALITIES, mine) == "own"
    with pytest.raises(ConfigError, match=r"'recsys/pool\.j2': the layout 'shared' of prompts does not use"):
        mine.laid_out("shared")
    with pytest.raises(ConfigError, match="--prompt-layout shared"):
        PromptLibrary({"shared/pool.j2": "{{ cards | length }}"}).laid_out("own")

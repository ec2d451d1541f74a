"""Which values are secret to whom, and which are too short to look for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from segue.evaluation.secrets import SHORTEST, Secret, secrets_of
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.playing import play
from support.state.states import first_state

PLAIN = Partition()


@pytest.fixture
async def channels() -> dict[str, Any]:
    return await play(first_state(turns=2), ScriptedCalls(plain_answers))


def found(channels: dict[str, Any], agent: Agent, partition: Partition = PLAIN) -> list[Secret]:
    return list(secrets_of(channels, agent, partition))


def values(channels: dict[str, Any], agent: Agent, information: Information) -> list[str]:
    return [s.value for s in found(channels, agent) if s.information is information]


@pytest.mark.parametrize(
    ("agent", "hidden"),
    [
        (Agent.PROFILE, {"pool", "goal templates", "goal", "listener notes", "recsys notes"}),
        (Agent.GOAL, {"profiling tracks", "goal", "listener notes", "recsys notes"}),
        (Agent.LISTENER, {"pool", "goal templates", "recsys notes"}),
        (Agent.RECSYS, {"profiling tracks", "goal templates", "goal", "listener notes"}),
    ],
)
async def test_each_agent_s_secrets_are_what_the_table_denies_it(
    channels: dict[str, Any], agent: Agent, hidden: set[str]
) -> None:
    assert {s.information.value for s in found(channels, agent)} == hidden


async def test_a_goal_s_wish_and_examples_are_secret_and_its_codes_are_not(channels: dict[str, Any]) -> None:
    wanted = values(channels, Agent.RECSYS, Information.GOAL)
    assert len(wanted) == 7 and "secret goal to find sea songs of one kind" in wanted
    assert not {"A", "LL", "A-LL", "neutral"} & set(wanted)


async def test_every_template_drawn_is_secret(channels: dict[str, Any]) -> None:
    texts = values(channels, Agent.RECSYS, Information.GOAL_TEMPLATES)
    assert len(texts) == 3 * 7
    assert [t for t in texts if "wants a certain thing" in t] == [
        f"template {name} wants a certain thing" for name in ("A-LL", "B-HL", "K-LH")
    ]


async def test_every_thought_is_secret_the_verdict_s_too(channels: dict[str, Any]) -> None:
    thoughts = [f"secret listener thought {turn}" for turn in (1, 2, 3)]
    assert values(channels, Agent.RECSYS, Information.LISTENER_NOTES) == thoughts
    assert values(channels, Agent.LISTENER, Information.RECSYS_NOTES) == [
        f"secret recsys thought {turn}" for turn in (1, 2)
    ]


async def test_a_hidden_track_is_known_by_id_lyrics_clip_and_cover(channels: dict[str, Any]) -> None:
    hidden = values(channels, Agent.RECSYS, Information.PROFILING_TRACKS)
    assert hidden[:4] == [
        "profiling-track-00",
        "profiling lyrics about number 00 and the sea",
        "00profilingaudio",
        "00profilingimage",
    ]
    assert len(hidden) == 5 * 4


async def test_what_was_played_is_no_secret_to_the_listener(channels: dict[str, Any]) -> None:
    hidden = values(channels, Agent.LISTENER, Information.POOL)
    assert {"pool-track-00", "pool-track-01"} & set(hidden) == set()
    assert "pool-track-02" in hidden
    assert "pool-track-00" in values(channels, Agent.PROFILE, Information.POOL)


async def test_a_grant_ends_the_secret(channels: dict[str, Any]) -> None:
    widened = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)}))
    left = Counter(s.information for s in found(channels, Agent.RECSYS, widened))
    assert Information.GOAL not in left and left[Information.LISTENER_NOTES] == 3


def test_nothing_is_secret_before_there_is_anything() -> None:
    state = first_state(goal_templates=[], profiling_ids=[], pool_ids=[])
    assert [s for agent in Agent for s in found(state, agent)] == []


@pytest.mark.parametrize(
    ("value", "exact", "searchable"),
    [
        ("x" * SHORTEST, False, True),
        ("x" * (SHORTEST - 1), False, False),
        ("x" * (SHORTEST - 1), True, True),
    ],
)
def test_short_words_turn_up_by_chance_and_are_not_searched_for(
    value: str, exact: bool, searchable: bool
) -> None:
    assert Secret(Information.GOAL, value, exact).searchable is searchable


def test_a_track_id_of_a_few_characters_is_not_searched_for() -> None:
    state = first_state()
    state["tracks"]["7"] = {**state["tracks"]["profiling-track-00"], "track_id": "7"}
    hidden = found({**state, "profiling_ids": ["7", "profiling-track-01"]}, Agent.RECSYS)
    by_value = {s.value: s.searchable for s in hidden}
    assert by_value["7"] is False and by_value["profiling-track-01"] is True

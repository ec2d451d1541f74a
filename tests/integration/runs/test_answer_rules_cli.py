"""Servers that answer as small models do: stubborn, in circles, in our own words. Nothing of it gets into the data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.command import Command
from support.models.openai_server import Answering, Messages, OpenAIServer, offline_words

pytest.importorskip("langchain_openai")

PLAY = ("run", "--turns", 2, "--modalities", "text", "--allow-unpriced", "--json")
LOOP = "Sam's Town and The Killers, " * 40

Spoilt = Callable[[dict[str, Any], Messages], str]


def spoiling(spoil: Spoilt) -> Answering:
    """The offline model, whose answers `spoil` makes worse."""
    sound = offline_words()
    return lambda messages, seed: spoil(json.loads(sound(messages, seed)), messages)


def is_repair(messages: Messages) -> bool:
    return "could not be used" in messages[-1]["content"]


def insists_on(count: int) -> Spoilt:
    def spoil(fields: dict[str, Any], messages: Messages) -> str:
        if "choice" in fields:
            fields["choice"]["target_turn_count"] = count
        if "target_turn_count" in fields:
            fields["target_turn_count"] = count
        return json.dumps(fields)

    return spoil


def goes_round(fields: dict[str, Any], messages: Messages) -> str:
    return json.dumps(fields if is_repair(messages) else {**fields, "thought": LOOP})


def says_it_back(fields: dict[str, Any], messages: Messages) -> str:
    if is_repair(messages):
        return json.dumps(fields)
    form = next(m["content"] for m in reversed(messages) if '\nthought: "' in m["content"])
    told = form.rpartition("\nthought: ")[2].partition("\n")[0]
    return json.dumps({**fields, "thought": json.loads(told)})


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 8])
def test_a_model_that_always_says_one_number_loses_no_conversation(command: Command, count: int) -> None:
    with OpenAIServer(answering=spoiling(insists_on(count))) as server:
        rows = command(
            *PLAY, "--sessions", 4, "--turns", 1, "--model", "openai:smollm2", "--base-url", server.address
        ).rows
    assert [row["status"] for row in rows] == ["done"] * 4
    adjusted = 0
    for row in rows:
        goal = command.show(row["thread_id"])["goal"]
        [step] = [s for s in command("history", row["thread_id"], "--json").rows if s["agent"] == "goal"]
        if step["outcome"] == "adjusted":
            adjusted += 1
            assert f"target_turn_count {count} is outside of" in step["adjusted"]
            assert f"{goal['target_turn_count']} was taken" in step["adjusted"]
            assert "target_turn_count must be from" in step["problems"][0]
    assert adjusted
    assert command("replay", "--verify").out.count("checkpoints equal") == 4
    assert command("audit", "--json").document["sound"]


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [goes_round, says_it_back])
def test_what_went_round_is_asked_anew_warmer_and_can_be_replayed(command: Command, spoil: Spoilt) -> None:
    with OpenAIServer(answering=spoiling(spoil)) as server:
        where = ("--model", "openai:smollm2", "--base-url", server.address)
        [row] = command(*PLAY, *where).rows
    assert row["status"] == "done"
    first, again = server.asked[0::2], server.asked[1::2]
    assert len(first) == len(again) == 7, "each question was put twice"
    assert [body.get("temperature") for body in first] == [None] * 7
    assert [body["temperature"] for body in again] == [1.2] * 7
    for one, two in zip(first, again, strict=True):
        assert len(one["messages"]) == len(two["messages"])
        fields = two["response_format"]["json_schema"]["schema"]["properties"].values()
        assert not any("description" in field for field in fields)
        assert LOOP[:40] not in str(two)
    assert command.alone("replay", row["thread_id"], "--verify", "--json").rows[0]["recorded_calls"] == 14
    report = command("audit", "--json").document
    assert report["sound"] and sum(report["requests"].values()) == 14


def test_the_first_rules_can_be_asked_for_and_are_replayed_as_they_were(command: Command) -> None:
    with OpenAIServer(answering=spoiling(goes_round)) as server:
        where = ("--model", "openai:smollm2", "--base-url", server.address, "--answer-rules", 1)
        [row] = command(*PLAY, *where, "--no-stream").rows
    assert row["status"] == "done" and len(server.asked) == 7, "they do not know a loop"
    schema = server.asked[1]["response_format"]["json_schema"]["schema"]["properties"]
    assert "template_id" in schema and not any("maxLength" in field for field in schema.values())
    command("replay", row["thread_id"], "--verify")


@pytest.mark.slow
def test_the_offline_model_can_be_played_under_the_second_rules(command: Command) -> None:
    [row] = command("run", "--turns", 2, "--answer-rules", 2, "--json").rows
    [as_ever] = command("run", "--turns", 2, "--json").rows
    assert row["status"] == "done" and row["thread_id"] != as_ever["thread_id"]
    command("replay", "--verify")

"""Gemini on the command line, at a loopback address: whole conversations, faults, and a process that is killed."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from support.command import Command, signalled
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer
from support.gemini.serving import question

GEMINI = ("--model", "google_genai:gemini-2.5-flash", "--modalities", "text", "--json")
KEY = {"GOOGLE_API_KEY": "test"}
FAULTY = (
    *(Fault.INTERNAL, Fault.DROPPED, Fault.GARBLED, Fault.MALFORMED, Fault.TRUNCATED, Fault.UNKNOWN_ID),
    *(Fault.REPEATED_ID, Fault.EMPTY_FIELD, Fault.BLOCKED_ANSWER, Fault.EMPTY_TEXT, Fault.NO_CANDIDATES),
)
RATE = 0.2


@pytest.mark.slow
def test_eight_turns(command: Command, gemini: GeminiServer) -> None:
    [row] = command("run", *GEMINI, "--base-url", gemini.url, **KEY).rows
    assert (row["status"], row["turns"], row["model_calls"]) == ("done", 8, 19)
    assert len(gemini.exchanges) == 19 and {e.key for e in gemini.exchanges} == {"test"}
    usages = [exchange.usage for exchange in gemini.exchanges if exchange.usage]
    assert row["tokens"] == sum(usage["totalTokenCount"] for usage in usages)
    assert row["cost_usd"] > 0
    assert all(ask.budget == 0 for ask in gemini.asks), "thinking is off unless asked for"


@pytest.mark.slow
def test_legal_ids_shrink_from_turn_to_turn(command: Command, gemini: GeminiServer) -> None:
    [row] = command("run", *GEMINI, "--turns", 4, "--base-url", gemini.url, **KEY).rows
    document = command.show(row["thread_id"])
    offered = [ask.track_ids for ask in gemini.asks if ask.track_ids]
    picks = [turn["recsys"]["track_id"] for turn in document["turns"]]
    for number, ids in enumerate(offered):
        assert set(ids) == set(document["pool"]) - set(picks[:number])


def play_through_faults(command: Command, sessions: int, turns: int, seed: int = 0) -> list[dict[str, Any]]:
    """Documents of conversations that all ended well, run again for as long as one has failed."""
    plan = FaultPlan(rates=dict.fromkeys(FAULTY, RATE / len(FAULTY)), seed=seed)
    sizes = ("--sessions", sessions, "--turns", turns, "--seed", seed)
    flags = ("run", *GEMINI, *sizes, "--concurrency", 16)
    with GeminiServer(faults=plan) as server:
        for _ in range(4):
            with command.start(*flags, "--base-url", server.url, **KEY) as process:
                out, err = process.communicate(timeout=600)
            if process.returncode != 3:
                break
    rows = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 0, err
    drawn = Counter(exchange.fault for exchange in server.exchanges)
    assert sum(drawn.values()) - drawn[None] > RATE / 2 * len(server.exchanges), "faults were injected"
    assert [(row["status"], row["turns"]) for row in rows] == [("done", turns)] * sessions
    return command("replay", *(row["thread_id"] for row in rows), "--json").rows


def texts(value: Any) -> Iterator[str]:
    """Every string in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def check_document(document: dict[str, Any]) -> Counter[str]:
    """No invalid or repeated track, no empty field, and how each pick came about is recorded."""
    picks = [turn["recsys"]["track_id"] for turn in document["turns"]]
    assert len(set(picks)) == len(picks) and set(picks) <= set(document["pool"])
    spoken = [document["profile"], document["goal"], document["turns"], document["closing"]]
    assert all(text.strip() for text in texts(spoken))
    records = [record for record in document["records"] if record["agent"] == "recsys"]
    assert [record["turn"] for record in records] == [turn["turn"] for turn in document["turns"]]
    for record in document["records"]:
        assert record["attempts"] == len(record["calls"]) == len(record["problems"]) + 1
        assert record["outcome"] == ("repaired" if record["problems"] else "first answer")
    return Counter(record["outcome"] for record in document["records"])


@pytest.mark.slow
def test_ten_conversations_through_faults(command: Command) -> None:
    documents = play_through_faults(command, sessions=10, turns=2)
    outcomes = sum((check_document(document) for document in documents), Counter())
    assert outcomes["repaired"] > 0 and outcomes["first answer"] > 0


@pytest.mark.slow
def test_a_hundred_conversations_through_faults(command: Command) -> None:
    documents = [
        document
        for seed in range(4)
        for document in play_through_faults(command, sessions=25, turns=3, seed=seed)
    ]
    assert len({document["thread_id"] for document in documents}) == 100
    outcomes = sum((check_document(document) for document in documents), Counter())
    assert outcomes["repaired"] > 50
    with command.start("audit", "--json") as process:
        report = json.loads(process.communicate(timeout=600)[0])
    assert report["sound"] and report["threads"] == 100
    assert report["requests"] == report["rendered_equal"]


@pytest.mark.slow
def test_a_used_up_quota_stops_the_run_and_it_resumes(command: Command) -> None:
    flags = ("run", *GEMINI, "--sessions", 2, "--turns", 1, "--concurrency", 1)
    with GeminiServer(faults=FaultPlan([None, None, Fault.DAILY_QUOTA])) as server:
        stopped = command(*flags, "--base-url", server.url, code=1, **KEY)
        assert stopped.rows == [] and "the same command resumes" in stopped.err
        assert {row["status"] for row in command("threads", "--json").rows} == {"stopped"}
        assert len(server.exchanges) == 3, "nothing was asked after the quota was gone"
        done = command(*flags, "--base-url", server.url, **KEY)
    assert [row["status"] for row in done.rows] == ["done", "done"]
    answered = [exchange.raw for exchange in server.exchanges if exchange.status == 200]
    assert len(answered) == len(set(answered)) == 10


@pytest.mark.slow
@pytest.mark.parametrize("answered", [1, 9])
def test_a_killed_run_pays_for_no_call_twice_beyond_those_in_flight(command: Command, answered: int) -> None:
    sessions, width = 3, 3
    flags = ("run", *GEMINI, "--sessions", sessions, "--turns", 3, "--concurrency", width)
    with GeminiServer(latency=0.1) as server:

        def far_enough() -> bool:
            return sum(e.status == 200 for e in server.exchanges) >= answered

        with command.start(*flags, "--base-url", server.url, **KEY) as process:
            assert signalled(process, far_enough, signal.SIGKILL)[0] == -signal.SIGKILL
        before = len(server.exchanges)
        assert before < 27, "it was killed in the midst of it"
        done = command(*flags, "--base-url", server.url, **KEY)
    assert [(row["status"], row["model_calls"]) for row in done.rows] == [("done", 9)] * sessions
    asked = Counter(question(ask) for ask in server.asks)  # a call that is asked again may travel otherwise
    assert len(asked) == 9 * sessions
    assert len(server.exchanges) - len(asked) <= width, "only what was in flight was asked again"
    assert command("audit", "--json").document["sound"]

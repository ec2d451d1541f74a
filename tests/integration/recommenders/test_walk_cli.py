"""Walked conversations from the command line: by phrases of one's own, and by models behind loopback servers."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, signalled
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer
from support.models.openai_server import OpenAIServer

KEYS = {"OPENAI_API_KEY": "test", "GOOGLE_API_KEY": "test"}
GENERATE = ("walk", "generate", "--source", "artist", "--out", "walks.jsonl")
GEMINI = ("--model", "google_genai:gemini-2.5-flash")


def rows(command: Command) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (command.folder / "walks.jsonl").read_text("utf-8").splitlines()]


def test_a_model_writes_what_is_said_and_nothing_is_asked_twice(command: Command) -> None:
    with OpenAIServer() as server:
        flags = (*GENERATE, "--count", 3, "--model", "openai:tiny", "--base-url", server.address)
        done = command(*flags, "--json", **KEYS)
        assert done.document["conversations"] == 3 and done.document["left_out"] == {}
        assert "3 calls, about" in done.err and done.document["cost_usd"] is None
        first = rows(command)
        assert "is there already" in command(*flags, code=2, **KEYS).err
        command(*flags, "--overwrite", **KEYS)
        assert len(server.asked) == 3 and rows(command) == first
    assert {row["model"] for row in first} == {"openai:tiny"}
    assert command("threads", "--json").rows == [], "it is no conversation of the store's"


def test_phrases_of_one_s_own(command: Command) -> None:
    printed = command("walk", "phrases", "es").out
    (command.folder / "mine.yaml").write_text(printed.replace("¡Hola!", "¡Buenas!"), "utf-8")
    command(*GENERATE, "--count", 60, "--phrases", "mine.yaml", "--language", "es", "--workers", 1)
    said = [turn["user"] for row in rows(command) for turn in row["turns"]]
    assert not any("¡Hola!" in text for text in said) and any("¡Buenas!" in text for text in said)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--language", "fr"), "no phrases for the language 'fr'"),
        (("--language", "xx"), "no language 'xx' is known"),
        (("--max-cost", 1), "--max-cost goes with --model"),
        (("--repairs", 3), "--repairs goes with --model"),
        (("--model", "offline", "--phrases", "p.yaml"), "give one of the two"),
        (("--phrases", "p.yaml"), "cannot be read"),
        (("--model", "offline", "--language", "de"), "speaks English and Spanish, not German"),
        (("--model", "offline", "--prompt", "walk/none.j2=x"), "there is no template 'walk/none.j2'"),
        (("--model", "openai:tiny", "--extra-body", "["), "extra_body is not JSON"),
        (("--extra-body", "{}"), "--extra-body goes with --model"),
        (("--model", "nonsense"), "neither 'offline' nor 'provider:model'"),
    ],
)
def test_what_cannot_be_done_is_said(command: Command, flags: tuple[object, ...], said: str) -> None:
    assert said in command(*GENERATE, "--count", 3, *flags, code=2).err
    assert not (command.folder / "walks.jsonl").exists()


def test_walked_conversations_are_counted_and_audited(command: Command) -> None:
    command(*GENERATE, "--count", 20, "--workers", 1, SEGUE_MAX_COST="5")
    [counted] = command("stats", "walks.jsonl", "--json").rows
    assert counted["groups"]["all"]["conversations"] == 20 and counted["groups"]["all"]["artists"] is None
    only = ("--only", "repeats", "--only", "progress")
    [data] = command("audit", "--data", "walks.jsonl", *only, "--json").document["data"]
    found = {each["name"]: each for each in data["audits"]}
    assert data["conversations"] == 20 and found["repeats"]["metrics"][0]["of"] > 300
    assert "one track a turn" in command("judge", "--data", "walks.jsonl", "--model", "offline", code=2).err
    assert not found["progress"]["applicable"] and found["progress"]["lacking"] == ["progress"]


@pytest.mark.slow
def test_killed_in_the_middle_through_faults_it_loses_nothing(command: Command) -> None:
    faults = dict.fromkeys((Fault.UNAVAILABLE, Fault.DROPPED, Fault.MALFORMED, Fault.TRUNCATED), 0.03)
    with GeminiServer(faults=FaultPlan(rates=faults), latency=0.05, retry_s=0.01) as server:
        flags = (*GENERATE, "--count", 120, "--concurrency", 8, "--base-url", server.url, *GEMINI)

        def far_enough() -> bool:
            return sum(exchange.status == 200 for exchange in server.exchanges) >= 40

        with command.start(*flags, **KEYS) as process:
            assert signalled(process, far_enough, signal.SIGKILL)[0] == -signal.SIGKILL
        assert not (command.folder / "walks.jsonl").exists()
        before = len(server.exchanges)
        done = command(*flags, "--repairs", 5, "--json", **KEYS)
        assert done.document["conversations"] == 120 and before < len(server.exchanges)
        asked, whole = len(server.exchanges), (command.folder / "walks.jsonl").read_bytes()
        command(*flags, "--repairs", 5, "--overwrite", **KEYS)
        assert len(server.exchanges) == asked, "the third time everything is known"
        assert (command.folder / "walks.jsonl").read_bytes() == whole
    assert done.document["cost_usd"] > 0


@pytest.mark.slow
def test_a_cap_stops_it_and_more_resumes(command: Command) -> None:
    with GeminiServer() as server:
        flags = (*GENERATE, "--count", 12, "--concurrency", 1, "--base-url", server.url, *GEMINI)
        done = command(*flags, "--max-cost", 0.03, code=4, **KEYS)
        assert "the cap of $0.0300 is reached" in done.err and "the same command resumes" in done.err
        assert "at list price, if nothing is asked twice" in done.err
        assert not (command.folder / "walks.jsonl").exists() and 0 < len(server.exchanges) < 12
        command(*flags, **KEYS)
        assert len(server.exchanges) == 12 and len(rows(command)) == 12


@pytest.mark.slow
def test_batch_jobs_and_processes_give_the_same_bytes(command: Command, tmp_path: Path) -> None:
    with GeminiServer() as server:
        flags = (*GENERATE, "--count", 6, "--base-url", server.url, *GEMINI)
        command(*flags, **KEYS)
        direct = (command.folder / "walks.jsonl").read_bytes()
        for number, more in enumerate((("--batch",), ("--engine", "processes", "--workers", 2))):
            store = f"sqlite:///{tmp_path / f'{number}.db'}"
            command("--store", store, *flags, *more, "--overwrite", **KEYS)
            assert (command.folder / "walks.jsonl").read_bytes() == direct

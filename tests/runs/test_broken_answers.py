"""A conversation that failed because of any answer, however broken, is taken up again against a healthy server."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from segue.checkpoints.store.threads import Thread
from segue.core.errors import ModelSetupError
from segue.core.escaping import visible
from segue.core.stopping import StopSignal
from segue.models.limits import Backoff
from segue.runs.plan import RunPlan
from segue.runs.settings.config import RunConfig
from support.command import Command
from support.models.broken_answers import broken_answers, ollama_lines
from support.models.chat_server import Answer, Asked, ChatServer, any_answer, completion
from support.models.loopback import HttpResponse
from support.runs.staging import Staged, catalog, prompts, session, staged

TURNS = 1
SURROGATE = '{"thought": "x \ud83d", "message": "y\x00"}'
NULL_CHOICES = {**completion(""), "choices": None, "error": {"message": "overloaded", "code": 502}}
KNOWN = {
    "openai": [
        HttpResponse(200, json.dumps(completion(SURROGATE)).encode()),
        HttpResponse(200, json.dumps(NULL_CHOICES).encode()),
        HttpResponse(200, json.dumps({**completion(""), "choices": []}).encode()),
        HttpResponse(200, b'{"choices":[{"index":0,"message":{"role":"assistant","content":"\xff"}}]}'),
        HttpResponse(200, b"<html>login</html>"),
        HttpResponse(200, json.dumps({**completion("{}"), "usage": {"prompt_tokens": 10**400}}).encode()),
    ],
    "ollama": [
        HttpResponse(200, b"\n".join(json.dumps(line).encode() for line in ollama_lines(SURROGATE))),
        HttpResponse(200, json.dumps(ollama_lines("{}")[0]).encode() + b'\n{"error": "unexpected EOF"}'),
        HttpResponse(200, b'{"message":{"role":"assistant","content":"\xff"},"done":true}\n'),
    ],
}


def plan(kind: str, server: ChatServer) -> RunPlan:
    name, address = ("openai:gpt-x", server.openai) if kind == "openai" else ("ollama:m", server.url)
    config = RunConfig(modalities="text", model=name, base_url=address, turns=TURNS)
    return RunPlan.of(config, catalog(), prompts())


async def play(stage: Staged, kind: str, server: ChatServer) -> Thread:
    given = plan(kind, server).model_dump(mode="json")
    return await stage.conversations(**given).play(session(0))


async def play_broken(stage: Staged, kind: str, server: ChatServer) -> Thread:
    """What every call would be refused for stops the run, too; the conversation keeps it."""
    try:
        return await play(stage, kind, server)
    except ModelSetupError:
        [thread] = stage.runtime.threads.list()
        assert thread.status == "stopped"
        return thread


async def fail_and_heal(kind: str, broken: Sequence[HttpResponse], first: int, folder: Path) -> Thread:
    """Play against a server that breaks from its answer number `first` on, then against a healthy one."""

    def script(asked: Asked) -> Answer:
        return any_answer(asked) if asked.number < first else broken[asked.number % len(broken)]

    url = f"sqlite:///{folder / 'segue.db'}"
    with ChatServer(script) as server, staged(url, folder) as stage:
        stage.change(backoff=Backoff(tries=2, base_s=0.001))
        try:
            thread = await play_broken(stage, kind, server)
            assert thread.status in ("done", "failed", "stopped")
            if thread.status != "done":
                require_reason(thread)
            before = stage.line(thread)
            server.script = any_answer
            await stage.runtime.aclose()
            stage.change(signal=StopSignal())
            healed = await play(stage, kind, server)
            assert (healed.status, healed.thread_id) == ("done", thread.thread_id), healed.error
            assert stage.line(healed)[: len(before)] == before
        finally:
            await stage.runtime.aclose()
    return healed


def require_reason(thread: Thread) -> None:
    error: dict[str, Any] = dict(thread.error or {})
    assert not error["message"].startswith("unexpected") and error["hint"], error
    assert f"conversation {thread.thread_id}, turn " in error["message"], error
    assert visible(error["message"]) == error["message"], error


def read(command: Command, thread: str) -> None:
    """Every command that reads what was stored can read it."""
    assert command.show(thread)["status"] == "done"
    command("show", thread)
    command("replay", thread, "--verify")
    assert command("audit", "--json").document["sound"]
    command("export", "data")


ANSWERS = {"openai": broken_answers(ollama=False), "ollama": broken_answers(ollama=True)}
QUICK = settings(max_examples=4, suppress_health_check=list(HealthCheck), deadline=None)
LONG = settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
KIND = st.sampled_from(["openai", "ollama"])
SEVERAL = KIND.flatmap(lambda kind: st.tuples(st.just(kind), st.lists(ANSWERS[kind], min_size=1, max_size=3)))


def check(kind: str, broken: Sequence[HttpResponse], first: int, *, reading: bool) -> None:
    pytest.importorskip(f"langchain_{kind}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        thread = asyncio.run(fail_and_heal(kind, broken, first, folder))
        if reading:
            read(Command(folder, folder / "cache"), thread.thread_id)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "number"), [(kind, n) for kind in KNOWN for n in range(len(KNOWN[kind]))])
def test_what_is_known_to_have_broken(kind: str, number: int) -> None:
    check(kind, [KNOWN[kind][number]], 3, reading=number == 0)


@pytest.mark.slow
@QUICK
@given(SEVERAL, st.integers(1, 5))
@example(("openai", [HttpResponse(200, b"[" * 5000)]), 1)
@example(("openai", [HttpResponse(404, b"")]), 1)
@example(("openai", [HttpResponse(200, json.dumps(completion(r'{"\u001f": null}')).encode())]), 1)
def test_any_answer(several: tuple[str, list[HttpResponse]], first: int) -> None:
    check(*several, first, reading=False)


@pytest.mark.slow
@LONG
@given(SEVERAL, st.integers(1, 5))
def test_many_answers(several: tuple[str, list[HttpResponse]], first: int) -> None:
    check(*several, first, reading=first == 1)

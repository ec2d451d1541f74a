"""`segue audit`: sound on what segue made, and not on conversations with a leak planted in them."""

from __future__ import annotations

from importlib.resources import files

import pytest
from segue.checkpoints.store.schema import LEDGER
from segue.runs.runtime import thread_config
from segue.state.partition import TABLE
from segue.state.values import Agent
from support.command import Command, Played
from support.gemini_server import GeminiServer
from support.leaking import play_leaking
from support.staging import staged

RECSYS = files("segue.prompts") / "templates" / "recsys" / "system.j2"
KEYS = ["sound", "threads", "requests", "rendered_equal", "matrix", "findings"]
FINDING_KEYS = {"thread_id", "turn", "agent", "kind", "detail", "information"}


def test_normal_runs_are_sound(played: Played) -> None:
    report = played.command("audit", "--json").document
    assert list(report) == KEYS
    assert (report["sound"], report["threads"], report["findings"]) == (True, 2, [])
    assert report["requests"] == {"profile": 2, "goal": 2, "listener": 8, "recsys": 6}
    assert report["rendered_equal"] == report["requests"], "every request is its view's rendering"


def test_the_matrix_has_every_cell_and_looked_for_what_is_hidden(played: Played) -> None:
    matrix = played.command("audit", "--json").document["matrix"]
    assert list(matrix) == [agent.value for agent in Agent]
    for agent in Agent:
        assert list(matrix[agent]) == [rule.information.value for rule in TABLE]
        for entry in matrix[agent].values():
            assert list(entry) == ["rule", "searched", "too_short", "disclosed"]
    assert matrix["recsys"]["goal"]["rule"] == "never" and matrix["listener"]["goal"]["searched"] == 0
    searched = {
        "profile": ("pool", "goal templates"),
        "goal": ("profiling tracks",),
        "listener": ("pool", "goal templates", "recsys notes"),
        "recsys": ("profiling tracks", "goal templates", "goal", "listener notes"),
    }
    for name, hidden in searched.items():
        assert all(matrix[name][information]["searched"] > 0 for information in hidden)


@pytest.mark.slow
def test_one_thread_or_one_run_can_be_named(played: Played) -> None:
    run = played.command.show(played.thread)["run"]
    assert played.command("audit", played.thread[:6], "--json").document["threads"] == 1
    assert played.command("audit", "--run", run, "--json").document["threads"] == 2
    assert played.command("audit", "--run", "none", "--json").document["threads"] == 0
    assert "no thread 'zzzz'" in played.command("audit", "zzzz", code=1).err


def test_people_get_the_table(played: Played) -> None:
    out = played.command("audit").out
    for rule in TABLE:
        assert any(line.startswith(rule.information.value) for line in out.splitlines())
    assert "2 conversations, 18 requests, 18 equal to their view's rendering" in out
    assert out.endswith("the partition holds\n")


@pytest.mark.parametrize(
    ("passes_on", "information", "turn"), [("goal", "goal", 1), ("listener notes", "listener notes", 1)]
)
async def test_a_planted_leak_is_found_and_named(
    command: Command, passes_on: str, information: str, turn: int
) -> None:
    with staged(f"sqlite:///{command.folder}/segue.db", command.folder) as made:
        thread = await play_leaking(made, passes_on)
    report = command("audit", thread, "--json", code=1).document
    assert report["sound"] is False
    assert all(set(finding) == FINDING_KEYS for finding in report["findings"])
    leaks = [finding for finding in report["findings"] if finding["kind"] == "leak"]
    assert {(f["thread_id"], f["agent"], f["information"]) for f in leaks} == {
        (thread, "recsys", information)
    }
    assert leaks[0]["turn"] == turn and "in the bytes sent" in leaks[0]["detail"]
    changed = [finding for finding in report["findings"] if finding["kind"] == "mismatch"]
    assert [(f["turn"], f["agent"]) for f in changed] == [(1, "recsys"), (2, "recsys")]
    told = command("audit", thread, code=1).out
    assert f"leak: conversation {thread}, turn {turn}, agent recsys" in told
    assert "LEAKED" in told and "the partition holds" not in told


async def test_a_leak_is_found_among_sound_conversations(own: Command, played: Played) -> None:
    with staged(f"sqlite:///{own.folder}/segue.db", own.folder) as made:
        thread = await play_leaking(made, "goal")
    report = own("audit", "--json", code=1).document
    assert report["threads"] == 3
    assert {finding["thread_id"] for finding in report["findings"]} == {thread}


async def test_a_template_that_changed_since_is_reported_as_such(command: Command) -> None:
    """The thread ran under its own words for the recsys, and the store no longer says so."""
    words = RECSYS.read_text("utf-8") + "Speak of the sea."
    with staged(f"sqlite:///{command.folder}/segue.db", command.folder) as made:
        thread = await made.trunk(turns=1, prompt_overrides={"recsys/system.j2": words})
        assert command("audit", "--json").document["sound"], "its own words are part of the thread"
        await made.threads.update(thread, config={**thread.config, "prompt_overrides": {}})
    report = command("audit", "--json", code=1).document
    assert [(f["kind"], f["turn"], f["agent"]) for f in report["findings"]] == [("template", 1, "recsys")]
    assert report["findings"][0]["detail"] == "recsys/system.j2 changed since the call was made"


async def test_a_lost_call_is_reported(command: Command) -> None:
    with staged(f"sqlite:///{command.folder}/segue.db", command.folder) as made:
        thread = await made.trunk(turns=1)
        lost = made.runtime.saver.get_tuple(thread_config(thread.thread_id, 1))
        assert lost is not None
        [key] = lost.checkpoint["channel_values"]["records"][-1]["calls"]
        await made.store.submit(lambda c: c.execute(LEDGER.delete().where(LEDGER.c.key == key)))
    [finding] = command("audit", "--json", code=1).document["findings"]
    assert (finding["kind"], finding["agent"], finding["turn"]) == ("missing", "listener", 2)
    assert key in finding["detail"]


def test_the_audit_needs_no_key(command: Command, gemini: GeminiServer) -> None:
    flags = ("--modalities", "text", "--turns", 1, "--model", "google_genai:gemini-2.5-flash")
    command("run", *flags, "--base-url", gemini.url, GOOGLE_API_KEY="test")
    assert command("audit", "--json").document["sound"]

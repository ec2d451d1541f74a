"""`segue audit`: sound on what segue made, and not on conversations with a leak planted in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

import pytest
from segue.checkpoints.store.schema import LEDGER
from segue.runs.runtime import thread_config
from segue.state.partition import TABLE
from segue.state.values import Agent
from support.agents.leaking import play_leaking
from support.command import Command, Played
from support.gemini.server import GeminiServer
from support.models.openai_server import Messages, OpenAIServer, offline_words
from support.runs.staging import staged

RECSYS = files("segue.prompts") / "templates" / "recsys" / "system.j2"
KEYS = ["sound", "threads", "requests", "rendered_equal", "unfinished", "matrix", "findings"]
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
    assert "no run 'none'" in played.command("audit", "--run", "none", code=1).err
    assert "no thread 'zzzz'" in played.command("audit", "zzzz", code=1).err


def test_people_get_the_table(played: Played) -> None:
    out = played.command("audit").out
    for rule in TABLE:
        assert any(line.startswith(rule.information.value) for line in out.splitlines())
    assert "2 conversations, 18 requests, 18 equal to their view's rendering" in out
    assert out.endswith("the partition holds\n")


def test_nothing_is_no_proof(own: Command) -> None:
    own("delete", own("runs", "--json").rows[0]["run"], "--yes")
    done = own("audit", code=1)
    assert "there is no conversation to audit" in done.err and done.out == ""
    done = own("replay", "--verify", code=1)
    assert "there is no conversation to replay" in done.err and done.out == ""


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


@pytest.mark.slow
async def test_a_leak_is_found_among_sound_conversations(own: Command, played: Played) -> None:
    with staged(f"sqlite:///{own.folder}/segue.db", own.folder) as made:
        thread = await play_leaking(made, "goal")
    told = own("audit", "--json", code=1)
    report = told.document
    assert report["threads"] == 3 and own("audit", "--json", "--workers", 2, code=1).out == told.out
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


PLAY = ("run", "--turns", 2, "--modalities", "text", "--allow-unpriced", "--model", "openai:m", "--json")


def says_nothing_for_picks(messages: Messages, seed: int) -> str:
    """Sound until the second pick, which stays a track that is not there, a loop, or no JSON at all."""
    sound = offline_words()(messages, seed)
    if not any("<request turn=2 " in message["content"] for message in messages):
        return sound
    return ('{"thought": "it fits", "track_id": "none", "message": "Here."}', "la " * 200, "no")[seed % 3]


@pytest.fixture
def failed(command: Command) -> Iterator[tuple[Command, str, str]]:
    """A conversation whose second pick failed, and the address of its server."""
    pytest.importorskip("langchain_openai")
    with OpenAIServer(answering=says_nothing_for_picks) as server:
        [row] = command(*PLAY, "--base-url", server.address, code=3).rows
        yield command, row["thread_id"], server.address


def test_requests_of_a_node_that_failed_are_checked_and_counted(failed: tuple[Command, str, str]) -> None:
    command, _, address = failed
    report = command("audit", "--json").document
    assert report["sound"] and report["requests"] == report["rendered_equal"]
    assert sum(report["requests"].values()) == command("threads", "--json").rows[0]["model_calls"] == 8
    assert report["unfinished"] == {"profile": 0, "goal": 0, "listener": 0, "recsys": 3}
    assert "3 of the requests are of nodes that failed or were stopped" in command("audit").out
    command("run", *PLAY[1:], "--base-url", address, code=3)
    again = command("audit", "--json").document
    assert again["sound"] and again["unfinished"]["recsys"] == 6, "the next three follow the first"


def test_a_leak_in_a_request_of_a_node_that_failed_is_found(failed: tuple[Command, str, str]) -> None:
    command, *_ = failed
    with sqlite3.connect(command.folder / "segue.db") as store:
        [other] = store.execute("SELECT request FROM ledger WHERE agent = 'goal'").fetchone()
        last = "agent = 'recsys' AND turn = 2 AND attempt = 2"
        assert store.execute(f"UPDATE ledger SET request = ? WHERE {last}", (other,)).rowcount == 1
    report = command("audit", "--json", code=1).document
    found = {(f["kind"], f["turn"], f["agent"], f["information"]) for f in report["findings"]}
    hidden = {("leak", 2, "recsys", information) for information in ("goal templates", "truth of the goal")}
    assert found == {("template", 2, "recsys", None), *hidden}


def test_the_audit_needs_no_key(command: Command, gemini: GeminiServer) -> None:
    flags = ("--modalities", "text", "--turns", 1, "--model", "google_genai:gemini-2.5-flash")
    command("run", *flags, "--base-url", gemini.url, GOOGLE_API_KEY="test")
    assert command("audit", "--json").document["sound"]

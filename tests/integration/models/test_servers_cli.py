"""Models on servers of one's own, from the command line: several at once, each at its address."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from support.command import Command
from support.gemini.server import GeminiServer
from support.models.openai_server import OpenAIServer, Served

pytest.importorskip("langchain_openai")

SIZE = ("--turns", 2, "--modalities", "text", "--allow-unpriced", "--json")


def test_two_addresses_and_two_providers_in_one_run(command: Command, gemini: GeminiServer) -> None:
    with OpenAIServer(Served("small")) as small, OpenAIServer(Served("large")) as large:
        [row] = command(
            *("run", *SIZE, "--sessions", 1, "--model", "google_genai:gemini-2.5-flash"),
            *("--listener-model", "openai:small", "--recsys-model", "openai:large"),
            *("--base-url", gemini.url, "--base-url", f"openai={small.address}"),
            *("--base-url", f"recsys={large.address}"),
            GOOGLE_API_KEY="test",
        ).rows
    assert row["status"] == "done"
    assert [len(server.asked) for server in (small, large)] == [3, 2], "opening, two reactions; two picks"
    assert len(gemini.exchanges) == 2, "profile and goal"
    assert {body["model"] for body in small.asked} == {"small"}


def asked_forms(server: OpenAIServer) -> list[str | None]:
    """What each request asks to be enforced."""
    return [(body.get("response_format") or {}).get("type") for body in server.asked]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("takes", "formats"),
    [({"json_object"}, ["json_schema", "json_object"]), (set(), ["json_schema", "json_object", None])],
)
def test_a_server_without_schemas_is_asked_for_less_which_a_replay_and_a_branch_find_again(
    command: Command, takes: set[str], formats: list[Any]
) -> None:
    named = ("--model", "openai:smollm2", "--no-preflight", "--concurrency", 1)
    with OpenAIServer(Served(takes=frozenset(takes))) as server:
        done = command("run", *SIZE, "--sessions", 2, *named, "--base-url", server.address)
        ids = [row["thread_id"] for row in done.rows]
        forms = asked_forms(server)
        assert list(dict.fromkeys(forms)) == formats
        assert forms.count("json_schema") == 1, "every later conversation asks for less at once"
        assert done.err.count("from here on") == len(formats) - 1
        assert [row["status"] for row in done.rows] == ["done", "done"]
        asked = len(server.asked)
        command("replay", *ids, "--verify")
        command("audit", *ids)
        again = command("run", *SIZE, "--sessions", 2, *named, "--base-url", server.address)
        assert [row["thread_id"] for row in again.rows] == ids and len(server.asked) == asked
        place = ("branch", ids[0], "--turn", 2, "--agent", "recsys", "--count", 2)
        branch = (*place, "--allow-unpriced", "--json", "--base-url", server.address)
        made = command(*branch).rows
        assert set(asked_forms(server)[asked:]) == {formats[-1]}
        command("replay", made[1]["thread_id"], "--verify")
        assert [row["thread_id"] for row in command(*branch).rows] == [row["thread_id"] for row in made]


@pytest.mark.slow
def test_a_form_that_is_asked_for_by_name_is_kept_to(command: Command) -> None:
    with OpenAIServer(Served(takes=frozenset({"json_object"}))) as server:
        named = ("--model", "openai:smollm2", "--no-preflight", "--base-url", server.address)
        [row] = command("run", *SIZE, *named, "--answer-format", "json").rows
        assert row["status"] == "done" and set(asked_forms(server)) == {"json_object"}
        command("run", *SIZE, *named, "--answer-format", "schema", code=2)


@pytest.mark.slow
def test_another_model_than_asked_is_told_and_labels_the_data(command: Command) -> None:
    with OpenAIServer(Served(owner="llamacpp", name="/models/smollm2-135m.gguf")) as server:
        named = ("--model", "openai:no-such-model", "--base-url", server.address)
        done = command("run", *SIZE, *named)
    assert done.err.count("answers with smollm2-135m.gguf, whatever is asked for") == 1
    assert (
        len(server.probed) == 1
        and "context 32,768 tokens; 1 call at once; holds answers to a schema" in done.err
    )
    [row] = done.rows
    document, [listed] = command.show(row["thread_id"]), command("threads", "--json").rows
    wanted = {"model": "openai:smollm2-135m.gguf", "asked": "openai:no-such-model"}
    assert document["models"]["recsys"] == listed["models"]["recsys"] == wanted
    command("export", "data")
    [extras] = command.folder.glob("data/**/extras/*.parquet")
    told = str(pl.read_parquet(extras)["models"].to_list())
    assert told.count("openai:smollm2-135m.gguf") == 4 and "no-such-model" not in told


@pytest.mark.parametrize(
    ("served", "asked", "words"),
    [
        (Served("smollm2", knows=True), "openai:gpt-x", "there is no such model at"),
        (Served(key="secret-of-the-server"), "openai:smollm2", "wants another key (401)"),
        (Served(context=2000), "openai:smollm2", "its context of 2,000 tokens is too short: the "),
        (
            Served(context=2000, owner="llamacpp"),
            "openai:smollm2",
            "its context of 2,000 tokens is too short: the ",
        ),
    ],
)
def test_what_would_fail_every_conversation_stops_the_run_at_once(
    command: Command, served: Served, asked: str, words: str
) -> None:
    with OpenAIServer(served) as server:
        done = command("run", *SIZE, "--model", asked, "--base-url", server.address, code=2)
        assert words in done.err and not server.asked and len(server.probed) <= 1
        assert not command(
            "threads", "--json", code=1 if not (command.folder / "segue.db").exists() else 0
        ).rows
    assert "hint: " in done.err


@pytest.mark.parametrize(
    ("scheme", "words"), [("https", "does not speak TLS"), ("http", "nothing listens at")]
)
def test_another_protocol_and_a_closed_port_are_final_on_the_first_try(
    command: Command, scheme: str, words: str
) -> None:
    with OpenAIServer() as server:
        port = server.port
        if scheme == "https":
            done = command(*LOST, f"https://127.0.0.1:{port}/v1", code=2)
    if scheme == "http":
        done = command(*LOST, f"http://127.0.0.1:{port}/v1", code=2)
    assert words in done.err


LOST = ("run", *SIZE, "--model", "openai:smollm2", "--base-url")


@pytest.mark.slow
def test_preflight_finds_that_a_schema_is_not_heeded(command: Command) -> None:
    with OpenAIServer(Served(obeys=False)) as server:
        named = ("--model", "openai:smollm2", "--base-url", server.address)
        done = command("run", *SIZE, *named)
    assert "takes no schema, but JSON" in done.err and len(server.probed) == 2
    assert set(asked_forms(server)) == {"json_object"}
    command("replay", done.rows[0]["thread_id"], "--verify")


@pytest.mark.slow
def test_a_server_that_answers_under_another_name_is_told_of(command: Command) -> None:
    flags = ("run", *SIZE, "--sessions", 1, "--turns", 1, "--model", "openai:alias")
    with OpenAIServer(Served("org/large-7b")) as server:
        done = command(*flags, "--base-url", server.address)
    assert "says that org/large-7b answers" in done.err
    with OpenAIServer(Served("alias")) as server:
        assert "answers" not in command(*flags, "--base-url", server.address, "--seed", 1).err.split("run ")[
            0
        ].replace("holds answers to a schema", "")

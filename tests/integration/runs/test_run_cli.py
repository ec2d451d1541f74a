"""`segue run` as a user sees it: output, exit codes, determinism, independence, taking up where it stood."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from segue.cli.failure import run_app
from support.command import Command, Played, signalled
from support.gemini.server import GeminiServer

ROW_KEYS = ["thread_id", "session_id", "status", "turns", "model_calls", "tokens", "cost_usd"]
SHORT = ("--modalities", "text", "--turns", "2")
GEMINI = ("--model", "google_genai:gemini-2.5-flash")
KEY = {"GOOGLE_API_KEY": "test"}


def test_data_goes_to_stdout_and_words_to_stderr(played: Played) -> None:
    assert [list(row) for row in played.rows] == [ROW_KEYS, ROW_KEYS]
    assert [(r["status"], r["turns"], r["cost_usd"]) for r in played.rows] == [("done", 3, 0.0)] * 2
    assert "the demo catalogue" in played.err and "the offline model plays all agents" in played.err
    assert "2 done, 0 failed; kept in sqlite:///segue.db" in played.err
    assert "{" not in played.err and "\x1b" not in played.err


@pytest.mark.slow
def test_a_run_without_arguments_uses_the_demo_with_all_its_media(command: Command) -> None:
    done = command.alone("run", "--turns", 1)
    assert "modalities: text, audio, image" in done.err
    assert done.out.split()[1] == "done"
    tracks = command.show(done.out.split()[0])["tracks"]
    assert all(card["audio"]["seconds"] == 3.0 and card["image"]["digest"] for card in tracks.values())


def test_calls_are_counted(played: Played) -> None:
    """Profile, goal, and for three turns four times the listener and three times the recsys."""
    assert [row["model_calls"] for row in played.rows] == [9, 9]
    assert all(row["tokens"] > 0 for row in played.rows)


@pytest.mark.slow
def test_the_same_command_gives_the_same_bytes_in_another_store(played: Played, command: Command) -> None:
    flags = ("--modalities", "text", "--turns", 3, "--sessions", 2, "--json")
    again = command.alone("run", *flags, PYTHONHASHSEED="7")
    assert again.rows == played.rows
    for row in played.rows:
        shown = [c("show", row["thread_id"], "--json").out for c in (played.command, command)]
        assert shown[0] == shown[1]


@pytest.mark.slow
def test_another_seed_gives_other_conversations(played: Played, own: Command) -> None:
    other = own("run", "--modalities", "text", "--turns", 3, "--seed", 7, "--json").rows[0]
    assert other["session_id"] == played.rows[0]["session_id"]
    assert other["thread_id"] != played.thread
    first, second = own.show(played.thread), own.show(other["thread_id"])
    assert first["pool"] != second["pool"] and first["turns"] != second["turns"]


@pytest.mark.slow
def test_a_conversation_does_not_depend_on_those_beside_it(command: Command, tmp_path: Path) -> None:
    crowd = command("run", *SHORT, "--sessions", 7, "--concurrency", 4, "--json").rows
    assert len({row["thread_id"] for row in crowd}) == 7
    for row in (crowd[0], crowd[5]):
        alone = Command(tmp_path / row["thread_id"], command.cache)
        alone.folder.mkdir()
        assert alone("run", *SHORT, "--session", row["session_id"], "--json").rows == [row]
        assert alone.show(row["thread_id"]) == command.show(row["thread_id"])


def test_sessions_are_played_once_each_in_the_order_named(command: Command, played: Played) -> None:
    first, second = (row["session_id"] for row in played.rows)
    named = ("--session", second, "--session", first, "--session", second)
    assert [row["session_id"] for row in command("run", *SHORT, *named, "--json").rows] == [second, first]


def test_an_unknown_session_is_named(command: Command) -> None:
    failed = command("run", *SHORT, "--session", "nobody__1999-01-01", code=1)
    assert failed.out == ""
    assert "has no session 'nobody__1999-01-01'" in failed.err and "hint: " in failed.err


def test_running_again_repeats_nothing(own: Command, played: Played) -> None:
    before = own("threads", "--json").out
    again = own("run", "--modalities", "text", "--turns", 3, "--sessions", 2, "--json")
    assert again.rows == played.rows
    assert own("threads", "--json").out == before


@pytest.mark.slow
def test_more_sessions_of_a_run_are_added_to_it(own: Command, played: Played) -> None:
    more = own("run", "--modalities", "text", "--turns", 3, "--sessions", 3, "--json").rows
    assert more[:2] == played.rows
    assert len(own("threads", "--run", own.show(played.thread)["run"], "--json").rows) == 3


def test_show_prints_the_conversation(command: Command) -> None:
    out = command("run", *SHORT, "--show").out
    assert "turn 2" in out and "recsys" in out and "after the last track" in out


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--turns", "0"), 2, "--turns"),
        (("--turn", "3"), 2, "No such option"),
        (("--model", "gemini"), 2, "'gemini' is neither 'offline' nor 'provider:model'"),
        (("--model", "nowhere:model-1"), 2, "nowhere"),
        (("--recsys-model", "nowhere:model-1"), 2, "nowhere"),
        (("--modalities", "smell"), 2, "'smell' is not a modality"),
        (("--modalities", "audio"), 2, "must include text"),
        (("--pool-size", "500"), 1, "no session of 'demo' has 505 distinct tracks"),
        (("--catalog", "no-such-folder"), 2, "no-such-folder"),
        (("--model", "google_genai:gemini-2.5-flash", "--base-url", "ftp://x"), 2, "'ftp://x'"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_played(
    flags: tuple[str, ...],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_app(["run", *flags]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_a_missing_key_is_a_usage_error_that_names_the_variable(command: Command) -> None:
    failed = command("run", *SHORT, *GEMINI, code=2)
    assert "GOOGLE_API_KEY" in failed.err and "Traceback" not in failed.err
    assert failed.out == ""


@pytest.mark.slow
def test_a_refused_key_is_not_shown(command: Command) -> None:
    key = "AIza-this-key-must-never-be-seen"
    with GeminiServer(api_key="another") as server:
        address = ("--base-url", server.url, "--json")
        failed = command("run", *SHORT, *GEMINI, *address, code=2, GOOGLE_API_KEY=key)
    assert server.exchanges[0].key == key
    assert failed.rows == [], "what every call would be refused for ends the run"
    assert "not valid" in failed.err and key not in failed.err + failed.out
    [thread] = command("threads", "--json").rows
    shown = command("show", thread["thread_id"], "--json").out
    assert "not valid" in shown and key not in shown
    stored = b"".join(path.read_bytes() for path in command.folder.glob("segue.db*"))
    assert key.encode() not in stored


@pytest.mark.slow
def test_models_may_differ_from_agent_to_agent(command: Command, gemini: GeminiServer) -> None:
    mixed = ("--recsys-model", "google_genai:gemini-2.5-flash", "--base-url", gemini.url)
    done = command("run", *SHORT, *mixed, "--json", **KEY)
    assert "profile offline" in done.err and "recsys google_genai:gemini-2.5-flash" in done.err
    assert done.rows[0]["status"] == "done"
    assert len(gemini.exchanges) == 2 and all(ask.track_ids for ask in gemini.asks)


@pytest.mark.slow
def test_failures_end_with_code_3_and_the_same_command_goes_on(command: Command) -> None:
    def mute(ask: Any) -> str:
        return "{}"

    flags = ("run", *SHORT, *GEMINI, "--sessions", 2, "--json")
    with GeminiServer(mute) as server:
        failed = command(*flags, "--base-url", server.url, code=3, **KEY)
        assert len(server.exchanges) == 6, "two conversations, an answer and two repairs each"
    assert [row["status"] for row in failed.rows] == ["failed", "failed"]
    assert "0 done, 2 failed" in failed.err and "the same command tries the failed ones again" in failed.err
    error = command.show(failed.rows[0]["thread_id"])["error"]
    assert (error["type"], error["agent"], error["raw"]) == ("AnswerError", "profile", "{}")
    with GeminiServer() as server:
        done = command(*flags, "--base-url", server.url, **KEY)
        assert len(server.exchanges) == 2 * 7
    assert [row["status"] for row in done.rows] == ["done", "done"]
    assert [row["model_calls"] for row in done.rows] == [10, 10], "what was refused was paid for all the same"


@pytest.mark.slow
def test_an_interrupted_conversation_ends_as_an_uninterrupted_one(command: Command, played: Played) -> None:
    flags = ("run", "--modalities", "text", "--turns", 3, "--sessions", 2, "--json")
    with command.start(*flags, "--latency", 0.3) as process:
        assert process.stderr is not None
        said = process.stderr
        assert signalled(process, lambda: said.readline().startswith("run "), signal.SIGINT)[0] == 130
    assert command(*flags).rows == played.rows
    for row in played.rows:
        assert command.show(row["thread_id"]) == played.command.show(row["thread_id"])

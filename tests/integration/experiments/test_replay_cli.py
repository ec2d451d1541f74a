"""`segue replay`: the conversation from the store, and the proof that the ledger explains it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from support.command import Command, Played
from support.gemini.server import GeminiServer

RECSYS = files("segue.prompts") / "templates" / "recsys" / "system.j2"


def own_prompt(folder: Path, added: str) -> str:
    """`recsys=FILE` with the package's rules for the recsys, and a line more."""
    changed = folder / "my-recsys.j2"
    changed.write_text(RECSYS.read_text("utf-8") + added, encoding="utf-8")
    return f"recsys={changed}"


def test_a_replay_shows_the_conversation(played: Played) -> None:
    assert played.command("replay", played.thread, "--json").rows == [played.command.show(played.thread)]
    shown = played.command("show", played.thread, "--thoughts").out
    assert played.command("replay", played.thread, "--thoughts").out == shown


def test_verifying_compares_every_checkpoint_and_calls_no_model(played: Played) -> None:
    done = played.command("replay", played.thread, "--verify", "--json")
    assert done.rows == [
        {
            "thread_id": played.thread,
            "equal": True,
            "checkpoints": 13,
            "recorded_calls": 9,
            "model_calls": 0,
        }
    ]
    assert "13 checkpoints equal, 9 calls from the ledger, 0 to any model" in done.err


def test_the_whole_store_is_verified_branches_too(own: Command, played: Played) -> None:
    own("branch", played.thread, "--turn", 2, "--agent", "listener", "--say", "Louder, please.")
    own("branch", played.thread, "--turn", 3, "--agent", "recsys", "--seed", 4)
    done = own("replay", "--verify")
    assert done.out.count("checkpoints equal") == 4
    assert "4 conversations" in done.err


@pytest.mark.slow
def test_a_replay_needs_neither_key_nor_network(command: Command, gemini: GeminiServer) -> None:
    flags = ("--modalities", "text", "--turns", 1, "--model", "google_genai:gemini-2.5-flash")
    row = command("run", *flags, "--base-url", gemini.url, "--json", GOOGLE_API_KEY="test").rows[0]
    sent = len(gemini.exchanges)
    assert command.alone("replay", row["thread_id"], "--verify", "--json").rows[0]["recorded_calls"] == 5
    assert len(gemini.exchanges) == sent == 5


def test_another_template_stops_the_replay_with_a_diff_that_names_it(played: Played, tmp_path: Path) -> None:
    prompt = own_prompt(tmp_path, "Speak of the sea.")
    failed = played.command("replay", played.thread, "--verify", "--prompt", prompt, code=1)
    assert failed.out == ""
    assert f"conversation {played.thread}, turn 1, agent recsys" in failed.err
    assert "template recsys/system.j2: " in failed.err
    assert "+Speak of the sea." in failed.err
    assert "Traceback" not in failed.err


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("recsys", "it must be AGENT=FILE"),
        ("recsys=no-such-file.j2", "no-such-file.j2"),
        ("nobody=no-such-file.j2", "there is no template 'nobody/system.j2'"),
    ],
)
def test_a_template_that_cannot_be_used_is_named(played: Played, prompt: str, words: str) -> None:
    failed = played.command("replay", played.thread, "--verify", "--prompt", prompt, code=2)
    assert words in failed.err and "Traceback" not in failed.err


def test_a_template_that_does_not_render_is_named_with_its_line(played: Played, tmp_path: Path) -> None:
    prompt = own_prompt(tmp_path, "{{ goal }}")
    failed = played.command("replay", played.thread, "--verify", "--prompt", prompt, code=2)
    assert "recsys/system.j2" in failed.err and "'goal' is undefined" in failed.err


def test_replay_without_a_thread_asks_for_one(played: Played) -> None:
    failed = played.command("replay", code=2)
    assert "which conversation?" in failed.err and failed.out == ""

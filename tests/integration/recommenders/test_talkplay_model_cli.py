"""A language model from conversations to the chair, as a user makes one: codes, training, kill, scores, talk."""

from __future__ import annotations

import json
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest
from support.command import Command

for _name in ("torch", "transformers", "faiss", "wordllama", "bm25s"):
    pytest.importorskip(_name, reason="TalkPlay needs the extras talkplay and retrieval")

SMALL = (
    *("--epochs", 4, "--rows", 4, "--words", 400, "--width", 32, "--layers", 1, "--heads", 2),
    *("--descriptions", 2),
)


@pytest.mark.slow
def test_a_model_is_trained_killed_scored_and_seated(command: Command) -> None:
    command("run", "--sessions", 6, "--turns", 3, "--modalities", "text")
    command("talkplay", "data", "td")
    told = command("talkplay", "tokenize", "--data", "td", "--out", "codes", "--json").document
    assert told["size"] == 32 and told["tracks"] == 267 and told["used_share"] > 0.95
    again = command("talkplay", "tokenize", "--data", "td", "--out", "codes2", "--json").document
    assert again["digest"] == told["digest"]

    plan = command(
        "talkplay", "train", "codes", "td", "--out", "model", *SMALL, "--dry-run", "--json"
    ).document
    assert plan["music_tokens"] == 5 * 32 + 2 and not (command.folder / "model").exists()
    train = ("talkplay", "train", "codes", "td", *SMALL)
    command(*train, "--out", "whole", "--plot", "losses.png")
    assert (command.folder / "losses.png").stat().st_size > 5000
    _kill_after_a_checkpoint(command, *train, "--out", "model")
    summary = command(*train, "--out", "model", "--json").document
    assert len(summary["curves"]) == 4
    assert _weights(command.folder / "model") == _weights(command.folder / "whole")
    refused = command(*train, "--out", "model", code=2)
    assert "holds a trained model already" in refused.err

    report = command(
        *("talkplay", "evaluate", "td", "--system", "bm25", "--system", "talkplay:model", "--json")
    ).document
    assert "talkplay:model" in str(report) and report["exact_matches"] == {}
    looked_up = "talkplay:model(decode='lookup')"
    drawing = ("talkplay", "evaluate", "td", "--system", looked_up, "--plot", "turns.svg")
    drawn = command(*drawing)
    assert "sequences drawn that are the codes of some track" in drawn.out and "49.7 %" in drawn.out
    assert (command.folder / "turns.svg").stat().st_size > 5000
    assert "there already" in command(*drawing, code=2).err
    played = command(
        "run", "--sessions", 1, "--turns", 2, "--modalities", "text", "--recsys", "talkplay:model"
    )
    assert "0 failed" in played.out + played.err
    command("replay", "--verify")


@pytest.mark.slow
def test_it_is_reproduced_from_nothing_and_a_second_time_finds_all_done(command: Command) -> None:
    line = ("talkplay", "reproduce", "all", "--sessions", 4, "--repeats", 2, *SMALL, "--epochs", 1)
    line = (*line, "--simulated", 5, "--json")
    done = command(*line, "--plot", ".").document
    assert all((command.folder / name).stat().st_size > 5000 for name in ("turns.png", "losses.png"))
    learned = json.loads((command.folder / "all" / "data" / "data.json").read_text("utf-8"))
    simulated = (command.folder / "all" / "simulated" / "sessions.jsonl").read_text("utf-8").splitlines()
    assert learned["more"] and learned["counts"]["train_sessions"] > 2 and len(simulated) == 5
    looked_up = done["ablations"]["exact_matches"]["look-up of drawn codes"]
    assert looked_up["exact"]["of"] == done["turns"]
    assert done["conversations"] == 2 and set(done["skipped"]) == {"clap"}
    assert {"bm25", "talkplay", "rrf(bm25, talkplay)", "z(bm25, talkplay)"} <= set(done["systems"])
    left_out = done["ablations"]["differences"]
    assert {
        "tree of tuples",
        "look-up of drawn codes",
        "without self-similarity",
        "without lyrics codes",
    } <= set(left_out)
    assert len(done["losses"]) == 8 and all(len(curve) == 1 for curve in done["losses"].values())
    again = command(*line)
    assert again.document == done and "training" not in again.err.replace("hours of training", "")
    for count, told in ((0, "were made with simulated"), (6, "5 simulated sessions, not 6")):
        other = [count if before == "--simulated" else each for before, each in pairwise(("", *line))]
        refused = command(*other, code=2)
        assert told in refused.err and "another folder" in refused.err


def _kill_after_a_checkpoint(command: Command, *arguments: object) -> None:
    """End the training without a word once there is something to go on from."""
    kept = command.folder / "model" / "training.safetensors"
    with command.start(*arguments) as process:
        until = time.monotonic() + 240
        while not kept.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        process.kill()
        process.wait()
    assert kept.exists(), "it ended before it was killed"


def _weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_talk_answers_each_line_with_a_track(command: Command) -> None:
    from support.recommenders.untrained import few_cards, untrained_model

    untrained_model(command.folder / "model", few_cards())
    done = subprocess.run(
        command.line(("talkplay", "talk", "model", "--tokens")),
        cwd=command.folder,
        env=command.environment({}),
        input="something calm\n/tokens\nand now by somebody else\n\nnever read\n",
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=240,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("♪")]
    assert len(lines) == len(set(lines)) == 2
    assert done.stdout.count("<start_of_music>") == 1
    assert "tokens are hidden" in done.stderr

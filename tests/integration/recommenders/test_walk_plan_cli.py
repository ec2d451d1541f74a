"""Plans of `segue walk`: options by name from a file, flags above them, and what is wrong told by its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from support.command import Command

SMALL = "out: w.jsonl\ncount: 6\nturns: 4\nreplies: false\nsource: [artist]\nworkers: 1\n"


def write(command: Command, text: str) -> Path:
    path = command.folder / "plans" / "plan.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_plan_and_the_same_flags_give_the_same_bytes(command: Command) -> None:
    plan = write(command, SMALL)
    flags = ("--count", 6, "--turns", 4, "--no-replies", "--source", "artist", "--workers", 1)
    command("walk", "generate", plan)
    command("walk", "generate", "--out", "flags.jsonl", *flags)
    made = plan.with_name("w.jsonl").read_bytes()
    assert made == (command.folder / "flags.jsonl").read_bytes() and made.count(b"\n") == 6


def test_flags_win_and_a_plan_wins_over_the_environment(command: Command) -> None:
    plan = write(command, f"{SMALL}model: offline\nmax-cost: 5\nconcurrency: 2\n")
    done = command("walk", "generate", plan, "--count", 2, "--json", SEGUE_MAX_COST="-1")
    assert done.document["conversations"] == 2 and done.document["model"] == "offline"
    assert Path(done.document["file"]) == plan.with_name("w.jsonl")
    wrong = command("walk", "generate", plan, "--max-cost", -1, code=2).err
    assert "--max-cost" in wrong and "plan.yaml" not in wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("turnz: 3\n", "plan.yaml, line 1, key 'turnz': there is no such option; did you mean turns?"),
        ("count: many\n", "plan.yaml, line 1, key 'count': "),
        ("seed: 1\n\nturns: 99\n", "plan.yaml, line 3, key 'turns': "),
        ("count: 0\n", "plan.yaml, line 1, key 'count': must be 1 or more"),
        ("replies: maybe\n", "key 'replies': must be true or false, not 'maybe'"),
        ("least: [5, 6]\n", "key 'least': must be one value"),
        ("least: true\n", "key 'least': must not be true"),
        ("source: none\n", "plan.yaml, line 1, key 'source': there is no source of collections 'none'"),
        ("layout: round\n", "plan.yaml, line 1, key 'layout': there is no layout 'round'"),
        ("store: other.db\n", "key 'store': there is no such option"),
        ("turns: 2\nturns: 3\n", "'turns' is there twice"),
        ("turns:\n", "key 'turns': it has no value"),
        ("model: offline\nmax_cost: -3\n", "plan.yaml, line 2, key 'max_cost': "),
        ("- turns\n", "must hold `option: value` lines"),
        ("turns: [\n", "not YAML"),
    ],
)
def test_what_is_wrong_is_named(command: Command, text: str, said: str) -> None:
    failed = command("walk", "generate", write(command, text), "--out", "w.jsonl", code=2)
    assert said in failed.err
    assert not (command.folder / "w.jsonl").exists()


def test_a_plan_that_is_not_there_is_named(command: Command) -> None:
    failed = command("walk", "train", "nowhere.yaml", code=2)
    assert "nowhere.yaml: the plan cannot be read" in failed.err
    assert "`segue walk train --example` prints a plan" in failed.err


def test_paths_are_seen_from_the_plan_s_folder(command: Command) -> None:
    for name, text in {
        "train": "out: e\ncatalog: [a, b]\ntags: [t]\n",
        "reproduce": "out: s\ncpcd: dialogs\n",
    }.items():
        failed = command("walk", name, write(command, text), code=2).err
        assert f"plans{'/a' if name == 'train' else '/dialogs'}" in failed


def test_dialogs_to_rerank_by_are_seen_from_the_plan_s_folder(command: Command) -> None:
    pytest.importorskip("lightgbm", reason="the reranker needs the extra rerank")
    text = "out: e\nrerank: dialogs\n"
    assert "plans/dialogs" in command("walk", "train", write(command, text), code=2).err


def test_a_sentence_encoder_is_a_folder_beside_the_plan_or_a_name(command: Command) -> None:
    pytest.importorskip("lightgbm", reason="the reranker needs the extra rerank")
    text = "out: e\nrerank: walked\nsentence_encoder: {}\n"
    (command.folder / "plans" / "small").mkdir(parents=True)
    for name, said in {
        "small": "plans/small' cannot be loaded",
        "/nowhere": "'/nowhere' is no folder",
    }.items():
        assert said in command("walk", "train", write(command, text.format(name)), code=2).err
    failed = command("walk", "train", "--out", "e", "--sentence-encoder", "small", code=2).err
    assert "--sentence-encoder is for a reranker" in failed and "--rerank walked" in failed


@pytest.mark.parametrize("name", ["generate", "train", "reproduce"])
def test_the_example_names_every_option(command: Command, name: str) -> None:
    printed = command("walk", name, "--example").out
    said = yaml.safe_load(printed)
    assert set(said) == ({"out", "cpcd"} if name == "reproduce" else {"out"})
    assert all(len(line) <= 120 for line in printed.splitlines())
    assert f"segue walk {name}" in printed and "# seed: 0" in printed

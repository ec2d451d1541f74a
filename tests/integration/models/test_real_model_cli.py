"""A real small language model on the loopback address: short conversations, and all that follows from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from segue.prompts.library import PromptLibrary
from support.catalog.crowd import write_crowd
from support.command import Command
from support.models.llama_server import AGAINST_COPIES, MODELS, LlamaServer, serving

pytestmark = pytest.mark.slow

NAME = "smollm2"
SHORT = ("--sessions", 2, "--turns", 2, "--pool-size", 4, "--modalities", "text")
PATIENT = (
    "--temperature",
    0.7,
    "--extra-body",
    json.dumps(AGAINST_COPIES),
    "--repairs",
    14,
    "--timeout",
    300,
)


def write_bare_catalog(folder: Path) -> Path:
    """Two sessions of tracks of which little is known: short prompts, for a model that reads slowly."""
    tracks = write_crowd(folder, 2) / "tracks.jsonl"
    rows = [json.loads(line) for line in tracks.read_text(encoding="utf-8").splitlines()]
    known = ("track_id", "track_name", "artist_name", "album_name", "release_date")
    lines = [json.dumps({name: row[name] for name in known}) for row in rows]
    tracks.write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LlamaServer]:
    if missing := MODELS[NAME].missing():
        pytest.skip(missing)
    with serving(NAME, tmp_path) as running:
        yield running


def test_two_short_conversations_with_a_real_model_lose_nothing(
    command: Command, server: LlamaServer, tmp_path: Path
) -> None:
    asked = ("--model", f"openai:{NAME}", "--base-url", server.url, "--allow-unpriced", "--concurrency", 2)
    catalog = write_bare_catalog(tmp_path / "music")
    played = command("run", "--catalog", catalog, *SHORT, *asked, *PATIENT, "--json").rows

    assert [(row["status"], row["turns"]) for row in played] == [("done", 2)] * 2
    for row in played:
        shown = command.show(row["thread_id"])
        assert_legal(shown)
    replayed = command("replay", "--verify", "--json").rows
    assert [(row["equal"], row["model_calls"]) for row in replayed] == [(True, 0)] * 2
    command("audit")
    command("export", "out", "--no-pictures", "--split", "none", "--catalog", catalog)
    found = command("audit", "--data", "out", "--json", "--only", "echoes", "--only", "repeats").document
    assert [audit["found_total"] for audit in found["data"][0]["audits"]] == [0, 0]


def test_a_real_model_words_walks_and_what_it_cannot_word_is_left_out(
    command: Command, server: LlamaServer
) -> None:
    asked = ("--model", f"openai:{NAME}", "--base-url", server.url, "--allow-unpriced", "--timeout", 300)
    short = ("--count", 1, "--turns", 2, "--slate", 1, "--no-replies", "--source", "tag")
    line = ("walk", "generate", "--out", "w.jsonl", *short, *asked, "--repairs", 2, "--json")
    told = command(*line, code=(0, 3)).document
    assert told["conversations"] + len(told["left_out"]) == 1 and told["failed"] == {}
    path = command.folder / "w.jsonl"
    rows = [json.loads(text) for text in path.read_text("utf-8").splitlines()] if path.exists() else []
    assert len(rows) == told["conversations"] and {row["model"] for row in rows} <= {f"openai:{NAME}"}
    said = [turn["user"] for row in rows for turn in row["turns"]]
    assert all(any(map(str.isalpha, text)) and len(text) <= 440 for text in said)
    server.process.kill()
    assert command(*line, "--overwrite", "--no-preflight", code=(0, 3)).document == told, "all is kept"


def assert_legal(shown: dict[str, Any]) -> None:
    """What any answer must be, looked at in the data."""
    goal, turns = shown["goal"], shown["turns"]
    bands = {(t.topic, t.specificity): t.target_turns for t in PromptLibrary().goal_templates()}
    low, high = bands[goal["category"], goal["specificity"]]
    assert low <= goal["target_turn_count"] <= high
    tracks = [turn["recsys"]["track_id"] for turn in turns]
    assert len(set(tracks)) == len(tracks) == 2
    assert all(turn[side]["message"].strip() for turn in turns for side in ("listener", "recsys"))

"""`segue walk talk`: a person's lines through a pipe, answered with slates."""

from __future__ import annotations

import subprocess

import pytest
from support.command import Command

pytest.importorskip("wordllama", reason="the extra `dense` is not installed")


def talked(command: Command, said: str, *flags: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command.line(("walk", "talk", "walked", "--slate", 2, *flags)),
        cwd=command.folder,
        env=command.environment({}),
        input=said,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=240,
    )


def artists(out: str) -> list[str]:
    """Of the tracks on the slates, in their order."""
    return [line.split(" · ")[-1] for line in out.splitlines() if line.strip()[:1].isdigit()]


@pytest.mark.slow
def test_slates_answer_each_line_and_what_is_refused_is_taken_away(command: Command) -> None:
    command("walk", "train", "--out", "walked", "--conversations", 20, "--epochs", 1)
    said = "some soul please\n"
    first = artists(talked(command, said).stdout)
    assert len(first) == 2
    again = artists(talked(command, f"{said}1 2\nno more {first[0]}\n").stdout)
    assert again[:2] == first and len(again) == 6
    assert first[0] not in again[4:], "nothing more of whom was refused"
    [row] = talked(command, said, "--json").stdout.splitlines()
    assert row.startswith("{")


@pytest.mark.slow
def test_a_reranker_is_kept_and_ranks_in_a_talk_and_in_the_chair(command: Command) -> None:
    pytest.importorskip("lightgbm", reason="the extra `rerank` is not installed")
    train = ("walk", "train", "--out", "walked", "--conversations", 60, "--epochs", 1)
    assert "a reranker, fitted on" not in command(*train).out
    assert "of walked conversations" in command(*train, "--rerank", "walked").out
    card = command(*train, "--json").document
    assert card["reranker"]["learned_from"] == "walked conversations"
    assert len(artists(talked(command, "some soul please\n", "--rank", "rerank").stdout)) == 2
    command("run", "--turns", 2, "--recsys", "walk:walked(rank='rerank')")

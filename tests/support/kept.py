"""Stores that tests of the face and of the pages share, made once a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from .command import Command, Finished

PLAN: Final = """
name: does-the-goal-help
sessions: 2
base: {turns: 2, modalities: text}
turn: 2
agent: recsys
factors:
  sees_goal: {no: {}, yes: {grant: {recsys: [goal]}}}
measures: [progress]
"""
"""A small ablation."""


@dataclass(frozen=True)
class Kept:
    """Where the store is, and the first of its trunks."""

    url: str
    thread: str
    branch: str
    run: str


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Two trunks of three turns, and a branch of the first."""
    folder = tmp_path_factory.mktemp("kept")
    command = Command(folder, tmp_path_factory.mktemp("cache"))
    options = ("--modalities", "text", "--turns", 3, "--sessions", 2, "--seed", 1, "--name", "kept")
    first = command("run", *options, "--json").rows[0]["thread_id"]
    made = command(
        "branch", first, "--turn", 2, "--agent", "recsys", "--seed", 7, "--reason", "again", "--json"
    )
    row = made.rows[0]
    return Kept(f"sqlite:///{folder}/segue.db", first, row["thread_id"], row["run"])


def ablate(folder: Path, command: Callable[..., Finished]) -> None:
    """Play the ablation into the store of the command, which runs in the folder."""
    (folder / "plan.yaml").write_text(PLAN)
    command("ablate", "plan.yaml")

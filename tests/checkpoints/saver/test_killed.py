"""Killed at any instant: nothing finished is repeated, nothing is paid twice, the result is the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[2]


def killed_runs(url: str, folder: Path, runs: int, seed: int) -> list[dict[str, Any]]:
    """What `support/checkpoints/killing.py` found in `runs` conversations, each killed once."""
    (folder / "whole").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "support.checkpoints.killing", url, str(folder), str(runs), str(seed)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)["runs"]
    return found


def check(found: list[dict[str, Any]], runs: int) -> None:
    assert len(found) == runs
    assert all(run["equal"] for run in found), "a resumed conversation differs from the uninterrupted one"
    assert all(run["calls"] == run["needed"] for run in found), "the ledger holds other calls"
    assert all(run["paid"] - run["calls"] in (0, 1) for run in found), "finished calls were repeated"
    middle = [run for run in found if run["killed"] and 0 < run["paid_before_kill"] < run["needed"]]
    assert len(middle) >= runs // 2, "too few kills fell into a conversation to prove anything"


@pytest.mark.slow
def test_killed_conversations_go_on_as_if_nothing_had_been_on_sqlite(tmp_path: Path) -> None:
    check(killed_runs(f"sqlite:///{tmp_path}/killed.db", tmp_path, 8, 100), 8)


@pytest.mark.slow
def test_sixty_kills_on_sqlite(tmp_path: Path) -> None:
    check(killed_runs(f"sqlite:///{tmp_path}/killed.db", tmp_path, 60, 1000), 60)


@pytest.mark.slow
def test_sixty_kills_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    check(killed_runs(postgres_url, tmp_path, 60, 2000), 60)

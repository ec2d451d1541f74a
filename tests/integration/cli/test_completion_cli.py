"""What a shell completes: commands, ids of threads, names of runs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.command import TIME_LIMIT_S, Command, Played

AS_INSTALLED = "import sys; sys.argv[0] = 'segue'; from segue.cli import main; main()"


def completed(command: Command, line: str) -> list[str]:
    words = line.split(" ")
    asked = {"_SEGUE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", AS_INSTALLED],
        cwd=command.folder,
        env=command.environment(asked),
        capture_output=True,
        encoding="utf-8",
        timeout=TIME_LIMIT_S,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.slow
def test_commands_threads_and_runs_are_completed(played: Played) -> None:
    [run] = [row["run"] for row in played.command("runs", "--json").rows]
    ids = sorted(row["thread_id"] for row in played.rows)
    assert completed(played.command, "segue re") == ["retry", "replay", "rename", "recommender"]
    assert completed(played.command, "segue show ") == ids
    assert completed(played.command, f"segue compare {ids[0]} {ids[1][:6]}") == [ids[1]]
    assert completed(played.command, "segue export out --run ") == [run]
    assert completed(played.command, "segue cost ") == [run, *ids]


@pytest.mark.parametrize("line", ["segue --store none.db show ", "segue --store mysql://h/x runs "])
def test_where_there_is_no_store_there_is_nothing(played: Played, line: str) -> None:
    assert completed(played.command, line) == []

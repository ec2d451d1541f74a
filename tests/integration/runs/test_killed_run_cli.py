"""A large run against a faulty server, killed twice: everything is there in the end, and nothing was paid twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.catalog.crowd import write_crowd
from support.command import Command
from support.gemini.serving import Bill, serving

SIZE = {
    name: int(os.environ.get(f"SEGUE_TEST_{name.upper()}", usual))
    for name, usual in {"sessions": 40, "turns": 2, "width": 16}.items()
}
"""1000, 8 and 64 for the whole of it, which takes a while: SEGUE_TEST_SESSIONS=1000 SEGUE_TEST_TURNS=8 ..."""
CALLS = 3 + 2 * SIZE["turns"]
"""Profile, goal, listener and recsys on every turn, and the listener's last word."""
RATES = {"rate_limit": 0.02, "internal": 0.01, "malformed": 0.01}
KILLS = (0.25, 0.6)
"""Shares of all calls after which it is killed."""
LIMIT_S = 3600
LOOK_S = 0.2 if SIZE["sessions"] <= 100 else 2.0
"""Seconds between looks at what was answered."""


def run_until(command: Command, flags: tuple[object, ...], bill: Bill, answers: float) -> None:
    """Start the run and kill it after so many answers in all."""
    with (
        (command.folder / "said").open("a", encoding="utf-8") as said,
        subprocess.Popen(
            command.line(flags),
            cwd=command.folder,
            env=command.environment({"GOOGLE_API_KEY": "test"}),
            stdout=subprocess.DEVNULL,
            stderr=said,
        ) as process,
    ):
        while bill.answered() < answers:
            assert process.poll() is None, "it ended before it was killed"
            try:
                process.wait(LOOK_S)
            except subprocess.TimeoutExpired:
                continue
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def finish(command: Command, flags: tuple[object, ...]) -> list[dict[str, Any]]:
    """Run to the end, and retry what failed on answers that stayed malformed; the rows of the runs' manifest."""
    environ = command.environment({"GOOGLE_API_KEY": "test"})
    wanted: tuple[object, ...] = flags
    for _ in range(5):
        done = subprocess.run(
            command.line(wanted),
            cwd=command.folder,
            env=environ,
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode in (0, 3), done.stderr[-3000:]
        if done.returncode == 0:
            break
        wanted = ("retry", "large", "--errors", "--concurrency", SIZE["width"])
    return command("runs", "large", "--json").rows


@pytest.mark.slow
def test_a_large_run_killed_twice_has_everything_and_paid_nothing_twice(
    command: Command, tmp_path: Path
) -> None:
    catalog = write_crowd(tmp_path / "crowd", SIZE["sessions"])
    bill = Bill(tmp_path / "bill")
    flags = ("run", "--catalog", catalog, "--name", "large", "--modalities", "text", "--json")
    flags += ("--model", "google_genai:gemini-2.5-flash", "--turns", SIZE["turns"])
    flags += ("--sessions", SIZE["sessions"], "--concurrency", SIZE["width"])
    with serving(bill.file, latency=0.2, rates=RATES) as url:
        flags += ("--base-url", url)
        total = CALLS * SIZE["sessions"]
        for share in KILLS:
            run_until(command, flags, bill, share * total)
            standings = [row["status"] for row in command("runs", "large", "--json").rows]
            assert len(standings) == SIZE["sessions"]
            assert {"done", "running", "pending"} & set(standings), "it was killed in the midst of it"
        rows = finish(command, flags)
    check_rows(command, rows)
    faults = bill.faults()
    if SIZE["sessions"] >= 100:
        assert all(faults[name] for name in ("RATE_LIMIT", "INTERNAL", "MALFORMED"))
    paid = bill.paid()
    twice = sum(paid.values()) - len(paid)
    ledger = sum(row["model_calls"] for row in command("threads", "--json").rows)
    print(json.dumps({**SIZE, "calls": len(paid), "paid_twice": twice, "in_ledger": ledger, **faults}))
    in_flight = len(KILLS) * SIZE["width"]
    assert twice <= in_flight, (
        f"{twice} calls were answered twice, at most {in_flight} were in flight at the kills"
    )
    assert len(paid) == ledger, "what was paid for is in the ledger, each call once"
    assert command("store", "check", "--json").document["sound"]


def check_rows(command: Command, rows: list[dict[str, Any]]) -> None:
    """All conversations are there, whole and valid."""
    assert [row["status"] for row in rows] == ["done"] * SIZE["sessions"]
    assert (
        len({row["thread_id"] for row in rows})
        == len({row["session_id"] for row in rows})
        == SIZE["sessions"]
    )
    threads = [row["thread_id"] for row in rows]
    for start in range(0, len(threads), 200):
        for document in command("replay", *threads[start : start + 200], "--json").rows:
            check_document(document)


def check_document(document: dict[str, Any]) -> None:
    """No turn is missing, no track invalid or repeated, no text empty."""
    turns = document["turns"]
    assert [turn["turn"] for turn in turns] == list(range(1, SIZE["turns"] + 1))
    picks = [turn["recsys"]["track_id"] for turn in turns]
    assert len(set(picks)) == len(picks) and set(picks) <= set(document["pool"])
    said = [turn[agent]["message"] for turn in turns for agent in ("listener", "recsys")]
    assert all(text.strip() for text in said) and len(said) == 2 * SIZE["turns"]
    assert document["status"] == "done" and document["error"] is None

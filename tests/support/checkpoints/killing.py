"""Conversations in a child process that is killed at a random instant, then played on by another.

Run as a script: `python killing.py URL FOLDER RUNS SEED` prints one JSON object with what was found.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from langchain_core.outputs import ChatResult
from segue.models.factory import ChatModel
from segue.models.offline import OfflineChatModel
from segue.models.spec import ModelSpec
from segue.state.document import conversation

from support.runs.staging import catalog, prompts, staged

TURNS = 3
LATENCY = 0.004


class CountingModel(OfflineChatModel):
    """The offline model, which notes every answer in a file: what a provider would bill."""

    bill: str

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        result = await super()._agenerate(*args, **kwargs)
        number = os.open(self.bill, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(number, b"paid\n")
        os.close(number)
        return result


async def play(url: str, folder: Path, seed: int) -> dict[str, Any]:
    """Play the conversation of `seed` to its end and return its document."""

    def opening(spec: ModelSpec) -> ChatModel:
        bill = str(folder / f"bill-{seed}")
        return ChatModel(spec, CountingModel(latency=LATENCY, bill=bill))

    with staged(url, folder) as made:
        made.change(opening=opening)
        thread = await made.trunk(number=seed % 5, turns=TURNS, seed=seed)
        assert thread.status == "done", thread.error
        plan = made.plan(turns=TURNS, seed=seed)
        values = await made.runtime.values(thread.thread_id, plan)
        rows = made.ledger.rows(thread_ids=[thread.thread_id])
        return {"document": conversation(values), "calls": len(rows), "status": thread.status}


def child(url: str, folder: Path, seed: int) -> int:
    """Start playing in a forked process; its process id."""
    number = os.fork()
    if number:
        return number
    try:
        asyncio.run(play(url, folder, seed))
        os._exit(0)
    except BaseException:  # noqa: BLE001 - whatever it is, the child must end here
        os._exit(1)


def run_and_kill(url: str, folder: Path, seed: int, calls: int, delay: float) -> dict[str, Any]:
    """One conversation, killed `delay` seconds after its call number `calls`, then played on."""
    number = child(url, folder, seed)
    status = 0
    while paid(folder, seed) < calls:
        ended, status = os.waitpid(number, os.WNOHANG)
        assert not ended, f"the child ended by itself with status {status}"
        time.sleep(0.0005)
    time.sleep(delay)
    os.kill(number, signal.SIGKILL)
    _, status = os.waitpid(number, 0)
    paid_before = paid(folder, seed)
    resumed = asyncio.run(play(url, folder, seed))
    return {
        **resumed,
        "killed": os.WIFSIGNALED(status),
        "paid": paid(folder, seed),
        "paid_before_kill": paid_before,
    }


def paid(folder: Path, seed: int) -> int:
    bill = folder / f"bill-{seed}"
    return len(bill.read_bytes().splitlines()) if bill.exists() else 0


def main() -> None:
    url, folder, runs, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    catalog(), prompts()
    draw = random.Random(seed)
    found = []
    for index in range(runs):
        each = seed + index
        whole = asyncio.run(play(f"sqlite:///{folder}/whole.db", folder / "whole", each))
        # Before the first call, between any two, and at most a call's length after one: in its answer, its
        # commit, or the checkpoint's.
        calls = draw.randrange(whole["calls"])
        resumed = run_and_kill(url, folder, each, calls, draw.uniform(0.0, 3 * LATENCY))
        found.append(
            {
                "killed": resumed["killed"],
                "equal": resumed["document"] == whole["document"],
                "calls": resumed["calls"],
                "needed": whole["calls"],
                "paid": resumed["paid"],
                "paid_before_kill": resumed["paid_before_kill"],
            }
        )
    print(json.dumps({"runs": found}))


if __name__ == "__main__":
    main()

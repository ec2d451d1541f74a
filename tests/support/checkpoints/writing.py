"""Conversations written to a store by a process of its own: many at once, or until it is killed.

Run as a script: `python -m support.checkpoints.writing URL NAME TASKS STEPS` writes TASKS threads of STEPS checkpoints
at once and prints each checkpoint once it is stored: "thread step".
"""

from __future__ import annotations

import asyncio
import sys

from segue.checkpoints import SQLAlchemySaver

from support.checkpoints.saving import POOL, checkpoint_of, config_of, message


async def write(saver: SQLAlchemySaver, thread: str, steps: int) -> None:
    """One thread, each step put and printed after it is stored."""
    config = config_of(thread)
    for step in range(steps):
        values = {"pool": POOL, "messages": [message(thread, n) for n in range(step + 1)]}
        checkpoint = checkpoint_of(values, step + 1)
        metadata = {"source": "loop", "step": step, "parents": {}}
        config = await saver.aput(config, checkpoint, metadata, {"messages": step + 1})  # type: ignore[arg-type]
        await saver.aput_writes(config, [("messages", [message(thread, step + 1)])], f"task-{step}")
        print(thread, step, flush=True)


async def main(url: str, name: str, tasks: int, steps: int) -> None:
    async with SQLAlchemySaver.from_url(url) as saver:
        await asyncio.gather(*(write(saver, f"{name}-{n}", steps) for n in range(tasks)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))

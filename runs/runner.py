"""The runner: many conversations at once, bounded, each on its own feet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

from ..checkpoints.store.threads import Thread
from ..core.errors import BudgetError, Interrupted, QuotaError
from .conversation import Conversations

STOPS = (Interrupted, QuotaError, BudgetError)
"""How a conversation ends that was stopped; the signal knows why."""

HELD_PER_PLACE = 32
"""Finished conversations, for each that may run at once, that wait for an earlier one to be given out."""


async def play_all(
    conversations: Conversations, session_ids: Sequence[str], *, concurrency: int
) -> AsyncIterator[Thread]:
    """Play every session's conversation, at most `concurrency` at a time; threads come in order of sessions.

    Memory does not grow with the number of sessions: a conversation is begun when a place is free, and not while
    too many finished ones wait for a slow one before them. After the stop signal, conversations in flight end at
    their next call and nothing new begins.
    """
    waiting = iter(session_ids)
    running: set[asyncio.Task[Thread]] = set()
    ended: dict[str, Thread | None] = {}
    due = iter(session_ids)
    following = next(due, None)
    try:
        while True:
            if len(ended) < HELD_PER_PLACE * concurrency:
                _fill(running, waiting, conversations, concurrency)
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            ended |= {task.get_name(): _outcome(task) for task in done}
            while following in ended:
                thread = ended.pop(following)
                following = next(due, None)
                if thread is not None:
                    yield thread
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _outcome(task: asyncio.Task[Thread]) -> Thread | None:
    """The thread as it ended, None when it was stopped; anything else that went wrong is raised."""
    return None if isinstance(task.exception(), STOPS) else task.result()


def _fill(
    running: set[asyncio.Task[Thread]],
    waiting: Iterator[str],
    conversations: Conversations,
    concurrency: int,
) -> None:
    """Begin conversations until `concurrency` are running, unless a stop was asked for."""
    while len(running) < concurrency and not conversations.stage.signal.stopped:
        session_id = next(waiting, None)
        if session_id is None:
            return
        running.add(asyncio.create_task(conversations.play(session_id), name=session_id))

"""Many conversations: bounded, in order, each on its own feet, stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from segue.checkpoints.store.threads import Thread
from segue.core.errors import Interrupted, QuotaError
from segue.runs.conversation import Conversations
from segue.runs.runner import HELD_PER_PLACE, play_all
from support.staging import Staged, session

NAMES = [f"s{number}" for number in range(12)]


@dataclass
class Signal:
    stopped: bool = False


@dataclass
class Stage:
    signal: Signal = field(default_factory=Signal)


@dataclass
class Timed:
    """Conversations that take as many turns of the event loop as `length` says, and count themselves."""

    length: Callable[[str], int] = lambda name: 1
    ending: Callable[[str], Exception | None] = lambda name: None
    stage: Stage = field(default_factory=Stage)
    begun: list[str] = field(default_factory=list)
    running: int = 0
    peak: int = 0

    async def play(self, session_id: str) -> Thread:
        self.begun.append(session_id)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            for _ in range(self.length(session_id)):
                await asyncio.sleep(0)
            error = self.ending(session_id)
            if error is not None:
                self.stage.signal.stopped = isinstance(error, Interrupted | QuotaError)
                raise error
            return Thread(f"t-{session_id}", "run", session_id, {}, status="done")
        finally:
            self.running -= 1


async def names(timed: Timed, *, concurrency: int = 3, sessions: list[str] = NAMES) -> list[str]:
    played: Any = timed
    return [t.session_id async for t in play_all(played, sessions, concurrency=concurrency)]


@pytest.mark.parametrize("concurrency", [1, 3, 50])
async def test_threads_come_in_order_whatever_ends_first(concurrency: int) -> None:
    timed = Timed(length=lambda name: 40 - 3 * int(name[1:]))
    assert await names(timed, concurrency=concurrency) == NAMES
    assert timed.peak == min(concurrency, len(NAMES))


async def test_nothing_to_play_is_no_error() -> None:
    assert await names(Timed(), sessions=[]) == []


async def test_each_is_begun_when_a_place_is_free() -> None:
    timed = Timed(length=lambda name: 2)
    threads = play_all(timed, NAMES, concurrency=2)  # type: ignore[arg-type]
    assert (await anext(threads)).session_id == "s0"
    assert len(timed.begun) <= 4, "conversations are not begun before their time"
    await threads.aclose()  # type: ignore[attr-defined]
    assert timed.running == 0, "what was running is ended with the reader"


@pytest.mark.parametrize("error", [Interrupted("stopped"), QuotaError("used up")])
async def test_a_stop_begins_nothing_new_and_gives_what_was_finished(error: Exception) -> None:
    timed = Timed(ending=lambda name: error if name == "s4" else None)
    played = await names(timed, concurrency=2)
    assert set(timed.begun) <= set(NAMES[:7]) and "s4" not in played
    assert {"s0", "s1", "s2", "s3"} <= set(played)


async def test_any_other_error_is_raised_and_the_rest_ended() -> None:
    timed = Timed(
        length=lambda name: 9 * int(name[1:]), ending=lambda name: OSError("gone") if name == "s1" else None
    )
    with pytest.raises(OSError, match="gone"):
        await names(timed)
    assert timed.running == 0


async def test_real_conversations_side_by_side_are_those_played_alone(made: Staged) -> None:
    sessions = [session(number) for number in range(4)]
    conversations: Conversations = made.conversations(turns=1)
    together = [t async for t in play_all(conversations, sessions, concurrency=4)]
    assert [(t.session_id, t.status) for t in together] == [(s, "done") for s in sessions]
    values = [await made.stage.values(t.thread_id, conversations.plan) for t in together]
    for thread in together:
        await made.stage.saver.adelete_thread(thread.thread_id)
        await made.threads.put(replace(thread, status="running"))
    alone = [await conversations.play(s) for s in sessions]
    assert [await made.stage.values(t.thread_id, conversations.plan) for t in alone] == values


async def test_a_slow_conversation_holds_up_no_more_than_may_wait_behind_it() -> None:
    sessions = [f"s{number}" for number in range(400)]
    most, given = 0, list[str]()

    def length(name: str) -> int:
        return 2000 if name == "s0" else 1

    timed = Timed(length=length)
    played: Any = timed
    async for thread in play_all(played, sessions, concurrency=3):
        given.append(thread.session_id)
        most = max(most, len(timed.begun) - len(given))
    assert given == sessions
    assert most <= HELD_PER_PLACE * 3 + 2 * 3

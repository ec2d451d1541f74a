"""`Plays`: branches that pages have played, one after the other, in a thread of their own."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from ..api.playing import branch
from ..api.settings import PlaySettings
from ..api.store import Address
from ..core.errors import NotFoundError, SegueError
from .branching import BranchForm

ENDED: Final = ("done", "failed", "stopped")


@dataclass
class Play:
    """One form that is played, as a page tells it while it goes on.

    Attributes:
        state: waiting, playing, done, failed or stopped.
        said: lines for people.
        threads: the branches, when they have ended.
    """

    thread: str
    form: BranchForm
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    state: str = "waiting"
    said: list[str] = field(default_factory=list)
    planned: int = 0
    ended_count: int = 0
    threads: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether nothing more will be told."""
        return self.state in ENDED

    def say(self, text: str) -> None:
        """See `Events`."""
        self.said.append(text)

    def begin(self, total: int, what: str) -> None:
        """See `Events`."""
        self.planned = total

    def ended(self, name: str) -> None:
        """See `Events`."""
        self.ended_count += 1


class Plays:
    """What is played, and what was since the server began.

    Args:
        store: where it is; it is opened for writing for as long as a branch is played.
    """

    def __init__(self, store: Address) -> None:
        self._store = store
        self._plays = dict[str, Play]()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="segue-play")
        self._stopping = list[Any]()
        self._lock = threading.Lock()

    def start(self, thread: str, form: BranchForm) -> Play:
        """Have a branch played; it begins when those before it have ended."""
        play = Play(thread, form)
        self._plays[play.name] = play
        self._pool.submit(self._run, play).add_done_callback(_raised)
        return play

    def find(self, name: str) -> Play:
        """The one of that name. Raises `NotFoundError` where there is none."""
        if name not in self._plays:
            raise NotFoundError(
                "nothing is played under that name", hint="it was begun before the server was"
            )
        return self._plays[name]

    def close(self) -> None:
        """End what is played after the calls in flight; what waits is not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for loop, signal in self._stopping:
                loop.call_soon_threadsafe(signal.stop)
        self._pool.shutdown(wait=True)

    def _run(self, play: Play) -> None:
        play.state = "playing"
        settings = PlaySettings(max_cost=play.form.max_cost)
        try:
            made = branch(
                play.thread,
                **play.form.arguments(),
                settings=settings,
                store=self._store,
                events=play,
                stopping=self._heeding,
            )
        except SegueError as error:
            play.say(str(error))
            play.state = "failed"
            return
        play.threads = [found.thread_id for found in made]
        for found in made.failed:
            play.say(f"{found.thread_id} failed: {(found.error or {}).get('message', '')}")
        if made.stopped is not None:
            play.say(str(made.stopped))
        play.state = "stopped" if made.stopped else "failed" if made.failed else "done"

    @contextmanager
    def _heeding(self, signal: Any) -> Iterator[None]:
        """`close` stops what is played meanwhile."""
        entry = (asyncio.get_running_loop(), signal)
        with self._lock:
            self._stopping.append(entry)
        try:
            yield
        finally:
            with self._lock:
                self._stopping.remove(entry)


def _raised(done: Future[None]) -> None:
    """An error that is none of ours is told as a thread's is."""
    if not done.cancelled():
        done.result()

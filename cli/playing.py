"""What the commands that play share: interrupts heeded, stops told with what resumes, exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal as signals
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .. import DEFAULT_STORE
from ..api.settings import BudgetSettings, ExecutionSettings, RunConfig, settings_of
from ..core.addresses import without_password
from ..core.errors import Interrupted, SegueError
from .output import say

if TYPE_CHECKING:
    from ..api.playing import StopSignal

FAILED, INTERRUPTED = 3, 130
RETRY_SETTINGS = {*settings_of(ExecutionSettings), *settings_of(BudgetSettings), "base_url"}
"""Of those that `segue retry` takes, what a run need not have kept."""


def typed_command() -> str:
    """The command of this process, to be typed again; a password in an address is left out."""
    return shlex.join(["segue", *map(without_password, sys.argv[1:])])


def command_line(store: str, *words: str) -> str:
    """A command on the store, to be typed."""
    place = [] if store == DEFAULT_STORE else ["--store", store]
    return shlex.join(["segue", *map(without_password, [*place, *words])])


def retry_command_line(store: str, run: str, config: RunConfig) -> str:
    """The command that repeats what failed of a run, carried out as it was."""
    return command_line(store, "retry", run, "--errors", *config.typed(RETRY_SETTINGS))


def tell_failure(thread_id: str, error: Mapping[str, Any] | None) -> None:
    """What a conversation failed on and what to do about it, on stderr; nothing where it did not fail."""
    if not error:
        return
    say(f"{thread_id} failed: {error['message']}")
    if error.get("hint"):
        say(f"  hint: {error['hint']}")


def stopped(reason: SegueError | None) -> int:
    """Why it was stopped, unless by hand, and what resumes it; the exit code."""
    by_hand = reason is None or isinstance(reason, Interrupted)
    if not by_hand:
        say(f"segue: {reason}")
    say(f"the same command resumes: {typed_command()}")
    return INTERRUPTED if reason is None or by_hand else reason.exit_code


@contextlib.contextmanager
def heed_interrupts(signal: StopSignal) -> Iterator[None]:
    """First Ctrl-C: stop after the calls in flight. Second: stop at once; the store stays consistent."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def interrupt() -> None:
        if signal.stopped and task is not None:
            task.cancel()
            return
        signal.stop()
        say(
            f"stopping after the calls in flight, which have {signal.grace_s:g} s to be answered; Ctrl-C again stops "
            "at once"
        )

    handled = (signals.SIGINT, signals.SIGTERM)
    for number in handled:
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    except asyncio.CancelledError:
        say(f"stopped at once; what was answered is kept, and this resumes: {typed_command()}")
        raise KeyboardInterrupt from None
    finally:
        for number in handled:
            loop.remove_signal_handler(number)

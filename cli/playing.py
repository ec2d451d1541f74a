"""What the commands that play share: interrupts heeded, stops told with what resumes, exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import signal as signals
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .. import DEFAULT_STORE
from ..core.errors import Interrupted, SegueError
from .output import say

if TYPE_CHECKING:
    from ..api.playing import StopSignal

FAILED, INTERRUPTED = 3, 130

_SECRET = re.compile(r"(://[^/@:\s]*):[^@/\s]*@")


def typed_command() -> str:
    """The command of this process, to be typed again; a password in an address is left out."""
    return shlex.join(["segue", *(_SECRET.sub(r"\1:***@", argument) for argument in sys.argv[1:])])


def retry_command_line(store: str, run: str) -> str:
    """The command that repeats what failed of a run."""
    place = [] if store == DEFAULT_STORE else ["--store", _SECRET.sub(r"\1:***@", store)]
    return shlex.join(["segue", *place, "retry", run, "--errors"])


def stopped(reason: SegueError | None) -> int:
    """Why it was stopped, unless by hand, and what resumes it; the exit code."""
    by_hand = reason is None or isinstance(reason, Interrupted)
    if not by_hand:
        say(str(reason))
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
        say("stopping after the calls in flight; Ctrl-C again stops at once")

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

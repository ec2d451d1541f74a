"""What `segue run` and `segue retry` do: play a task and report what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import signal as signals
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from ..checkpoints import Store
from ..checkpoints.store.run_sessions import RunSessions
from ..checkpoints.store.threads import Thread
from ..models.prices import PriceTable
from ..runs.failures import failures_of
from ..runs.run import Run, Task, open_run
from ..runs.stopping import StopSignal
from ..runs.summary import thread_summary
from .options import Options
from .output import Terminal, print_json_line, say
from .reading import Reading, document, shown_url
from .runs import failure_lines
from .transcript import print_transcript
from .typed import retry_command_line, typed_command

FAILED, INTERRUPTED = 3, 130


def run_command(options: Options) -> int:
    """Play the run and return the exit code."""
    task = Task.of(options)
    with Store.open(options.store) as store:
        return play_task(task, store, options)


def play_task(task: Task, store: Store, options: Options) -> int:
    """Play the task and return the exit code."""
    return asyncio.run(_run(task, Reading.of(store), options))


async def _run(task: Task, reading: Reading, options: Options) -> int:
    with Terminal() as events:
        async with open_run(task, reading.store, events=events) as run:
            with heed_interrupts(run.runtime.signal):
                counts = await _play(run, reading, options)
    return _conclude(run, reading, options, counts)


async def _play(run: Run, reading: Reading, options: Options) -> Counter[str]:
    counts: Counter[str] = Counter()
    prices = run.runtime.meter.prices
    async with contextlib.aclosing(run.play()) as threads:
        async for thread in threads:
            counts[thread.status] += 1
            # In another thread: where processes play, this loop keeps the limits of them all.
            row, channels = await reading.store.reading(partial(_played, reading, thread, prices))
            _report(options, thread, row, channels)
    return counts


def _played(reading: Reading, thread: Thread, prices: PriceTable) -> tuple[dict[str, Any], dict[str, Any]]:
    """A finished conversation's summary and its channels."""
    channels = reading.state(thread)
    return thread_summary(thread, channels, reading.ledger, prices), channels


def _report(options: Options, thread: Thread, row: dict[str, Any], channels: dict[str, Any]) -> None:
    """One finished conversation on stdout; what failed, on stderr."""
    if options.as_json:
        print_json_line(row)
    elif options.show:
        print_transcript(document(thread, channels))
    else:
        cost = "unpriced" if row["cost_usd"] is None else f"${row['cost_usd']:.4f}"
        print(
            f"{row['thread_id']}  {row['status']}  {row['turns']} turns  {row['model_calls']} calls  "
            f"{row['tokens']} tokens  {cost}  {row['session_id']}",
            flush=True,
        )
    if thread.error:
        say(f"{thread.thread_id} failed: {thread.error['message']}")


def _conclude(run: Run, reading: Reading, options: Options, counts: Counter[str]) -> int:
    total, plan, signal = len(run.task.session_ids), run.task.plan, run.runtime.signal
    if signal.stopped:
        say(f"stopped; {counts['done']} of {total} conversations are done, all else is kept")
        return stopped(signal)
    say(f"{counts['done']} done, {counts['failed']} failed; kept in {shown_url(options.store)}")
    if not counts["failed"]:
        return 0
    for line in failure_lines(failures_of(RunSessions(reading.store).standings(plan.run_id))):
        say(line)
    say("the same command tries the failed ones again; this one, nothing else:")
    say(f"  {retry_command_line(options.store, run.task.config.name or plan.run_id)}")
    return FAILED


def stopped(signal: StopSignal) -> int:
    """Why it was stopped and what resumes it; the exit code."""
    if signal.reason is not None:
        say(str(signal.reason))
    say(f"the same command resumes: {typed_command()}")
    return signal.reason.exit_code if signal.reason else INTERRUPTED


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

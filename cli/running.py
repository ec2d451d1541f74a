"""What `segue run` and `segue retry` do: wire store, models, catalogue and graph together, play, and report."""

from __future__ import annotations

import asyncio
import contextlib
import signal as signals
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from ..catalog.catalog import Catalog
from ..catalog.opening import open_catalog
from ..checkpoints import Store
from ..checkpoints.store.run_sessions import RunSessions
from ..checkpoints.store.threads import Thread
from ..models.prices import PriceTable, load_prices
from ..prompts.library import PromptLibrary
from ..runs.conversation import Conversations
from ..runs.failures import failures_of
from ..runs.plan import RunPlan
from ..runs.preparation import Preparation
from ..runs.run_start import Start, begin_run
from ..runs.runner import play_all
from ..runs.stopping import StopSignal
from ..runs.summary import thread_summary
from .collecting import collecting_rarely
from .delivering import delivery_of, delivery_options, say_delivered, widened
from .options import Options
from .output import print_json_line, progress, say
from .paying import limits_of, meter_of, say_paid
from .reading import Reading, document, shown_url
from .runs import failure_lines
from .transcript import print_transcript
from .typed import retry_command_line, typed_command
from .wiring import catalog_place, choose_sessions, make_plan, open_stage, prompt_overrides

FAILED, INTERRUPTED = 3, 130


@dataclass(frozen=True)
class Task:
    """What is to be played: a run's plan on some of its sessions, with everything it names opened.

    Attributes:
        start: what to keep of how the run was started; None for one that goes on.
    """

    options: Options
    catalog: Catalog
    prompts: PromptLibrary
    plan: RunPlan
    session_ids: Sequence[str]
    start: Start | None = None

    async def begin(self, store: Store) -> None:
        """Enter the run into the store. Raises `ChangedRunError` when its name stands for other settings."""
        if self.start is not None:
            run_sessions, name = RunSessions(store), self.options.name
            await begin_run(
                run_sessions, self.start, self.plan, self.catalog, self.prompts, self.session_ids, name
            )


def run_command(options: Options) -> int:
    """Play the run and return the exit code."""
    if options.ray_address:
        from .clustering import require_shared_store

        require_shared_store(options)
    with Store.open(options.store) as store:
        return play_task(_task(options), store)


def _task(options: Options) -> Task:
    with options.blaming("catalog"):
        catalog = open_catalog(options.catalog, session_gap=options.session_gap)
    with options.blaming("prompt"):
        prompts = PromptLibrary(prompt_overrides(options.prompt))
    plan = make_plan(options, catalog, prompts)
    with options.blaming("session"):
        session_ids = choose_sessions(options, catalog)
    start = Start(catalog_place(options), options.session_gap, options.allow_missing_media)
    return Task(options, catalog, prompts, plan, session_ids, start)


def play_task(task: Task, store: Store) -> int:
    """Play the sessions and return the exit code."""
    with collecting_rarely():
        return asyncio.run(_run(task, Reading.of(store)))


async def _run(task: Task, reading: Reading) -> int:
    wanted = delivery_options(task.options)
    options, plan = widened(task.options, len(task.session_ids)), task.plan
    task = replace(task, options=options)
    async with open_stage(reading, concurrency=options.concurrency, latency=options.latency) as stage:
        stage.delivery = delivery_of(reading.store, stage.media, options.prices, wanted)
        stage.open_models(plan)
        stage.limits = limits_of(options)
        stage.meter = meter_of(options, reading.store, plan, plan.run_id, load_prices(options.prices))
        stage.delivery.meter = stage.meter
        await task.begin(reading.store)
        _announce(task)
        preparation = Preparation(plan, task.catalog, stage.media, task.prompts, options.allow_missing_media)
        conversations = Conversations(plan, preparation, stage, reading.threads)
        with heed_interrupts(stage.signal):
            counts = await _play(task, reading, conversations)
    say_delivered(stage.delivery)
    say_paid(stage.meter)
    return _conclude(task, reading, counts, stage.signal)


async def _play(task: Task, reading: Reading, conversations: Conversations) -> Counter[str]:
    counts: Counter[str] = Counter()
    options, session_ids = task.options, task.session_ids
    prices = load_prices(options.prices)
    with progress(len(session_ids)) as advance:
        async with contextlib.aclosing(_threads(task, reading, conversations)) as threads:
            async for thread in threads:
                counts[thread.status] += 1
                advance(thread.session_id)
                # In another thread: where processes play, this loop keeps the limits of them all.
                row, channels = await reading.store.reading(partial(_played, reading, thread, prices))
                _report(options, thread, row, channels)
    return counts


def _threads(task: Task, reading: Reading, conversations: Conversations) -> AsyncGenerator[Thread, None]:
    """The conversations as they end, wherever they are played."""
    options, session_ids = task.options, task.session_ids
    if options.engine == "local":
        played = play_all(conversations, session_ids, concurrency=options.concurrency)
        return cast(AsyncGenerator[Thread, None], played)
    from .clustering import play_by_workers

    return play_by_workers(options, reading, conversations.stage, task.plan, list(session_ids))


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


def _announce(task: Task) -> None:
    options, catalog, plan, session_ids = task.options, task.catalog, task.plan, task.session_ids
    names = {agent.value: spec.name for agent, spec in plan.models.items()}
    same = len(set(names.values())) == 1
    models = next(iter(names.values())) if same else ", ".join(f"{a} {n}" for a, n in names.items())
    shown = sorted({m for ms in plan.modalities.values() for m in ms}, key=["text", "audio", "image"].index)
    if options.catalog is None:
        say("no --catalog: the demo catalogue of fictional artists")
    if models == "offline":
        say("the offline model plays all agents: no key, no network")
    say(f"catalogue {catalog.name} ({catalog.source}); models: {models}; modalities: {', '.join(shown)}")
    if len(session_ids) < options.sessions and not options.session:
        say(f"{options.sessions} sessions asked for, {len(session_ids)} qualify")
    named = f" {options.name} ({plan.run_id})" if options.name else f" {plan.run_id}"
    say(f"run{named}: {len(session_ids)} conversations of {plan.turns} turns")
    simulated = sum(catalog.session(s).origin == "simulated" for s in session_ids)
    if simulated:
        say(f"{simulated} of {len(session_ids)} sessions are simulated: nobody listened to them")


def _conclude(task: Task, reading: Reading, counts: Counter[str], signal: StopSignal) -> int:
    total = len(task.session_ids)
    if signal.stopped:
        say(f"stopped; {counts['done']} of {total} conversations are done, all else is kept")
        if signal.reason is not None:
            say(str(signal.reason))
        say(f"the same command resumes: {typed_command()}")
        return signal.reason.exit_code if signal.reason else INTERRUPTED
    say(f"{counts['done']} done, {counts['failed']} failed; kept in {shown_url(task.options.store)}")
    if not counts["failed"]:
        return 0
    for line in failure_lines(failures_of(RunSessions(reading.store).standings(task.plan.run_id))):
        say(line)
    say("the same command tries the failed ones again; this one, nothing else:")
    say(f"  {retry_command_line(task.options.store, task.options.name or task.plan.run_id)}")
    return FAILED


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

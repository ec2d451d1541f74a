"""What `segue run` does: wires store, models, catalogue and graph together, and reports."""

from __future__ import annotations

import asyncio
import contextlib
import signal as signals
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog.catalog import Catalog
from ..catalog.opening import open_catalog
from ..checkpoints import Store
from ..checkpoints.threads import Thread
from ..models.prices import PriceTable, load_prices
from ..prompts.library import PromptLibrary
from ..runs.conversation import Conversations
from ..runs.plan import RunPlan
from ..runs.preparation import Preparation
from ..runs.runner import play_all
from ..runs.stopping import StopSignal
from ..runs.summary import thread_summary
from .output import print_json_line, progress, say
from .reading import Reading, document, shown_url
from .transcript import print_transcript
from .wiring import choose_sessions, make_plan, open_stage

FAILED, INTERRUPTED = 3, 130


@dataclass(frozen=True)
class Options:
    """The flags of `segue run`, as given."""

    store: str
    catalog: str | None
    sessions: int
    session_ids: tuple[str, ...]
    model_names: Mapping[str, str]
    temperature: float | None
    thinking_budget: int
    base_url: str | None
    turns: int
    seed: int
    modalities: tuple[str, ...]
    allow_missing_media: bool
    pool_size: int | None
    listener_words: float
    session_gap: int | None
    concurrency: int
    latency: float
    prices: Path | None
    show: bool
    as_json: bool


def run_command(options: Options) -> int:
    """Play the run and return the exit code."""
    with Store.open(options.store) as store:
        reading = Reading.of(store)
        catalog = open_catalog(options.catalog, session_gap=options.session_gap)
        prompts = PromptLibrary()
        plan = make_plan(options, catalog, prompts)
        session_ids = choose_sessions(options, catalog)
        _announce(options, catalog, plan, session_ids)
        return asyncio.run(_run(options, reading, catalog, prompts, plan, session_ids))


async def _run(
    options: Options,
    reading: Reading,
    catalog: Catalog,
    prompts: PromptLibrary,
    plan: RunPlan,
    session_ids: Sequence[str],
) -> int:
    async with open_stage(reading, concurrency=options.concurrency, latency=options.latency) as stage:
        stage.open_models(plan)
        await reading.threads.add_run(plan.run_id, plan.model_dump(mode="json"), catalog.source)
        preparation = Preparation(plan, catalog, stage.media, prompts, options.allow_missing_media)
        conversations = Conversations(plan, preparation, stage, reading.threads)
        with heed_interrupts(stage.signal):
            counts = await _play(options, reading, conversations, session_ids)
    return _conclude(options, counts, stage.signal, len(session_ids))


async def _play(
    options: Options, reading: Reading, conversations: Conversations, session_ids: Sequence[str]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    prices = load_prices(options.prices)
    with progress(len(session_ids)) as advance:
        async for thread in play_all(conversations, session_ids, concurrency=options.concurrency):
            counts[thread.status] += 1
            advance(thread.session_id)
            _report(options, reading, thread, prices)
    return counts


def _report(options: Options, reading: Reading, thread: Thread, prices: PriceTable) -> None:
    """One finished conversation on stdout; what failed, on stderr."""
    channels = reading.state(thread)
    row = thread_summary(thread, channels, reading.ledger, prices)
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


def _announce(options: Options, catalog: Catalog, plan: RunPlan, session_ids: Sequence[str]) -> None:
    names = {agent.value: spec.name for agent, spec in plan.models.items()}
    same = len(set(names.values())) == 1
    models = next(iter(names.values())) if same else ", ".join(f"{a} {n}" for a, n in names.items())
    shown = sorted({m for ms in plan.modalities.values() for m in ms}, key=["text", "audio", "image"].index)
    if options.catalog is None:
        say("no --catalog: the demo catalogue of fictional artists")
    if models == "offline":
        say("the offline model plays all agents: no key, no network")
    say(f"catalogue {catalog.name} ({catalog.source}); models: {models}; modalities: {', '.join(shown)}")
    if len(session_ids) < options.sessions and not options.session_ids:
        say(f"{options.sessions} sessions asked for, {len(session_ids)} qualify")
    say(f"run {plan.run_id}: {len(session_ids)} conversations of {plan.turns} turns")


def _conclude(options: Options, counts: Counter[str], signal: StopSignal, total: int) -> int:
    if signal.stopped:
        say(f"stopped; {counts['done']} of {total} conversations are done, all else is kept")
        say("the same command resumes")
        return signal.reason.exit_code if signal.reason else INTERRUPTED
    say(f"{counts['done']} done, {counts['failed']} failed; kept in {shown_url(options.store)}")
    if counts["failed"]:
        say("the same command tries the failed ones again")
    return FAILED if counts["failed"] else 0


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
        raise KeyboardInterrupt from None
    finally:
        for number in handled:
            loop.remove_signal_handler(number)

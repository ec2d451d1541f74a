"""Experiments: conversations run again from their record, and ablations."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import nullcontext
from os import PathLike
from pathlib import Path

from ...core.errors import ConfigError, Interrupted, NotFoundError
from ...core.tables import counted
from ...evaluation.ablation_report import AblationReport, report_ablation
from ...evaluation.ablation_tables import ablation_tables
from ...evaluation.bench.measures import BENCH_MEASURES, GOAL_MEASURES
from ...evaluation.effects import Effect
from ...evaluation.plots import check_plot
from ...runs.events import Events, Silent
from ...runs.experiments.ablation import Ablation
from ...runs.experiments.ablation_opening import begun_ablation, open_ablation, prepare_ablation
from ...runs.experiments.ablation_plan import example as example_ablation
from ...runs.experiments.ablation_plan import read_ablation
from ...runs.experiments.replay import Replayed, Replayer
from ...runs.runtime import open_runtime
from ...runs.settings.config import PlaySettings, RunConfig
from ...runs.settings.prompt_overrides import prompt_overrides
from ..conversation import Conversation
from ..loop import blocking
from ..playing import Overrides, Stopping
from ..settings import given
from ..store import DEFAULT_STORE, Address, OpenStore, kept_open, reading, using

__all__ = [
    "AblationReport",
    "Effect",
    "Replayed",
    "ablate",
    "ablate_async",
    "ablation_tables",
    "check_plot",
    "example_ablation",
    "replay",
    "verify",
    "verify_async",
    "verify_each",
]


def replay(threads: Sequence[str], *, store: OpenStore | Address = DEFAULT_STORE) -> list[Conversation]:
    """Conversations as they were played, from the store alone: no model is called.

    Raises:
        NotFoundError: no such store or thread.
        InputError: a thread was imported, not played.
    """
    opened = kept_open(store, read_only=True)
    return [Conversation(opened.reader, thread) for thread in opened.played(threads)]


async def verify_each(
    threads: Sequence[str] | None = None,
    *,
    prompt: Overrides = (),
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
) -> AsyncGenerator[Replayed, None]:
    """`verify`, each conversation as it is proved."""
    changes = {"prompt_overrides": prompt_overrides(prompt)} if prompt else {}
    told = events or Silent()
    with reading(store) as opened:
        found = opened.played(threads)
        if not found:
            raise NotFoundError("there is no conversation to replay", hint="`segue run` makes some")
        told.begin(len(found), "conversations")
        async with open_runtime(opened.store, PlaySettings()) as runtime:
            replayer = Replayer(runtime, opened.reader.ledger, changes)
            for thread in found:
                proof = await replayer.verify(thread)
                told.ended(thread.thread_id)
                yield proof


async def verify_async(
    threads: Sequence[str] | None = None,
    *,
    prompt: Overrides = (),
    store: OpenStore | Address = DEFAULT_STORE,
) -> list[Replayed]:
    """Run conversations again from their recorded calls, every way to a model closed, and compare each checkpoint.

    Args:
        threads: ids, or starts of them; all that were played here by default.
        prompt: template -> file in its place, to see what it would change.

    Raises:
        ReplayDifference: at the first checkpoint or call that differs, with a diff.
        NotFoundError: no such store or thread, or there is no conversation.
        InputError: a thread was imported.
    """
    return [proof async for proof in verify_each(threads, prompt=prompt, store=store)]


verify = blocking(verify_async)


async def ablate_async(
    plan: str | Path,
    *,
    settings: PlaySettings | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    stopping: Stopping = nullcontext,
) -> AblationReport:
    """Branch many conversations at one turn under every combination of levels, and test what differs.

    The same call again goes on where it stood; it plays nothing twice.

    Args:
        plan: YAML file; `example_ablation()` is one with a comment on every field.
        settings: how it is carried out: limits, cap, engine.
        store: made where it is not there.

    Raises:
        ConfigError: the plan is wrong; names file and field.
        BudgetError, QuotaError: it was stopped; what was finished is kept.
        ModelSetupError, StoreError: as `play`.
    """
    if not isinstance(plan, (str, PathLike)):
        raise ConfigError(f"a plan is the path of a YAML file, not a {type(plan).__name__}")
    path = Path(plan)
    read = read_ablation(path, measures=tuple(BENCH_MEASURES), of_goals=GOAL_MEASURES)
    asked = given(settings, PlaySettings)
    taken = asked.model_fields_set & set(PlaySettings.model_fields)
    execution = RunConfig(**{name: getattr(asked, name) for name in taken})
    ablation = prepare_ablation(read, path, execution)
    with using(store, create=True, lock_seconds=asked.lock_seconds) as opened:
        ablation = begun_ablation(ablation, path, execution, opened.store, events or Silent())
        _announce(ablation, events or Silent())
        async with open_ablation(ablation, opened.store, events=events) as runtime:
            with stopping(runtime.signal):
                outcome = await ablation.play(runtime)
        if runtime.signal.stopped:
            raise runtime.signal.reason or Interrupted("stopped; what was finished is kept")
        return report_ablation(read, outcome, opened.reader.state, opened.reader.ledger, runtime.meter.prices)


ablate = blocking(ablate_async)


def _announce(ablation: Ablation, events: Events) -> None:
    plan, trunks = ablation.plan, len(ablation.trunks)
    sessions = len({session for _, session in ablation.trunks})
    events.say(f"ablation {plan.name}: branches at turn {plan.turn}, before the {plan.agent} acts")
    if sessions < trunks:
        events.say(
            f"{counted(trunks, 'trunk')} from {counted(sessions, 'session')} that qualify, the rest under the next "
            "seeds; sessions"
        )
        events.say("are the independent units, so the intervals rest on them and not on the trunks")
    conversations = trunks * len(ablation.cells) * plan.repetitions
    events.say(
        f"{counted(trunks, 'trunk')} x {counted(len(ablation.cells), 'cell')} "
        f"x {counted(plan.repetitions, 'repetition')} = "
        f"{counted(conversations, 'conversation')}"
    )

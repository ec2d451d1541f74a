"""`segue run` and `segue retry`: conversations from listening sessions, and what is left of a run."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...api.settings import BudgetSettings, ExecutionSettings, RunConfig
from ...core.tables import counted
from .. import arguments, completion
from ..settings import SettingsCommand, printing, takes
from .threads import cost_of

if TYPE_CHECKING:
    from ... import Conversation, OpenStore
    from ...api.playing import Run, Task


def register(app: typer.Typer) -> None:
    app.command("run", cls=SettingsCommand)(run)
    app.command("retry", cls=SettingsCommand)(retry)


def _example() -> str:
    from ...api.planning.plans import example

    return example()


def _schema() -> str:
    return json.dumps(RunConfig.json_schema(), indent=2) + "\n"


@takes(RunConfig, plan=True)
def run(
    context: typer.Context,
    config: RunConfig,
    example: Annotated[
        bool,
        typer.Option("--example", callback=printing(_example), help="Print a commented plan and end."),
    ] = False,
    schema: Annotated[
        bool,
        typer.Option(
            "--schema",
            callback=printing(_schema),
            help="Print the JSON schema of plans, for editors, and end.",
        ),
    ] = False,
    show: arguments.Show = False,
    as_json: arguments.JsonLines = False,
) -> None:
    """Play conversations, each kept turn by turn. Running the same command again resumes."""
    import asyncio

    from ... import open_store
    from ...api.playing import Task

    task = Task.of(config)
    with open_store(context.obj["store"], create=True, lock_seconds=config.lock_seconds) as store:
        raise typer.Exit(asyncio.run(_play(task, store, context.obj["store"], show, as_json)))


@takes(ExecutionSettings, BudgetSettings, also=("catalog", "base_url"))
def retry(
    context: typer.Context,
    config: RunConfig,
    run: Annotated[
        str,
        typer.Argument(help="A run's name, its id, or a unique start of it.", autocompletion=completion.runs),
    ],
    errors: Annotated[
        bool, typer.Option("--errors", help="Only those that failed; otherwise all that is not done.")
    ] = False,
    show: arguments.Show = False,
    as_json: arguments.JsonLines = False,
) -> None:
    """Play conversations of a run again that failed. Each keeps its error until it succeeds."""
    import asyncio

    from ... import open_store
    from ...api.playing import further_run
    from ..output import say

    with open_store(context.obj["store"], lock_seconds=config.lock_seconds) as store:
        task = further_run(store.store, run, config, errors=errors)
        if not task.session_ids:
            say(
                "no conversation of the run has failed" if errors else "all conversations of the run are done"
            )
            return
        raise typer.Exit(asyncio.run(_play(task, store, context.obj["store"], show, as_json)))


async def _play(task: Task, store: OpenStore, url: str, show: bool, as_json: bool) -> int:
    """Play the task, report every conversation as it ends, and return the exit code."""
    from ...api.playing import open_run
    from ..output import Terminal
    from ..playing import heed_interrupts

    with Terminal() as events:
        async with open_run(task, store.store, events=events) as run:
            with heed_interrupts(run.runtime.signal):
                counts = await _report_all(run, store, show, as_json)
    return _conclude(run, store, url, counts)


async def _report_all(run: Run, store: OpenStore, show: bool, as_json: bool) -> Counter[str]:
    """Status -> conversations that ended so."""
    from contextlib import aclosing
    from functools import partial

    from ... import Conversation

    counts: Counter[str] = Counter()
    async with aclosing(run.play()) as threads:
        async for thread in threads:
            counts[thread.status] += 1
            found = Conversation(store.reader, thread)
            # In another thread: where processes play, this loop keeps the limits of them all.
            row = await store.store.reading(partial(_row, found, run))
            _report(found, row, show, as_json)
    return counts


def _row(found: Conversation, run: Run) -> dict[str, Any]:
    """The conversation's line of `run --json`; its document is read, too."""
    found.document  # noqa: B018 - kept by the conversation
    return found.summary(run.runtime.meter.prices, listed=False)


def _report(found: Conversation, row: dict[str, Any], show: bool, as_json: bool) -> None:
    """One finished conversation on stdout; what failed, on stderr."""
    from ..output import print_json_line, print_line
    from ..playing import tell_failure
    from ..transcript import print_transcript

    if as_json:
        print_json_line(row)
    elif show:
        print_transcript(found.document)
    else:
        amounts = {"turns": "turn", "model_calls": "call", "tokens": "token"}
        taken = [counted(row[name], noun) for name, noun in amounts.items()]
        told = [row["thread_id"], row["status"], *taken, cost_of(row), row["session_id"]]
        print_line("  ".join(filter(None, told)))
    tell_failure(found.thread_id, found.error)


def _conclude(run: Run, store: OpenStore, url: str, counts: Counter[str]) -> int:
    from ...api.store import shown_url
    from ..output import say
    from ..playing import FAILED, retry_command_line, stopped
    from .runs import failure_lines

    total, run_id, signal = len(run.task.conversations), run.task.plan.run_id, run.runtime.signal
    if signal.stopped:
        say(f"stopped; {counts['done']:,} of {total:,} conversations are done, all else is kept")
        return stopped(signal.reason)
    say(f"{counts['done']} done, {counts['failed']} failed; kept in {shown_url(url)}")
    if not counts["failed"]:
        return 0
    for line in failure_lines(store.failures(run_id)):
        say(line)
    say("the same command tries the failed ones again; this one, nothing else:")
    say(f"  {retry_command_line(url, run.task.config.name or run_id, run.task.config)}")
    return FAILED

"""`segue branch`: play a turn differently; the trunk stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..runs.config import BudgetSettings, ExecutionSettings, RunConfig
from .settings import SettingsCommand, takes

if TYPE_CHECKING:
    from ..checkpoints.store.threads import Thread
    from ..runs.experiments.branch import Change
    from ..state.values import Agent
    from .reading import Reading


def register(app: typer.Typer) -> None:
    app.command("branch", cls=SettingsCommand)(branch)


@takes(ExecutionSettings, BudgetSettings, also=("base_url",))
def branch(
    context: typer.Context,
    config: RunConfig,
    thread: Annotated[str, typer.Argument(help="Thread id, or a unique start of it.")],
    turn: Annotated[int, typer.Option(min=1, help="The turn to play differently.")],
    agent: Annotated[str, typer.Option(help="listener or recsys: who does something else.")],
    say: Annotated[str | None, typer.Option(help="What the agent says on that turn.")] = None,
    track: Annotated[str | None, typer.Option(help="The track that the recsys plays.")] = None,
    model: Annotated[str | None, typer.Option(help="Another model for the agent from there on.")] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="AGENT=FILE: another template from there on.")
    ] = None,
    modalities: Annotated[
        list[str] | None, typer.Option(help="text,audio or recsys=text from there on.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another random stream from there on.")] = None,
    count: Annotated[int, typer.Option(min=1, help="How many draws, each with its own stream.")] = 1,
    reason: Annotated[str, typer.Option(help="Why, for the reader.")] = "",
    show: Annotated[bool, typer.Option("--show", help="Print the branches when they are done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Branch a conversation at a turn and play it on. Running the same command again resumes."""
    import asyncio

    from ..core.errors import ConfigError
    from ..runs.experiments.branch import change_of
    from ..runs.plan import load_config
    from ..state.values import Agent
    from .reading import open_reading

    if agent not in ("listener", "recsys"):
        raise ConfigError(f"--agent {agent!r}: it must be listener or recsys")
    with open_reading(context) as reading:
        parent, acting = reading.played(thread), Agent(agent)
        change = change_of(
            load_config(parent.config)[0],
            acting,
            say=say,
            track=track,
            model=model,
            base_url=config.base_url,
            prompt=prompt or [],
            modalities=modalities or [],
            seed=seed,
            reason=reason,
        )
        code, made = asyncio.run(_play(reading, parent, turn, acting, change, count, config))
        _report(reading, made, show, as_json)
        code = code or int(any(thread.status == "failed" for thread in made) and 3)
    raise typer.Exit(code)


async def _play(
    reading: Reading, parent: Thread, turn: int, agent: Agent, change: Change, count: int, config: RunConfig
) -> tuple[int, list[Thread]]:
    """(exit code of a stop or 0, the branches that ended)."""
    from ..runs.experiments.branching import open_branches
    from .output import Terminal
    from .running import heed_interrupts, stopped

    with Terminal() as events:
        async with open_branches(
            reading.store, parent, turn, agent, change, config, count=count, events=events
        ) as branches:
            with heed_interrupts(branches.runtime.signal):
                made = [thread async for thread in branches.play()]
    signal = branches.runtime.signal
    return (stopped(signal) if signal.stopped else 0), made


def _report(reading: Reading, made: list[Thread], show: bool, as_json: bool) -> None:
    from .output import print_json_line, say
    from .reading import document, summary
    from .transcript import print_transcript

    for thread in made:
        row = summary(reading, thread, listed=True)
        if as_json:
            print_json_line(row)
        elif show:
            print_transcript(document(thread, reading.state(thread)))
        else:
            print(f"{row['thread_id']}  {row['status']}  {row['turns']} turns  branch of {row['parent']}")
        if thread.error:
            say(f"{thread.thread_id} failed: {thread.error['message']}")
    if made:
        ids = " ".join(thread.thread_id for thread in made)
        say(f"compare with `segue compare {made[0].parent} {ids}`")

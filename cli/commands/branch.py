"""`segue branch`: play a turn differently; the trunk stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ...api.settings import BudgetSettings, ExecutionSettings, RunConfig
from ...core.tables import counted
from .. import arguments
from ..settings import SettingsCommand, takes

if TYPE_CHECKING:
    from ... import Conversation, OpenStore, PlayResult
    from ...api.playing import Events


def register(app: typer.Typer) -> None:
    app.command("branch", cls=SettingsCommand)(branch)


@dataclass(frozen=True)
class BranchOptions:
    """What is played differently, and how it is told."""

    thread: arguments.Thread
    turn: Annotated[int, typer.Option(min=1, help="The turn to play differently.")]
    agent: Annotated[str, typer.Option(help="listener or recsys: who does something else.")]
    say: Annotated[str | None, typer.Option(help="What the agent says on that turn.")] = None
    track: Annotated[str | None, typer.Option(help="The track that the recsys plays.")] = None
    model: Annotated[str | None, typer.Option(help="Another model for the agent from there on.")] = None
    recsys: Annotated[
        str | None, typer.Option(help="Who recommends from there on: a recommender, or model.")
    ] = None
    recsys_reply: Annotated[
        str | None, typer.Option(help="Who finds the words where it gives none: model or template.")
    ] = None
    actions: Annotated[
        str | None, typer.Option(help="What the recsys may do from there on: play,ask,no_match.")
    ] = None
    prompt: Annotated[list[str] | None, typer.Option(help="AGENT=FILE: another template from there on.")] = (
        None
    )
    modalities: Annotated[list[str] | None, typer.Option(help="text,audio or recsys=text from there on.")] = (
        None
    )
    seed: Annotated[int | None, typer.Option(help="Another random stream from there on.")] = None
    count: Annotated[int, typer.Option(min=1, help="How many draws, each with its own stream.")] = 1
    catalog: Annotated[
        str | None, typer.Option(help="Where the catalogue is by now, if the pool is searched each turn.")
    ] = None
    reason: Annotated[str, typer.Option(help="Why, for the reader.")] = ""
    show: Annotated[bool, typer.Option("--show", help="Print the branches when they are done.")] = False
    as_json: arguments.JsonLines = False


@takes(ExecutionSettings, BudgetSettings, also=("base_url",))
@arguments.grouped
def branch(context: typer.Context, config: RunConfig, options: BranchOptions) -> None:
    """Branch a conversation at a turn and play it on. Running the same command again resumes."""
    import asyncio

    from ... import open_store
    from ..output import Terminal
    from ..output import say as tell
    from ..playing import FAILED, command_line, stopped, typed_command

    opened = open_store(context.obj["store"], lock_seconds=config.lock_seconds)
    with opened as store, Terminal() as events:
        made = asyncio.run(_play(options, config, store, events))
        for found in made:
            _report(found, options.show, options.as_json)
    if made:
        ids = [found.thread_id for found in made]
        tell(f"compare with `{command_line(context.obj['store'], 'compare', str(made[0].parent), *ids)}`")
    if made.failed:
        tell(f"the same command tries what failed again: {typed_command()}")
    failed = FAILED if made.failed else 0
    raise typer.Exit(stopped(made.stopped) if made.stopped else failed)


async def _play(options: BranchOptions, config: RunConfig, store: OpenStore, events: Events) -> PlayResult:
    from ...api.playing import branch_async
    from ..playing import heed_interrupts

    return await branch_async(
        options.thread,
        turn=options.turn,
        agent=options.agent,
        say=options.say,
        track=options.track,
        model=options.model,
        recsys=options.recsys,
        recsys_reply=options.recsys_reply,
        actions=options.actions,
        base_url=config.base_url,
        prompt=options.prompt or (),
        modalities=options.modalities or (),
        seed=options.seed,
        count=options.count,
        catalog=options.catalog,
        reason=options.reason,
        settings=config,
        store=store,
        events=events,
        stopping=heed_interrupts,
    )


def _report(found: Conversation, show: bool, as_json: bool) -> None:
    from ..output import print_json_line, print_line
    from ..playing import tell_failure
    from ..transcript import print_transcript

    row = found.summary()
    if as_json:
        print_json_line(row)
    elif show:
        print_transcript(found.document)
    else:
        print_line(
            f"{row['thread_id']}  {row['status']}  {counted(row['turns'], 'turn')}  branch of {row['parent']}"
        )
    tell_failure(found.thread_id, found.error)

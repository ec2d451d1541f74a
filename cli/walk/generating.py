"""`segue walk generate`, `phrases`: conversations from collections, worded by phrases or by a chat model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ...api.settings import BudgetSettings, ExecutionSettings, RunConfig, WalkSettings, settings_of
from ...core.tables import counted
from .. import arguments
from ..overwriting import Overwrite
from ..plans import PlannedCommand, planned
from ..settings import takes
from .conversations import Collected
from .group import app

if TYPE_CHECKING:
    from ...api.walk.generating import WalkModel, WalkSummary

CARRIED_OUT: Final = tuple(name for name in settings_of(ExecutionSettings) if name != "workers")
"""How calls to a model are made; the number of processes is the command's own."""
OF_MODELS: Final = (
    *("model_temperature", "thinking_budget", "prompt", "repairs", "base_url", "extra_body"),
    *("max_cost", "batch", "concurrency"),
)
"""Options that mean nothing where phrases are said."""
TOLD: Final = 3
"""Conversations that are left out of which the reason is told."""


@dataclass(frozen=True)
class Written:
    """How the conversations are made and written; see `walk_generate`."""

    seed: Annotated[int, typer.Option(help="The same seed gives the same conversations.")] = 0
    layout: Annotated[
        str, typer.Option(metavar="segue|cpcd", help="Of the lines: with targets, or as CPCD's dialogs.")
    ] = "segue"
    phrases: Annotated[
        Path | None,
        typer.Option(help="YAML file of sentences in place of the packaged ones; see `segue walk phrases`."),
    ] = None
    workers: Annotated[int | None, typer.Option(help="Processes; one for each processor when left out.")] = (
        None
    )
    overwrite: Overwrite = False


@dataclass(frozen=True)
class Worded:
    """Who writes what is said in place of phrases; see `walk_model`."""

    model: Annotated[
        str | None,
        typer.Option(
            metavar="PROVIDER:NAME",
            help="A chat model that writes what is said, one call a conversation; offline costs nothing.",
        ),
    ] = None
    model_temperature: Annotated[
        float | None, typer.Option(help="Of the model; the provider's own when left out.")
    ] = None
    thinking_budget: Annotated[
        int | None, typer.Option(help="Thinking tokens a call may use; the model's own by default.")
    ] = None
    prompt: Annotated[
        list[str] | None, typer.Option(help="Your own template: walk/system.j2=FILE; may be repeated.")
    ] = None
    repairs: Annotated[
        int,
        typer.Option(
            min=0,
            max=30,
            help="How often an answer that is none is sent back; more than before ask anew for what was left out.",
        ),
    ] = 2
    extra_body: Annotated[
        str | None,
        typer.Option(
            metavar="JSON", help="A JSON object that goes into every request, for servers of one's own."
        ),
    ] = None


@app.command("generate", cls=PlannedCommand)
@planned
@takes(BudgetSettings, also=(*CARRIED_OUT, "base_url"), into="play")
@takes(WalkSettings)
@arguments.grouped
def generate(
    context: typer.Context,
    config: WalkSettings,
    play: RunConfig,
    out: Annotated[Path, typer.Option(help="The file to write, one conversation a line.")],
    collected: Collected,
    written: Written,
    worded: Worded,
    count: Annotated[int, typer.Option(help="Conversations.")] = 1000,
    as_json: arguments.OneJson = False,
) -> None:
    """Walk conversations through collections of tracks: slates on the way to a target, and what is said between."""
    options: dict[str, Any] = {**vars(collected), **vars(written), **config.model_dump(), "play": play}
    options["sources"] = tuple(options.pop("source") or ())
    place = (out, count, options.pop("catalog"))
    if worded.model is None:
        _refuse_without_model(context)
        summary = _by_phrases(*place, options)
    else:
        summary = _by_model(*place, options, worded, play, context.obj["store"])
    raise typer.Exit(_told(summary, as_json=as_json))


@app.command("phrases")
def phrases(
    language: Annotated[str, typer.Argument(help="en, de or es.")] = "en",
) -> None:
    """Print the packaged sentences of walked conversations, to edit and give to --phrases."""
    from ...api.walk.generating import walk_phrases
    from ..output import print_file

    print_file(walk_phrases(language))


def _refuse_without_model(context: typer.Context) -> None:
    """Raise `ConfigError` where something is typed that is asked of a model, and none is named."""
    from ...core.errors import ConfigError

    for name in OF_MODELS:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            flag = f"--{name.replace('_', '-')}"
            raise ConfigError(
                f"{flag} goes with --model: phrases cost nothing", hint="name a model, or leave it out"
            )


def _by_phrases(out: Path, count: int, catalog: Path | None, options: dict[str, Any]) -> WalkSummary:
    from ...api.walk.generating import walk_generate
    from ..output import progress

    with progress(-(-count // 500), "conversations by 500") as told:
        return walk_generate(out, count, catalog, advance=told, **options)


def _by_model(
    out: Path,
    count: int,
    catalog: Path | None,
    options: dict[str, Any],
    worded: Worded,
    play: RunConfig,
    store: str,
) -> WalkSummary:
    import asyncio

    from ...api.walk.generating import walk_generate_async
    from ..output import Terminal
    from ..playing import heed_interrupts

    with Terminal() as events:
        return asyncio.run(
            walk_generate_async(
                out,
                count,
                catalog,
                **options,
                model=_model(worded, play),
                store=store,
                events=events,
                stopping=heed_interrupts,
            )
        )


def _model(worded: Worded, play: RunConfig) -> WalkModel:
    from ...api.walk.generating import walk_model

    return walk_model(
        worded.model or "",
        temperature=worded.model_temperature,
        thinking_budget=worded.thinking_budget,
        base_url=play.base_url,
        prompt=worded.prompt or (),
        repairs=worded.repairs,
        extra_body=worded.extra_body,
    )


def _told(summary: WalkSummary, *, as_json: bool) -> int:
    """Say what came of it; the exit code."""
    from ..output import print_json, say
    from ..playing import FAILED, stopped

    if as_json:
        print_json(summary.to_json())
    if summary.stopped is None and summary.conversations and not as_json:
        made = f"{counted(summary.conversations, 'conversation')} of {counted(summary.turns, 'turn')}"
        say(f"{made}, in {summary.file}")
    if summary.cost_usd:
        say(f"${summary.cost_usd:.4f} at list price for their calls, earlier ones included")
    missing = {**summary.left_out, **{name: error.message for name, error in summary.failed.items()}}
    for name, reason in list(missing.items())[:TOLD]:
        say(f"left out: {name}: {reason}")
    if missing:
        say(
            f"{counted(len(missing), 'conversation')} left out, {len(summary.failed)} of them for want of an answer; "
            "the same command with --overwrite asks for those again, with more --repairs for all"
        )
    if summary.stopped is not None:
        return stopped(summary.stopped)
    return FAILED if missing else 0

"""`segue talkplay reproduce`: from nothing to every system's scores."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from ...api.settings import RunConfig, TrainSettings
from .. import arguments
from ..overwriting import Overwrite
from ..settings import takes


def register(app: typer.Typer) -> None:
    app.command("reproduce")(reproduce)


@dataclass(frozen=True)
class _Reproduced:
    """The conversations, and how far it goes; see `talkplay_reproduce`."""

    catalog: Annotated[str | None, typer.Option(help="Folder or file; the demo catalogue when left out.")] = (
        None
    )
    sessions: Annotated[int, typer.Option(min=3, help="Sessions to make conversations on.")] = 46
    repeats: Annotated[int, typer.Option(min=1, max=1000, help="Conversations on each.")] = 17
    pipeline: Annotated[
        Literal["single", "agents"],
        typer.Option(help="One model writes each conversation, or four agents play it."),
    ] = "single"
    player: Annotated[str, typer.Option(help="The chat model that makes the conversations.")] = "offline"
    max_cost: Annotated[float | None, typer.Option(min=0, help="USD that the conversations may cost.")] = None
    simulated: Annotated[
        int,
        typer.Option(
            min=0, help="Simulated sessions, with a further conversation on each, to learn from alone."
        ),
    ] = 0
    ablations: Annotated[
        bool, typer.Option("--ablations/--no-ablations", help="Train a model without each part, too.")
    ] = True
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Draw scores by turn and losses into this folder, as .png files."
        ),
    ] = None
    overwrite: Overwrite = False
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Make conversations, data and codes, and say what training takes."),
    ] = False


def _played(asked: _Reproduced, seed: int) -> RunConfig:
    """How the conversations are made."""
    return RunConfig(
        name="talkplay",
        catalog=asked.catalog,
        sessions=asked.sessions,
        repeats=asked.repeats,
        pipeline=asked.pipeline,
        model=asked.player,
        max_cost=asked.max_cost,
        modalities=("text",),
        seed=seed,
    )


@takes(TrainSettings)
@arguments.grouped
def reproduce(
    context: typer.Context,
    config: TrainSettings,
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for all of it.")],
    asked: _Reproduced,
    as_json: arguments.OneJson = False,
) -> None:
    """Make conversations, train on them, and score every system beside the others. The same command resumes."""
    from ...api.talkplay.reproducing import PICTURES, TalkPlayWork
    from ..experiments import require_plot
    from ..output import print_json, print_tables, say

    pictures = [asked.plot / name for name in PICTURES] if asked.plot is not None else []
    for picture in pictures:
        require_plot(picture, overwrite=asked.overwrite)
    played = _played(asked, config.seed)
    out.mkdir(parents=True, exist_ok=True)
    work = TalkPlayWork(out, played, config, asked.ablations, asked.simulated)
    say(f"{asked.sessions:,} sessions x {asked.repeats:,} conversations by {asked.player} ({asked.pipeline})")
    plan = work.make_ready(say)
    models = len(work.models)
    say(
        f"{models} models of {plan.parameters:,} parameters, about {plan.hours * models:.1f} hours of training"
    )
    if asked.dry_run:
        print_json(plan.to_json()) if as_json else print_tables(plan.tables())
        return
    done = work.finish(say)
    if asked.plot is not None:
        say(f"wrote {', '.join(map(str, done.plot(asked.plot)))}")
    print_json(done.to_json()) if as_json else print_tables(done.tables())

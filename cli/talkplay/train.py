"""`segue talkplay train`: the language model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ...api.settings import TrainSettings
from .. import arguments
from ..overwriting import Overwrite
from ..settings import takes


def register(app: typer.Typer) -> None:
    app.command("train")(train)


@dataclass(frozen=True)
class _Trained:
    """What is done beside training; see `talkplay_train`."""

    catalog: Annotated[str | None, typer.Option(help="Where the tracks are now, if not where they were.")] = (
        None
    )
    plot: Annotated[Path | None, typer.Option(help="Draw the losses (.png, .svg, .pdf).")] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take, by a few steps; nothing is written.")
    ] = False
    overwrite: Overwrite = False


@takes(TrainSettings)
@arguments.grouped
def train(
    context: typer.Context,
    config: TrainSettings,
    codes: Annotated[Path, typer.Argument(metavar="CODES", help="Written by `segue talkplay tokenize`.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Written by `segue talkplay data`.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the model.")],
    trained: _Trained,
    as_json: arguments.OneJson = False,
) -> None:
    """Train a language model to answer conversations with tracks. Running the same command again resumes."""
    from ...api.evaluation.experiments import check_plot
    from ...api.talkplay.training import is_begun, steps_of, talkplay_plan, talkplay_train
    from ..output import print_json, print_tables, progress, say

    if trained.plot is not None:
        check_plot(trained.plot)
    if trained.dry_run:
        plan = talkplay_plan(codes, data, catalog=trained.catalog, settings=config)
        print_json(plan.to_json()) if as_json else print_tables(plan.tables())
        return
    if is_begun(out) and not trained.overwrite:
        say(f"a training was ended in {out}: it goes on from there")
    with progress(steps_of(data, config), "steps") as told:
        summary = talkplay_train(
            codes,
            data,
            out,
            catalog=trained.catalog,
            settings=config,
            overwrite=trained.overwrite,
            advance=told,
        )
    if trained.plot is not None:
        summary.plot(trained.plot)
    if as_json:
        print_json(summary.to_json())
        return
    print_tables(summary.tables())
    say(f"{summary.about['parameters']:,} parameters; put it in the chair with --recsys talkplay:{out}")

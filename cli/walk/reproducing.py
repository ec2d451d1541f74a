"""`segue walk reproduce`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ...api.settings import EncoderSettings
from .. import arguments
from ..plans import PlannedCommand, planned
from ..settings import takes
from .group import app


@dataclass(frozen=True)
class _Studied:
    """What is studied; see `walk_reproduce`."""

    cpcd: Annotated[Path, typer.Option(help="A file of CPCD's dialogs, or a folder of them.")]
    out: Annotated[Path, typer.Option(help="The folder of the encoders.")]
    catalog: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Folder or file of tracks to learn from, too; again for more."),
    ] = None
    tags: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="File or folder with tags of artists; again for more."),
    ] = None
    size: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Another number of conversations; again for more. 100, 1000, 10000."),
    ] = None
    folds: Annotated[int, typer.Option(help="Of the dialogs.")] = 5
    no_ablations: Annotated[
        bool, typer.Option("--no-ablations", help="Only the encoder as it is, and what is built on it.")
    ] = False
    with_clusters: Annotated[
        bool,
        typer.Option("--with-clusters", help="Scores of conversations that know versions of a song as one."),
    ] = False
    sentence_encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FOLDER",
            help="A model of sentence-transformers: one more reranker that reads it.",
        ),
    ] = None
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 0


@app.command("reproduce", cls=PlannedCommand)
@planned
@takes(EncoderSettings)
@arguments.grouped
def reproduce(
    context: typer.Context,
    config: EncoderSettings,
    studied: _Studied,
    as_json: arguments.OneJson = False,
) -> None:
    """Do Talk the Walk's study on CPCD: encoders by folds, ablations, scores. The same command again resumes."""
    from ...api.walk.reproducing import walk_reproduce
    from ..output import print_json, print_tables, say

    study = walk_reproduce(
        studied.out,
        studied.cpcd,
        studied.catalog or (),
        tags=studied.tags or (),
        sizes=studied.size or (100, 1000, 10_000),
        folds=studied.folds,
        ablations=not studied.no_ablations,
        with_clusters=studied.with_clusters,
        sentence_encoder=studied.sentence_encoder,
        seed=studied.seed,
        say=say,
        **config.model_dump(),
    )
    if as_json:
        print_json(study.to_json())
    else:
        print_tables(study.tables())

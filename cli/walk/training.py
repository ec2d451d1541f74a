"""`segue walk train`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ...api.settings import EncoderSettings
from ...core.tables import counted
from .. import arguments
from ..overwriting import Overwrite
from ..plans import PlannedCommand, planned
from ..settings import takes
from .group import app


@dataclass(frozen=True)
class _Learned:
    """What is learned from; see `walk_train`."""

    catalog: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH", help="Folder or file of tracks; again for more. The demo catalogue without any."
        ),
    ] = None
    cpcd: Annotated[
        Path | None, typer.Option(help="CPCD's dialogs, too: their playlists, not what was said.")
    ] = None
    tags: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="File or folder with tags of artists; again for more."),
    ] = None
    folds: Annotated[
        int, typer.Option(help="Of CPCD's dialogs: one encoder each that has not seen its playlists.")
    ] = 5
    seed: Annotated[int, typer.Option(help="The same seed gives the same encoder.")] = 0
    rerank: Annotated[
        str | None,
        typer.Option(
            metavar="walked|PATH",
            help="Fit a reranker as well, and keep it: on walked conversations, or on those of CPCD's dialogs.",
        ),
    ] = None
    sentence_encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FOLDER",
            help="A model of sentence-transformers that the reranker reads, too.",
        ),
    ] = None


@app.command("train", cls=PlannedCommand)
@planned
@takes(EncoderSettings)
@arguments.grouped
def train(
    context: typer.Context,
    config: EncoderSettings,
    out: Annotated[Path, typer.Option(help="The folder of the encoder.")],
    learned: _Learned,
    overwrite: Overwrite = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Train a dual encoder on conversations walked through collections. Running the same command again resumes."""
    from ...api.walk.training import walk_train
    from ..output import print_json, print_line, say

    card = walk_train(
        out,
        learned.catalog or (),
        cpcd=learned.cpcd,
        tags=learned.tags or (),
        folds=learned.folds,
        seed=learned.seed,
        rerank=learned.rerank,
        sentence_encoder=learned.sentence_encoder,
        overwrite=overwrite,
        say=say,
        **config.model_dump(),
    )
    if as_json:
        print_json(card.to_json())
        return
    catalogs = ", ".join(each.name for each in card.catalogs)
    print_line(f"{out}: a dual encoder of {catalogs}")
    print_line(
        f"{counted(card.examples, 'request')} of walked conversations; {counted(card.artists, 'artist')} and "
        f"{counted(card.words, 'word')} by {counted(card.groups, 'group')} of artists"
    )
    if card.reranker is not None:
        print_line(
            f"a reranker, fitted on {counted(card.reranker.requests, 'request')} of {card.reranker.learned_from}"
        )

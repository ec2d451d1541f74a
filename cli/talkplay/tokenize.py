"""`segue talkplay tokenize`: tracks as codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import arguments
from ..overwriting import Overwrite


def register(app: typer.Typer) -> None:
    app.command("tokenize")(tokenize)


def tokenize(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write.")],
    catalog: Annotated[
        str | None,
        typer.Argument(metavar="[CATALOG]", help="That of --data, or the demo catalogue, when left out."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Training data, from whose training part is read which tracks go together."),
    ] = None,
    like: Annotated[
        Path | None, typer.Option(help="Codes whose clusters are taken as they are, for other tracks too.")
    ] = None,
    codes: Annotated[
        int | None,
        typer.Option(help="Of a modality, K; up to 1,024 by the number of tracks when left out."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same codes.")] = 0,
    overwrite: Overwrite = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Give each track one code in each of five modalities, by k-means, and say how well they tell tracks apart."""
    from ...api.talkplay.tokenizing import talkplay_tokenize
    from ..output import print_json, print_tables, say

    made = talkplay_tokenize(out, catalog, data=data, like=like, codes=codes, seed=seed, overwrite=overwrite)
    if as_json:
        print_json({"folder": str(out), "digest": made.digest, **made.figures.to_json()})
        return
    print_tables(made.figures.tables())
    say(f"codes of {made.figures.tracks:,} tracks, in {out}")

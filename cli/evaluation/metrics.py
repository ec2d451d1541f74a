"""`segue metrics`: retrieval metrics on prediction files of the challenge, and baselines to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...core.tables import counted
from .. import arguments
from ..overwriting import Overwrite, require_free

if TYPE_CHECKING:
    from ...api.evaluation.metrics import Scores

Data = Annotated[Path, typer.Argument(metavar="DATA", help="A data set: an exported folder, or its files.")]
Split = Annotated[str | None, typer.Option(help="Of a data set; the last one by default.")]

metrics = typer.Typer(
    name="metrics",
    help="Retrieval metrics on prediction files of the 2026 challenge; baselines; ground truth of an export.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    app.add_typer(metrics)


@metrics.command("score")
def score_file(
    predictions: Annotated[Path, typer.Argument(help="JSON list of predictions, one a turn.")],
    truth: Annotated[Path, typer.Argument(help="JSON list of ground truth, or a data set to take it from.")],
    split: Split = None,
    catalog_size: Annotated[
        int | None,
        typer.Option(help="Tracks to choose from; those of the data set, else the challenge's 47,071."),
    ] = None,
    as_json: arguments.OneJson = False,
) -> None:
    """nDCG@k, hit@k and MRR by turn, and the diversity of tracks and words, as the challenge counts them."""
    from dataclasses import asdict

    from ...api.evaluation.metrics import score_predictions
    from ..output import print_json

    scores = score_predictions(predictions, truth, split=split, catalog_size=catalog_size)
    if as_json:
        print_json(asdict(scores))
    else:
        _print(scores)


@metrics.command()
def baseline(
    which: Annotated[str, typer.Argument(metavar="bm25|popularity", help="What predicts.")],
    folder: Data,
    out: Annotated[Path, typer.Option(help="The prediction file to write.")],
    split: Split = None,
    repeats: Annotated[
        bool, typer.Option("--repeats/--no-repeats", help="Whether played tracks may be predicted again.")
    ] = True,
    overwrite: Overwrite = False,
) -> None:
    """Predict every turn from the true history before it: BM25 on its words, or what is played most elsewhere."""
    from ...api.evaluation.metrics import write_baseline
    from ..output import say

    require_free([out if out.is_file() else None], overwrite=overwrite)
    turns = write_baseline(which, folder, out, split=split, repeats=repeats, overwrite=True)
    say(f"{counted(turns, 'turn')} predicted, in {out}")


@metrics.command()
def truth(
    folder: Data,
    out: Annotated[Path, typer.Option(help="The ground-truth file to write.")],
    split: Split = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the ground truth of a split: the track played on every turn."""
    from ...api.evaluation.metrics import write_truth
    from ..output import say

    require_free([out if out.is_file() else None], overwrite=overwrite)
    turns = write_truth(folder, out, split=split, overwrite=True)
    say(f"{counted(turns, 'turn')}, in {out}")


def _print(scores: Scores) -> None:
    from ...api.evaluation.metrics import scores_table
    from ..output import print_line, print_tables

    print_tables([scores_table(scores)])
    print_line(f"{counted(scores.turns, 'turn')}; all turns: the mean over turn numbers")
    print_line(
        f"catalog diversity {scores.catalog_diversity:.4f}"
        f" ({scores.distinct_tracks:,} of {scores.catalog_size:,} tracks); lexical diversity"
        f" {scores.lexical_diversity:.4f} (distinct-2)"
    )

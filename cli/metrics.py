"""`segue metrics`: retrieval metrics on prediction files of the challenge, and baselines to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..dataset.opening import DataSet
    from ..evaluation.retrieval import Scores

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
    split: Annotated[str | None, typer.Option(help="Of a data set; the last one by default.")] = None,
    catalog_size: Annotated[
        int | None,
        typer.Option(help="Tracks to choose from; those of the data set, else the challenge's 47,071."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """nDCG@k, hit@k and MRR by turn, and the diversity of tracks and words, as the challenge counts them."""
    from dataclasses import asdict

    from ..dataset.challenge import read_predictions, read_truths, truths_of
    from ..evaluation.retrieval import CHALLENGE_CATALOG, score
    from ..evaluation.retrieval_baselines import choose_split
    from .output import print_json

    data = _data(truth)
    if data is None:
        truths = read_truths(truth)
    else:
        truths = [entry for row in data.rows(choose_split(data, split)) for entry in truths_of(row)]
    size = (
        catalog_size if catalog_size is not None else (len(data.tracks()) if data else 0) or CHALLENGE_CATALOG
    )
    scores = score(read_predictions(predictions), truths, catalog_size=size)
    if as_json:
        print_json(asdict(scores))
    else:
        _print(scores)


@metrics.command()
def baseline(
    which: Annotated[str, typer.Argument(metavar="bm25|popularity", help="What predicts.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DATA", help="A data set: an exported folder, or its files.")
    ],
    out: Annotated[Path, typer.Option(help="The prediction file to write.")],
    split: Annotated[str | None, typer.Option(help="The split to predict; the last one by default.")] = None,
    repeats: Annotated[
        bool, typer.Option("--repeats/--no-repeats", help="Whether played tracks may be predicted again.")
    ] = True,
) -> None:
    """Predict every turn from the true history before it: BM25 on its words, or what is played most elsewhere."""
    from ..core.errors import ConfigError
    from ..dataset.challenge import write_predictions
    from ..dataset.opening import open_dataset
    from ..evaluation.retrieval_baselines import BASELINES, predict
    from .output import say

    name = next((known for known in BASELINES if known == which), None)
    if name is None:
        raise ConfigError(f"there is no baseline {which!r}", hint=f"one of {', '.join(BASELINES)}")
    _refuse_existing(out)
    predictions = list(predict(name, open_dataset(folder), split=split, repeats=repeats))
    say(f"{write_predictions(predictions, out)} turns predicted, in {out}")


@metrics.command()
def truth(
    folder: Annotated[
        Path, typer.Argument(metavar="DATA", help="A data set: an exported folder, or its files.")
    ],
    out: Annotated[Path, typer.Option(help="The ground-truth file to write.")],
    split: Annotated[str | None, typer.Option(help="The split; the last one by default.")] = None,
) -> None:
    """Write the ground truth of a split: the track played on every turn."""
    from ..dataset.challenge import write_truths
    from ..dataset.opening import open_dataset
    from ..evaluation.retrieval_baselines import choose_split
    from .output import say

    _refuse_existing(out)
    data = open_dataset(folder)
    say(f"{write_truths(data.rows(choose_split(data, split)), out)} turns, in {out}")


def _data(path: Path) -> DataSet | None:
    """The data set at `path`; None for a file of ground truth."""
    from ..dataset.opening import open_dataset

    return None if path.is_file() and path.suffix == ".json" else open_dataset(path)


def _refuse_existing(out: Path) -> None:
    from ..core.errors import ConfigError

    if out.exists():
        raise ConfigError(f"--out {out}: it is there already", hint="nothing is overwritten; name another")
    if not out.resolve().parent.is_dir():
        raise ConfigError(f"--out {out}: there is no folder {str(out.resolve().parent)!r}")


def _print(scores: Scores) -> None:
    from ..evaluation.retrieval import METRICS
    from .output import console, print_table

    rows: list[list[Any]] = [["all turns", *(f"{scores.overall[name]:.4f}" for name in METRICS)]]
    rows += [
        [f"turn {t}", *(f"{means[name]:.4f}" for name in METRICS)] for t, means in scores.by_turn.items()
    ]
    print_table(["", *METRICS], rows, right=METRICS)
    out = console()
    out.print(f"{scores.turns} turns; all turns: the mean over turn numbers")
    out.print(
        f"catalog diversity {scores.catalog_diversity:.4f}"
        f" ({scores.distinct_tracks} of {scores.catalog_size} tracks); lexical diversity"
        f" {scores.lexical_diversity:.4f} (distinct-2)"
    )

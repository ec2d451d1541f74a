"""Retrieval metrics on prediction files of the 2026 challenge, baselines, and the ground truth of a data set."""

from __future__ import annotations

from pathlib import Path

from ...core.errors import ConfigError
from ...dataset.challenge import read_predictions, read_truths, truths_of, write_predictions, write_truths
from ...dataset.opening import open_dataset
from ...evaluation.retrieval import CHALLENGE_CATALOG, score
from ...evaluation.retrieval import Scores as Scores
from ...evaluation.retrieval import scores_table as scores_table
from ...evaluation.retrieval_baselines import BASELINES, choose_split, predict

File = str | Path


def score_predictions(
    predictions: File, truth: File, *, split: str | None = None, catalog_size: int | None = None
) -> Scores:
    """nDCG@k, hit@k and MRR by turn, and the diversity of tracks and words, as the challenge counts them.

    Args:
        predictions: JSON list of predictions, one a turn.
        truth: JSON list of ground truth, or a data set to take it from.
        split: of a data set; the last one by default.
        catalog_size: tracks to choose from; those of the data set, else the challenge's, by default.

    Raises:
        CatalogError: a file cannot be read; names file and entry.
        InputError: the data set has no such split, or predictions and truth do not cover the same turns.
    """
    path = Path(truth)
    if path.is_file() and path.suffix == ".json":
        truths, own = read_truths(path), 0
    else:
        data = open_dataset(path)
        truths = [entry for row in data.rows(choose_split(data, split)) for entry in truths_of(row)]
        own = len(data.tracks())
    size = catalog_size if catalog_size is not None else own or CHALLENGE_CATALOG
    return score(read_predictions(Path(predictions)), truths, catalog_size=size)


def write_baseline(
    baseline: str,
    data: File,
    out: File,
    *,
    split: str | None = None,
    repeats: bool = True,
    overwrite: bool = False,
) -> int:
    """Predict every turn from the true history before it; returns how many were predicted.

    Args:
        baseline: `bm25` on the history's words, or `popularity`: what is played most elsewhere.
        split: to predict; the last one by default.
        repeats: whether played tracks may be predicted again.
        overwrite: replace `out` where it is there already.

    Raises:
        ConfigError: there is no such baseline, or `out` is there already.
        InputError: the data set has no such split, or nothing to predict from.
    """
    name = next((known for known in BASELINES if known == baseline), None)
    if name is None:
        raise ConfigError(f"there is no baseline {baseline!r}", hint=f"one of {', '.join(BASELINES)}")
    file = _new(out, overwrite)
    return write_predictions(
        list(predict(name, open_dataset(Path(data)), split=split, repeats=repeats)), file
    )


def write_truth(data: File, out: File, *, split: str | None = None, overwrite: bool = False) -> int:
    """Write the ground truth of a split, the track played on every turn; returns of how many turns.

    Args:
        overwrite: replace `out` where it is there already.

    Raises:
        ConfigError: `out` is there already.
        InputError: the data set has no such split.
    """
    file, found = _new(out, overwrite), open_dataset(Path(data))
    return write_truths(found.rows(choose_split(found, split)), file)


def _new(out: File, overwrite: bool) -> Path:
    path = Path(out)
    if path.is_dir():
        raise ConfigError(f"--out {path}: it is a folder", hint="name a file")
    if path.exists() and not overwrite:
        raise ConfigError(
            f"--out {path}: it is there already", hint="name another; overwrite=True replaces it"
        )
    if not path.resolve().parent.is_dir():
        raise ConfigError(f"--out {path}: there is no folder {str(path.resolve().parent)!r}")
    return path

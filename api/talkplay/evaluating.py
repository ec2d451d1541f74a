"""How well systems tell the track that is played next in conversations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
from ...core.suggestions import choices
from ...evaluation.talkplay.evaluating import evaluate_next_track
from ...evaluation.talkplay.opened import openers
from ...evaluation.talkplay.report import NextTrackReport as NextTrackReport
from ...evaluation.talkplay.systems import BASELINES as BASELINES
from ...recommenders.next_track.dividing import PARTS, Part
from ...recommenders.next_track.training_files import read_training


def talkplay_evaluate(
    data: str | Path,
    systems: Sequence[str] = BASELINES,
    *,
    catalog: str | Path | None = None,
    part: str = "test",
    seed: int = 0,
) -> NextTrackReport:
    """Score systems on the next track of each turn, among all tracks of the catalogue.

    Args:
        data: a folder that `talkplay_data` wrote.
        systems: `bm25`, `dense` and `popularity`, which learn from the training part what they can; `clap` is named and
            skipped; `talkplay:FOLDER` and `walk:FOLDER` are trained models, `talkplay:FOLDER(decode='lookup')` or
            `python:package.module:Class` any recommender of this process. Each of these is scored alone and together
            with each baseline, by ranks (`rrf`) and by standardized scores (`z`).
            The others are compared with the first.
        catalog: where the tracks are now, if not where they were.
        part: `test`, or `validation`.
        seed: of the bootstrap, and of what tuning draws.

    Raises:
        InputError: the data cannot be read, or no turn of them can be scored.
        ConfigError: there is no such system, a package is missing, or the catalogue is another one.
    """
    read = read_training(Path(data))
    opened = open_catalog(read.origin.catalog if catalog is None else str(catalog))
    return evaluate_next_track(
        read, opened, tuple(systems), trained=openers(systems, opened, seed), part=_part(part), seed=seed
    )


def _part(name: str) -> Part:
    if name not in get_args(Part):
        raise ConfigError(f"there is no part {name!r}", hint=choices(name, PARTS, what="one of"))
    return next(each for each in PARTS if each == name)

"""How well systems tell the track that is played next in conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

from ...agents.chair.spec import RecommenderSpec
from ...catalog.catalog import Catalog
from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
from ...core.suggestions import choices
from ...evaluation.talkplay.evaluating import evaluate_next_track
from ...evaluation.talkplay.report import NextTrackReport as NextTrackReport
from ...evaluation.talkplay.systems import BASELINES as BASELINES
from ...evaluation.talkplay.systems import OpenScorer
from ...recommenders.next_track.dividing import PARTS, Part
from ...recommenders.next_track.training_files import read_training
from ...recommenders.talkplay.scoring import TalkPlayScorer
from ...recommenders.talkplay.views import cards_of

_TALKPLAY: Final = "talkplay:"


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
            skipped; `talkplay:FOLDER` is a trained model. The others are compared with the first.
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
        read, opened, tuple(systems), trained=_trained(systems, opened), part=_part(part), seed=seed
    )


def _trained(systems: Sequence[str], catalog: Catalog) -> Mapping[str, OpenScorer]:
    """Those of the systems that were trained: `talkplay:FOLDER`."""
    return {name: _opener(name, catalog) for name in systems if name.startswith(_TALKPLAY)}


def _opener(name: str, catalog: Catalog) -> OpenScorer:
    """As `--recsys` reads it."""
    arguments = dict(RecommenderSpec.of(name).arguments)
    folder = Path(arguments.pop("folder"))
    unknown = next((each for each in arguments if each not in ("decode", "beam")), None)
    if unknown is not None:
        raise ConfigError(f"{name}: there is no argument {unknown!r} here", hint="decode and beam are")
    return lambda _: TalkPlayScorer(folder, cards_of(catalog), **arguments)


def _part(name: str) -> Part:
    if name not in get_args(Part):
        raise ConfigError(f"there is no part {name!r}", hint=choices(name, PARTS, what="one of"))
    return next(each for each in PARTS if each == name)

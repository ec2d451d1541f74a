"""Systems named by a user, scored on the test part of training data beside one another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ...catalog.catalog import Catalog
from ...core.errors import ConfigError
from ...recommenders.next_track.dividing import Part
from ...recommenders.next_track.training_files import TrainingData
from ...recommenders.talkplay.scoring import TalkPlayScorer
from ...recommenders.walk.items import ItemTable
from .exact_matches import ExactMatches
from .report import NextTrackReport
from .systems import BASELINES, FUSIONS, SKIPPED, OpenScorer, Systems
from .task import NextTrackTask


def evaluate_next_track(
    data: TrainingData,
    catalog: Catalog,
    systems: Sequence[str] = BASELINES,
    *,
    trained: Mapping[str, OpenScorer] | None = None,
    part: Part = "test",
    seed: int = 0,
) -> NextTrackReport:
    """Score systems on the whole catalogue for every turn of a part.

    Args:
        systems: names of `BASELINES`, or of `trained`.
        trained: name -> whoever is trained; each is scored alone and together with each baseline that is.

    Raises:
        ConfigError: there is no such system, one is named twice, or the catalogue is another one.
        InputError: no turn can be scored.
    """
    _require_different(systems)
    _require_same(catalog, data)
    task = NextTrackTask(ItemTable.of_catalog(catalog), data.divided, part)
    scored = [name for name in systems if name not in SKIPPED]
    if not scored:
        raise ConfigError(f"{', '.join(systems)}: {SKIPPED[systems[0]]}", hint="name another system, too")
    found = Systems(task, dict(trained or {}), seed)
    for name in scored:  # what cannot be opened is told before anything is scored
        found.scorer(name)
    ranks = found.ranks(scored, _joined(scored, trained or {}))
    return NextTrackReport(
        task,
        {name: np.array(values) for name, values in ranks.items()},
        {name: SKIPPED[name] for name in systems if name in SKIPPED},
        found.settings,
        seed,
        _matches(found, scored),
    )


def _matches(found: Systems, names: Sequence[str]) -> dict[str, ExactMatches]:
    """Of those that drew sequences."""
    warm = np.array([each in found.task.divided.warm for each in found.task.items.ids], dtype=bool)
    scorers = {name: found.scorer(name) for name in names}
    return {
        name: ExactMatches.of(each.matches, warm)
        for name, each in scorers.items()
        if isinstance(each, TalkPlayScorer) and each.matches
    }


def _joined(scored: Sequence[str], trained: Collection[str]) -> list[tuple[str, str, str]]:
    """How each that is trained is put together with each baseline."""
    baselines = [name for name in scored if name not in trained]
    return [(how, one, mine) for mine in scored if mine in trained for one in baselines for how in FUSIONS]


def _require_same(catalog: Catalog, data: TrainingData) -> None:
    if catalog.digest != data.origin.catalog_digest:
        raise ConfigError(
            f"the catalogue {catalog.name} is not the one that these data were made from ({data.origin.catalog})",
            hint="make the data anew with `segue talkplay data`, or name their catalogue with --catalog",
        )


def _require_different(systems: Sequence[str]) -> None:
    again = next((name for place, name in enumerate(systems) if name in systems[:place]), None)
    if again is not None or not systems:
        raise ConfigError(f"the system {again!r} is named twice" if systems else "no system is named")

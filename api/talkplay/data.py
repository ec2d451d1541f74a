"""Conversations of a store or a data set as training data: divided by session, with tracks held out on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...catalog.catalog import Catalog
from ...catalog.opening import DEMO, open_catalog
from ...core.errors import ConfigError
from ...core.settings import faults_of
from ...core.tables import Table
from ...dataset.opening import DataSet, open_dataset
from ...dataset.threads import dataset_of
from ...evaluation.talkplay.data import playlists_of, talks_of
from ...recommenders.next_track.dividing import PARTS, DividingRule, divide_talks
from ...recommenders.next_track.training_files import MANIFEST, TrainingOrigin, write_training
from ..store import DEFAULT_STORE, Address, OpenStore, reading
from .free_folder import free_folder

File = str | Path


@dataclass(frozen=True)
class TrainingSummary:
    """What training data hold.

    Attributes:
        folder: where they are.
    """

    folder: Path
    origin: TrainingOrigin

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        return {"folder": str(self.folder), **self.origin.model_dump(mode="json")}

    def tables(self) -> Sequence[Table]:
        """The parts, and what is left out."""
        counts = self.origin.counts
        kinds = ("sessions", "conversations", "turns")
        rows = [[part, *(f"{counts[f'{part}_{kind}']:,}" for kind in kinds)] for part in PARTS]
        made = [Table(("part", *kinds), rows, kinds)]
        if self.origin.left_out:
            left = [[reason, f"{count:,}"] for reason, count in self.origin.left_out.items()]
            made.append(Table(("left out", "how many"), left, ("how many",)))
        return made


def talkplay_data(
    out: File,
    *,
    data: File | None = None,
    more: Sequence[File] = (),
    run: str | None = None,
    catalog: str | Path | None = None,
    test_share: float = 0.2,
    validation_share: float = 0.1,
    cold_share: float = 0.05,
    seed: int = 0,
    overwrite: bool = False,
    store: OpenStore | Address = DEFAULT_STORE,
) -> TrainingSummary:
    """Write conversations, divided by session, to learn next tracks from and to test on, and the training playlists.

    Args:
        out, overwrite: a folder, and whether what is in it may be replaced.
        data: a data set in place of the store. `run`: only this one of the store, by its name or the start of its id.
        more: data sets of other sessions, whose conversations are learned from alone.
        catalog: that the conversations were played on; the demo catalogue by default.
        test_share, validation_share: of the sessions. `cold_share`: of the tracks of the test part that training is not
            to know; others are cold by themselves.

    Raises:
        NotFoundError: no such store or run.
        InputError: the data set cannot be read, no conversation is left, or there are too few sessions.
        ConfigError: a share is none, or the folder is there already or cannot be written.
    """
    folder = free_folder(out, "training data", lambda there: (there / MANIFEST).exists(), overwrite=overwrite)
    if data is not None and run is not None:
        raise ConfigError("--run is for a store, and a data set is named", hint="leave one of the two out")
    with faults_of(("test_share", "validation_share", "cold_share"), "shares"):
        rule = DividingRule(test=test_share, validation=validation_share, cold=cold_share, seed=seed)
    opened, others = open_catalog(catalog and str(catalog)), [open_dataset(Path(each)) for each in more]
    if data is not None:
        return _written(folder, [open_dataset(Path(data)), *others], opened, catalog, rule)
    with reading(store) as stored:
        own = dataset_of(stored.reader, stored.prices(), run=run, branches=False)
        return _written(folder, [own, *others], opened, catalog, rule)


def _written(
    folder: Path, data: Sequence[DataSet], catalog: Catalog, place: File | None, rule: DividingRule
) -> TrainingSummary:
    named = DEMO if place is None or str(place) == DEMO else str(Path(place).resolve())
    (talks, left_out), *others = (talks_of(each, catalog) for each in data)
    further = [talk for found, _ in others for talk in found]
    divided = divide_talks(talks, playlists_of(catalog), rule, further)
    origin = TrainingOrigin(
        catalog=named,
        catalog_digest=catalog.digest,
        conversations=data[0].name,
        more=tuple(each.name for each in data[1:]),
        rule=rule,
        left_out=dict(sum((Counter(left) for _, left in others), Counter(left_out))),
    )
    return TrainingSummary(folder, write_training(folder, divided, origin))

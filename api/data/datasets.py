"""Data sets out of the store and into it, in the published schema."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from ...catalog.catalog import Catalog
from ...catalog.opening import open_catalog
from ...checkpoints.store.imported import STATUS
from ...checkpoints.store.listing import count_conversations
from ...checkpoints.store.usage_queries import Chosen
from ...core.errors import ConfigError, InputError
from ...core.packages import require_all
from ...core.settings import require_bounds
from ...dataset import exporting
from ...dataset.challenge import (
    check_predictions,
    played_predictions,
    read_predictions,
    truths_of,
    write_predictions,
    write_truths,
)
from ...dataset.exporting import ExportOptions
from ...dataset.provenance import provenance_of, run_plans
from ...dataset.splitting import Splitting
from ...dataset.threads import ThreadDataSet, count_branches, dataset_of
from ..store import DEFAULT_STORE, Address, OpenStore, reading

File = str | Path


@dataclass(frozen=True)
class Selection:
    """Conversations of an open store as a data set, ready to be written.

    Attributes:
        cards_alone: of the tracks there is only what the conversations were shown, for want of their catalogue.
        branches_left_out: how many finished branches are not among them.
        unfinished: conversations, branches too where they are wanted, that did not come to their end.
    """

    store: OpenStore
    data: ThreadDataSet
    run: str | None
    prices: File | None
    cards_alone: bool
    branches_left_out: int = 0
    unfinished: int = 0

    @property
    def test_split(self) -> str | None:
        """`test` where there is one; None stands for all conversations."""
        return "test" if "test" in self.data.splits else None

    def write(
        self, folder: File, *, license_id: str | None = None, thoughts: bool = True, pictures: bool = True
    ) -> ExportSummary:
        """Write the folder: all of it, or, when anything fails, nothing. See `export`."""
        made = provenance_of(self.store.reader, self.store.prices(self.prices), self.run)
        day = self.data.plan.test_from
        options = ExportOptions(license_id, thoughts, pictures)
        written = exporting.export(self.data, Path(folder), options, provenance=made, test_from=day)
        return ExportSummary(str(folder), written.splits, day, written.lacking, made.failure_share, made.cost)

    def write_ground_truth(self, file: File, *, overwrite: bool = False) -> int:
        """Write the challenge's ground truth of the test split; how many turns. Raises `InputError` where it exists,
        and is not to be replaced."""
        return write_truths(self.data.rows(self.test_split), _new(file, overwrite))

    def write_predictions(self, file: File, *, overwrite: bool = False) -> int:
        """`write_ground_truth`, but what the recsys played, as the challenge's predictions."""
        rows = self.data.rows(self.test_split)
        return write_predictions(played_predictions(rows), _new(file, overwrite))

    def check_predictions(self, file: File) -> tuple[int, list[str]]:
        """(predictions in the file, what it lacks or has too much for the turns of the test split).

        Raises:
            InputError: it is no file of predictions.
        """
        given = read_predictions(Path(file))
        truths = (truth for row in self.data.rows(self.test_split) for truth in truths_of(row))
        return len(given), check_predictions(given, truths)


@dataclass(frozen=True)
class ExportSummary:
    """What was exported.

    Attributes:
        splits: config -> split -> rows.
        test_from: first day of testing, where the split is by time.
        tracks_lacking: tracks that nothing is known of.
        failure_share: of the conversations that ended; None when none did.
        cost_usd: of all calls; None when a price is not known.
    """

    folder: str
    splits: Mapping[str, Mapping[str, int]]
    test_from: date | None
    tracks_lacking: int
    failure_share: float | None
    cost_usd: float | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        day = self.test_from.isoformat() if self.test_from else None
        return {**vars(self), "test_from": day}


def select(
    store: OpenStore,
    *,
    run: str | None = None,
    include_altered: bool = False,
    branches: bool = False,
    catalog: str | None = None,
    split: Literal["time", "none"] = "time",
    test_from: date | None = None,
    test_share: float | None = None,
    test_size: int | None = None,
    cold_share: float = 0.2,
    prices: File | None = None,
) -> Selection:
    """The finished and the imported conversations of an open store, divided. For the arguments see `SelectArguments`.

    Raises:
        ConfigError: arguments contradict each other, or the catalogue is another one.
    """
    rule = _rule(split, test_from, test_share, test_size, cold_share)
    known, cards_alone = _catalog(store, run, catalog)
    data = dataset_of(
        store.reader,
        store.prices(prices),
        run=run,
        include_altered=include_altered,
        branches=branches,
        splitting=rule,
        catalog=known,
    )
    left_out = 0 if branches else count_branches(store.reader, run, include_altered=include_altered)
    return Selection(store, data, run, prices, cards_alone, left_out, _unfinished(store, run, branches))


class SelectArguments(TypedDict, total=False):
    """Which conversations, and how they are divided: arguments of `export` that are `select`'s.

    Attributes:
        run: only this run, by its name or the start of its id.
        include_altered: with conversations under a changed partition.
        branches: with branches, too; trunks alone by default.
        catalog: where the tracks' whole metadata are; the demo catalogue by itself.
        split: by time, or none for everything in `train`.
        test_from: first day of testing. 2019-01-01 by default.
        test_share: test on this share, the newest, instead.
        test_size: so many for testing, balanced over country, gender and age group.
        cold_share: of `test_size`, for users that training does not know; 0.2 by default.
        prices: YAML file with prices of other models.
    """

    run: str | None
    include_altered: bool
    branches: bool
    catalog: str | None
    split: Literal["time", "none"]
    test_from: date | None
    test_share: float | None
    test_size: int | None
    cold_share: float
    prices: File | None


def export(
    folder: File,
    *,
    license_id: str | None = None,
    thoughts: bool = True,
    pictures: bool = True,
    store: OpenStore | Address = DEFAULT_STORE,
    **selecting: Unpack[SelectArguments],
) -> ExportSummary:
    """Write finished and imported conversations as a folder that `datasets.load_dataset` loads.

    Args:
        folder: new or empty.
        license_id: for the card; none is assumed.
        thoughts: False leaves out what both sides think.
        pictures: plots in the card, which need matplotlib.
        selecting: which conversations, and how they are divided: see `SelectArguments`.

    Raises:
        NotFoundError: no such store.
        InputError: the folder holds something, or a conversation cannot be exported.
        ConfigError: arguments contradict each other, a package is missing, or the folder cannot be written.
    """
    with reading(store) as opened:
        chosen = select(opened, **selecting)
        return chosen.write(folder, license_id=license_id, thoughts=thoughts, pictures=pictures)


def require_export(*, pictures: bool, push: bool = False) -> None:
    """Raises `ConfigError` with every package that an export needs and that is not installed."""
    require_all(exporting.export_needs(pictures=pictures, push=push))


def upload_token(repository: str) -> str:
    """The token that an upload would use. Raises `ConfigError` for no `OWNER/NAME`, or where no token is set."""
    return exporting.check_push(repository, os.environ)


def upload(folder: File, repository: str, token: str) -> str:
    """Upload an exported folder as a private data set; its address.

    Raises:
        ConfigError: huggingface_hub is not installed, or the hub refused.
    """
    return exporting.push(Path(folder), repository, token)


def _rule(
    split: str, test_from: date | None, test_share: float | None, test_size: int | None, cold_share: float
) -> Splitting:
    given = {"--test-from": test_from, "--test-share": test_share}
    asked = [name for name, value in given.items() if value is not None]
    require_bounds("test_share", test_share, 0, 1)
    require_bounds("test_size", test_size, 1)
    require_bounds("cold_share", cold_share, 0, 1)
    if split not in ("time", "none"):
        raise ConfigError(f"--split {split!r}: it must be time or none")
    if len(asked) == 2:
        raise ConfigError("--test-from and --test-share are two answers to one question", hint="give one")
    if split == "none":
        if asked or test_size is not None:
            raise ConfigError(f"--split none leaves nothing for {(asked or ['--test-size'])[0]} to say")
        return Splitting(chronological=False, imported=False)
    return Splitting(test_from=test_from, test_share=test_share, test_size=test_size, cold_share=cold_share)


def _catalog(store: OpenStore, run: str | None, named: str | None) -> tuple[Catalog | None, bool]:
    """(the catalogue named, or the demo one, where it was played on; whether there is another that was not named)."""
    digests = {plan.get("catalog_digest") for plan in run_plans(store.store, run)} - {None}
    found = open_catalog(named)
    if found.digest in digests:
        return found, False
    if named is not None:
        raise ConfigError(
            f"--catalog {named!r} is not what these conversations were played on",
            hint="`segue runs` shows the catalogues; reading options such as --session-gap matter too",
        )
    return None, bool(digests)


def _unfinished(store: OpenStore, run: str | None, branches: bool) -> int:
    run_id = store.reader.runs.chosen(run)
    chosen = Chosen(everything=True) if run_id is None else Chosen(runs=[run_id])
    counted = count_conversations(store.store, chosen).items()
    ended = ("done", STATUS)
    return sum(n for (status, branch), n in counted if status not in ended and (branches or not branch))


def _new(file: File, overwrite: bool) -> Path:
    path = Path(file)
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder", hint="name a file")
    if path.exists() and not overwrite:
        raise InputError(f"{str(path)!r} exists", hint="name a new file; overwrite=True replaces it")
    return path

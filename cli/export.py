"""`segue export`: finished conversations as a data set that the tools of the field load."""

from __future__ import annotations

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..dataset.splitting import Splitting
    from ..dataset.threads import ThreadDataSet
    from ..dataset.writing import Exported
    from .reading import Reading


class SplitBy(StrEnum):
    """How to divide."""

    time = "time"
    none = "none"


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="New or empty folder to write.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="Only this run (or the start of its id).")] = None,
    include_altered: Annotated[
        bool, typer.Option("--include-altered", help="With conversations under a changed partition.")
    ] = False,
    branches: Annotated[bool, typer.Option("--branches/--no-branches", help="With branches.")] = True,
    catalog: Annotated[
        str | None,
        typer.Option(envvar="SEGUE_CATALOG", help="Where the tracks' whole metadata are; demo by itself."),
    ] = None,
    split: Annotated[SplitBy, typer.Option(help="time, or none for everything in train.")] = SplitBy.time,
    test_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day of testing; 2019-01-01 by default."),
    ] = None,
    test_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Test on this share, the newest, instead.")
    ] = None,
    test_size: Annotated[
        int | None,
        typer.Option(min=1, help="So many for testing, balanced over country, gender and age group."),
    ] = None,
    cold_share: Annotated[
        float, typer.Option(min=0, max=1, help="Of --test-size: for users that training does not know.")
    ] = 0.2,
    license_id: Annotated[
        str | None, typer.Option("--license", help="For the card, such as cc-by-4.0; none is assumed.")
    ] = None,
    without_thoughts: Annotated[
        bool, typer.Option("--without-thoughts", help="Leave out what both sides think.")
    ] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Plots in the card (needs matplotlib).")
    ] = True,
    ground_truth: Annotated[
        Path | None,
        typer.Option("--challenge-ground-truth", help="Write the challenge's ground truth of `test` here."),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option("--challenge-predictions", help="Write what the recsys played as predictions here."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check-predictions", help="Say what a prediction file for `test` lacks (exit code 1)."
        ),
    ] = None,
    push: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Then upload it as a private data set.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(envvar="SEGUE_PRICES", help="YAML file with prices of other models.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Write finished and imported conversations in the published schema, with everything that loads beside it."""
    from ..core.errors import ConfigError
    from ..dataset.exporting import ExportOptions, check_push
    from ..dataset.threads import dataset_of
    from .output import print_json
    from .reading import open_reading

    if folder is None and ground_truth is None and predictions is None and check is None:
        raise ConfigError("nothing to write", hint="name a folder, or --challenge-ground-truth FILE")
    if push is not None and folder is None:
        raise ConfigError(
            "--push uploads a folder, and none is named", hint="segue export DIR --push OWNER/NAME"
        )
    token = check_push(push, os.environ) if push is not None else None
    rule = _rule(split, test_from, test_share, test_size, cold_share)
    with open_reading(context) as reading:
        dataset = dataset_of(
            stored(reading, prices),
            run=run,
            include_altered=include_altered,
            branches=branches,
            splitting=rule,
            catalog=_catalog(reading, run, catalog),
        )
        told = _challenge(dataset, ground_truth, predictions)
        if check is not None:
            told["faults"] = _faults(dataset, check)
        if folder is not None:
            options = ExportOptions(license_id, not without_thoughts, pictures)
            told |= _folder(reading, dataset, folder, options, run, prices)
    if push is not None and folder is not None and token is not None:
        told["pushed"] = _push(folder, push, token)
    if as_json:
        print_json(told)
    if told.get("faults"):
        raise typer.Exit(1)


def stored(reading: Reading, prices: Path | None = None) -> Any:
    """The open store as data sets read it."""
    from ..dataset.threads import Stored
    from ..models.prices import load_prices

    return Stored(reading.store, reading.threads, reading.ledger, load_prices(prices), reading.state)


def _rule(
    split: SplitBy,
    test_from: datetime | None,
    test_share: float | None,
    test_size: int | None,
    cold_share: float,
) -> Splitting:
    from ..core.errors import ConfigError
    from ..dataset.splitting import UNSPLIT, Splitting

    asked = [
        name
        for name, value in (("--test-from", test_from), ("--test-share", test_share))
        if value is not None
    ]
    if len(asked) == 2:
        raise ConfigError("--test-from and --test-share are two answers to one question", hint="give one")
    if split is SplitBy.none:
        if asked or test_size is not None:
            raise ConfigError(f"--split none leaves nothing for {(asked or ['--test-size'])[0]} to say")
        return UNSPLIT
    day = test_from.date() if test_from is not None else None
    return Splitting(test_from=day, test_share=test_share, test_size=test_size, cold_share=cold_share)


def _catalog(reading: Reading, run: str | None, named: str | None) -> Any:
    """The catalogue that the conversations were played on: the one named, or the demo catalogue where it is that.

    None where none is named; then there is what the conversations were shown.
    """
    from ..catalog.opening import open_catalog
    from ..core.errors import ConfigError
    from ..dataset.provenance import run_plans
    from .output import say

    digests = {plan.get("catalog_digest") for plan in run_plans(reading.store, run)} - {None}
    found = open_catalog(named)
    if found.digest in digests:
        return found
    if named is not None:
        raise ConfigError(
            f"--catalog {named!r} is not what these conversations were played on",
            hint="`segue runs` shows the catalogues; reading options such as --session-gap matter too",
        )
    if digests:
        say(
            "no --catalog: of the tracks there is what the conversations were shown, without ids and durations"
        )
    return None


def _challenge(dataset: ThreadDataSet, ground_truth: Path | None, predictions: Path | None) -> dict[str, Any]:
    """Write the challenge's files, of `test` where there is one."""
    from ..core.errors import InputError
    from ..dataset.challenge import played_predictions, write_predictions, write_truths
    from .output import say

    told: dict[str, Any] = {}
    split = "test" if "test" in dataset.splits else None
    for name, path in (("ground_truth", ground_truth), ("predictions", predictions)):
        if path is None:
            continue
        if path.exists():
            raise InputError(f"{str(path)!r} exists", hint="name a new file; an export overwrites nothing")
        rows = dataset.rows(split)
        write = write_truths(rows, path) if name == "ground_truth" else None
        turns = write if write is not None else write_predictions(played_predictions(rows), path)
        say(f"{turns} turns of {split or 'all conversations'} written to {path}")
        told[name] = {"file": str(path), "turns": turns, "split": split}
    return told


def _faults(dataset: ThreadDataSet, file: Path) -> list[str]:
    """What the prediction file lacks or has too much for the turns of `test`, or of all there is."""
    from ..dataset.challenge import check_predictions, read_predictions, truths_of
    from .output import say

    split = "test" if "test" in dataset.splits else None
    given = read_predictions(file)
    found = check_predictions(given, (truth for row in dataset.rows(split) for truth in truths_of(row)))
    for fault in found[:20]:
        say(fault)
    say(f"{len(given)} predictions; faults: {len(found)}" if found else f"{len(given)} predictions, complete")
    return found


def _folder(
    reading: Reading, dataset: ThreadDataSet, folder: Path, options: Any, run: str | None, prices: Path | None
) -> dict[str, Any]:
    from ..dataset.exporting import export as write
    from ..dataset.provenance import provenance_of
    from .output import say

    made = provenance_of(stored(reading, prices), run)
    exported = write(dataset, folder, options, provenance=made, test_from=dataset.plan.test_from)
    _tell(folder, exported, dataset)
    if options.licence is None:
        say("no licence was chosen: the card says so (--license ID)")
    return {
        "folder": str(folder),
        "splits": exported.splits,
        "test_from": dataset.plan.test_from.isoformat() if dataset.plan.test_from else None,
        "tracks_lacking": exported.lacking,
        "failure_share": made.failure_share,
        "cost_usd": made.cost,
    }


def _tell(folder: Path, exported: Exported, dataset: ThreadDataSet) -> None:
    from .output import say

    counts = exported.splits["conversations"]
    parts = ", ".join(f"{split} {count}" for split, count in counts.items())
    say(f"{sum(counts.values())} conversations ({parts}) written to {folder}")
    if dataset.plan.test_from is not None:
        say(f"split by time: testing from {dataset.plan.test_from}")
    if exported.lacking:
        say(f"of {exported.lacking} tracks nothing is known; they are not in the track table")
    say(
        f'load it with datasets.load_dataset("{folder}"), or with "extras", "tracks", "users" as second argument'
    )


def _push(folder: Path, repository: str, token: str) -> str:
    from ..dataset.exporting import push
    from .output import say

    address = push(folder, repository, token)
    say(f"uploaded to {address}")
    return address

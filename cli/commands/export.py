"""`segue export`: finished conversations as a data set that the tools of the field load."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ...core.tables import counted
from .. import arguments
from ..overwriting import Overwrite, require_free

if TYPE_CHECKING:
    from ... import OpenStore
    from ...api.data.datasets import Selection

_FAULTS = 20
"""Faults of a prediction file that are told one by one."""


def register(app: typer.Typer) -> None:
    app.command("export")(export)


@dataclass(frozen=True)
class ExportFlags:
    """What is written, where, and how it is told."""

    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="New or empty folder to write.")] = None
    run: arguments.OfRun = None
    include_altered: arguments.Altered = False
    branches: Annotated[bool, typer.Option("--branches/--no-branches", help="With branches, too.")] = False
    catalog: Annotated[
        str | None,
        typer.Option(envvar="SEGUE_CATALOG", help="Where the tracks' whole metadata are; demo by itself."),
    ] = None
    split: Annotated[Literal["time", "none"], typer.Option(help="time, or none for everything in train.")] = (
        "time"
    )
    test_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day of testing; 2019-01-01 by default."),
    ] = None
    test_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Test on this share, the newest, instead.")
    ] = None
    test_size: Annotated[
        int | None,
        typer.Option(min=1, help="So many for testing, balanced over country, gender and age group."),
    ] = None
    cold_share: Annotated[
        float, typer.Option(min=0, max=1, help="Of --test-size: for users that training does not know.")
    ] = 0.2
    license_id: Annotated[
        str | None, typer.Option("--license", help="For the card, such as cc-by-4.0; none is assumed.")
    ] = None
    without_thoughts: Annotated[
        bool, typer.Option("--without-thoughts", help="Leave out what both sides think.")
    ] = False
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Plots in the card (needs matplotlib).")
    ] = True
    ground_truth: Annotated[
        Path | None,
        typer.Option("--challenge-ground-truth", help="Write the challenge's ground truth of `test` here."),
    ] = None
    predictions: Annotated[
        Path | None,
        typer.Option("--challenge-predictions", help="Write what the recsys played as predictions here."),
    ] = None
    check: Annotated[
        Path | None,
        typer.Option(
            "--check-predictions", help="Say what a prediction file for `test` lacks (exit code 1)."
        ),
    ] = None
    push: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Then upload it as a private data set.")
    ] = None
    overwrite: Overwrite = False
    prices: arguments.Prices = None
    as_json: arguments.OneJson = False


@arguments.grouped
def export(context: typer.Context, options: ExportFlags) -> None:
    """Write finished and imported conversations in the published schema, with everything that loads beside it."""
    from ... import open_store
    from ...api.data.datasets import require_export, upload, upload_token
    from ..output import print_json, say

    folder, push = options.folder, options.push
    _refuse_nothing(options)
    files = (options.ground_truth, options.predictions)
    require_free([file for file in files if file and file.is_file()], overwrite=options.overwrite)
    if folder is not None:
        require_export(pictures=options.pictures, push=push is not None)
    token = upload_token(push) if push is not None else None
    with open_store(context.obj["store"], read_only=True) as store:
        chosen = _select(options, store)
        _say_what_is_left_out(chosen)
        told: dict[str, Any] = {"unfinished": chosen.unfinished}
        told |= _challenge(chosen, options.ground_truth, options.predictions, options.check)
        if folder is not None:
            told |= _folder(
                chosen, folder, options.license_id, not options.without_thoughts, options.pictures
            )
    if push is not None and folder is not None and token is not None:
        told["pushed"] = upload(folder, push, token)
        say(f"uploaded to {told['pushed']}")
    if options.as_json:
        print_json(told)
    if told.get("faults"):
        raise typer.Exit(1)


def _say_what_is_left_out(chosen: Selection) -> None:
    from ..output import say

    if chosen.cards_alone:
        say(
            "no --catalog: of the tracks there is what the conversations were shown, without ids and durations"
        )
    if chosen.branches_left_out:
        say(f"branches left out: {chosen.branches_left_out}; --branches takes them in")
    if chosen.unfinished:
        say(f"unfinished conversations left out: {chosen.unfinished}; `segue threads` shows how they stand")


def _refuse_nothing(options: ExportFlags) -> None:
    """Raise `ConfigError` where there is nothing to write, or nothing to upload."""
    from ...core.errors import ConfigError

    files = (options.folder, options.ground_truth, options.predictions, options.check)
    if all(file is None for file in files):
        raise ConfigError("nothing to write", hint="name a folder, or --challenge-ground-truth FILE")
    if options.push is not None and options.folder is None:
        raise ConfigError(
            "--push uploads a folder, and none is named", hint="segue export DIR --push OWNER/NAME"
        )


def _select(options: ExportFlags, store: OpenStore) -> Selection:
    from ...api.data.datasets import select

    return select(
        store,
        run=options.run,
        include_altered=options.include_altered,
        branches=options.branches,
        catalog=options.catalog,
        split=options.split,
        test_from=options.test_from.date() if options.test_from is not None else None,
        test_share=options.test_share,
        test_size=options.test_size,
        cold_share=options.cold_share,
        prices=options.prices,
    )


def _challenge(
    chosen: Selection, ground_truth: Path | None, predictions: Path | None, check: Path | None
) -> dict[str, Any]:
    """Write and check the challenge's files, of `test` where there is one."""
    from ..output import say

    told: dict[str, Any] = {}
    split = chosen.test_split
    asked = {
        "ground_truth": (ground_truth, chosen.write_ground_truth),
        "predictions": (predictions, chosen.write_predictions),
    }
    for name, (path, write) in asked.items():
        if path is not None:
            turns = write(path, overwrite=True)
            say(f"{counted(turns, 'turn')} of {split or 'all conversations'} written to {path}")
            told[name] = {"file": str(path), "turns": turns, "split": split}
    if check is not None:
        given, faults = chosen.check_predictions(check)
        for fault in faults[:_FAULTS]:
            say(fault)
        say(
            f"{counted(given, 'prediction')}; faults: {len(faults)}"
            if faults
            else f"{counted(given, 'prediction')}, complete"
        )
        told["faults"] = faults
    return told


def _folder(
    chosen: Selection, folder: Path, license_id: str | None, thoughts: bool, pictures: bool
) -> dict[str, Any]:
    from ..output import say

    made = chosen.write(folder, license_id=license_id, thoughts=thoughts, pictures=pictures)
    counts = made.splits["conversations"]
    parts = ", ".join(f"{split} {count}" for split, count in counts.items())
    say(f"{counted(sum(counts.values()), 'conversation')} ({parts}) written to {folder}")
    if made.test_from is not None:
        say(f"split by time: testing from {made.test_from}")
    if made.tracks_lacking:
        say(f"of {made.tracks_lacking:,} tracks nothing is known; they are not in the track table")
    say(
        f'load it with datasets.load_dataset("{folder}"), or with "extras", "tracks", "users" as second argument'
    )
    if license_id is None:
        say("no licence was chosen: the card says so (--license ID)")
    return made.to_json()

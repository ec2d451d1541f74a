"""The language model of TalkPlay: measured, trained, and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...catalog.opening import open_catalog
from ...core.tables import Table
from ...recommenders.next_track.training_files import read_training
from ...recommenders.talkplay.codes.track_codes import TrackCodes
from ...recommenders.talkplay.language.trained_model import is_whole, read_about
from ...recommenders.talkplay.training.checkpoints import checkpoint_file
from ...recommenders.talkplay.training.curves import curves_figure
from ...recommenders.talkplay.training.examples import rows_of_epoch, steps_of_epoch
from ...recommenders.talkplay.training.train_settings import TrainSettings as TrainSettings
from ...recommenders.talkplay.training.training import Training
from ...recommenders.talkplay.training.training import TrainingPlan as TrainingPlan
from .free_folder import free_folder


@dataclass(frozen=True)
class TrainedSummary:
    """A model that was trained.

    Attributes:
        folder: where it is; `--recsys talkplay:FOLDER` puts it in the recsys's chair.
        about: what it was trained with, and the losses after each epoch.
    """

    folder: Path
    about: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        return {"folder": str(self.folder), **self.about}

    def tables(self) -> list[Table]:
        """The losses, by kind of row."""
        curves = self.about["curves"]
        columns = list(dict.fromkeys(name for each in curves for name in each))
        rows = [[f"{each[name]:.3f}" if name in each else "" for name in columns] for each in curves]
        return [Table(columns, rows, right=columns)]

    def plot(self, path: str | Path) -> None:
        """Draw the losses into a file. Raises `ConfigError` where matplotlib is not installed."""
        curves_figure(self.about["curves"]).savefig(Path(path))


def talkplay_train(
    codes: str | Path,
    data: str | Path,
    out: str | Path,
    *,
    catalog: str | Path | None = None,
    settings: TrainSettings | None = None,
    overwrite: bool = False,
    advance: Callable[[str], None] | None = None,
) -> TrainedSummary:
    """Train a language model to answer conversations with tracks. The same call again goes on where one was ended.

    Args:
        codes: a folder that `talkplay_tokenize` wrote.
        data: a folder that `talkplay_data` wrote.
        out: the folder of the model.
        catalog: where the tracks are now, if not where they were.
        overwrite: begin anew, whatever is in the folder.
        advance: called after each step.

    Raises:
        InputError: codes, data and catalogue do not fit together, or the folder holds another training.
        ConfigError: a package is missing, or a model is there already.
    """
    folder = free_folder(out, "a trained model", is_whole, overwrite=overwrite)
    training = _training(codes, data, catalog, settings)
    if overwrite:
        training.clear(folder)
    training.run(folder, advance or _nothing)
    return TrainedSummary(folder, read_about(folder))


def talkplay_plan(
    codes: str | Path,
    data: str | Path,
    *,
    catalog: str | Path | None = None,
    settings: TrainSettings | None = None,
) -> TrainingPlan:
    """What `talkplay_train` would take: parameters, tokens, steps, memory, and hours by a few steps timed now.

    Nothing is written. Raises as `talkplay_train` does."""
    return _training(codes, data, catalog, settings).plan()


def is_begun(folder: str | Path) -> bool:
    """Whether a training there was ended before its end."""
    return checkpoint_file(Path(folder)).exists()


def steps_of(data: str | Path, settings: TrainSettings) -> int:
    """How many steps a training takes. Raises `CatalogError` where the data cannot be read."""
    divided = read_training(Path(data)).divided
    counts = rows_of_epoch(settings, len(divided.talks["train"]), bool(divided.playlists))
    return settings.epochs * steps_of_epoch(settings, counts)


def _training(
    codes: str | Path, data: str | Path, catalog: str | Path | None, settings: TrainSettings | None
) -> Training:
    read = read_training(Path(data))
    opened = open_catalog(str(read.origin.catalog if catalog is None else catalog))
    return Training(opened, TrackCodes.read(Path(codes)), read, settings or TrainSettings())


def _nothing(_: str) -> None:
    """Nobody is told."""

"""Export: a data set as a folder that the tools of the field load, with its card; or its upload to a hub."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path

from ..core.drawing import drawing_need
from ..core.errors import ConfigError
from ..core.packages import Need, require_all
from .arrow import PARQUET, SCHEMA
from .card import Card
from .measuring.plots import draw_pictures
from .opening import DataSet
from .provenance import Provenance
from .writing import Exported, new_folder, require_empty, write_tables

CARD = "README.md"
PICTURES = "pictures"

_REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
_HUB = Need("huggingface_hub", extra="dataset", needed_by="--push")
_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@dataclass(frozen=True)
class ExportOptions:
    """How to export.

    Attributes:
        licence: identifier for the card; never assumed.
        thoughts: False leaves every thought out.
        pictures: with plots in the card, which needs matplotlib.
    """

    licence: str | None = None
    thoughts: bool = True
    pictures: bool = True


def export_needs(*, pictures: bool, push: bool = False) -> list[Need]:
    """What an export needs to be installed."""
    drawing = [drawing_need("a picture in the card", instead="do without pictures (--no-pictures)")]
    return [PARQUET, SCHEMA, *(drawing if pictures else []), *([_HUB] if push else [])]


def export(
    dataset: DataSet,
    folder: Path,
    options: ExportOptions,
    *,
    provenance: Provenance | None = None,
    test_from: date | None = None,
) -> Exported:
    """Write the data set into `folder`: all of it, or, when anything fails, nothing.

    Raises:
        InputError: the folder holds something, or a conversation cannot be exported.
        ConfigError: a package is missing, or the folder cannot be written.
    """
    require_empty(folder)
    require_all(export_needs(pictures=options.pictures))
    with new_folder(folder) as unfinished:
        exported = write_tables(dataset, unfinished, thoughts=options.thoughts)
        drawn = draw_pictures([exported.statistics], unfinished / PICTURES) if options.pictures else []
        card = Card(
            name=folder.resolve().name,
            exported=exported,
            provenance=provenance,
            licence=options.licence,
            test_from=test_from,
            thoughts=options.thoughts,
            pictures=[path.relative_to(unfinished) for path in drawn],
        )
        (unfinished / CARD).write_text(card.text(), encoding="utf-8")
    return exported


def check_push(repository: str, environ: Mapping[str, str]) -> str:
    """The token that an upload to `repository` would use, found out before anything is written.

    Raises:
        ConfigError: the name is no `OWNER/NAME`, or no token is set.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise ConfigError(f"--push {repository!r}: a repository is named OWNER/NAME")
    token = next((environ[name] for name in _TOKENS if environ.get(name)), None)
    if token is None:
        raise ConfigError(
            f"--push {repository!r} needs a token, and {_TOKENS[0]} is not set",
            hint=f"export {_TOKENS[0]}=... with the right to write, or leave --push out",
        )
    return token


def push(folder: Path, repository: str, token: str) -> str:
    """Upload an exported folder as a private data set; its address.

    Raises:
        ConfigError: the package is missing, or the hub refused.
    """
    require_all([_HUB])
    hub = import_module("huggingface_hub")
    api = hub.HfApi(token=token)
    try:
        address = api.create_repo(repository, repo_type="dataset", private=True, exist_ok=True)
        api.upload_folder(repo_id=repository, repo_type="dataset", folder_path=folder)
    except (hub.errors.HfHubHTTPError, OSError) as error:
        raise ConfigError(
            f"--push {repository!r}: {error}", hint=f"{folder} is complete; try again"
        ) from error
    return str(address)

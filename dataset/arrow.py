"""The arrow types of the published schema and of our own columns, and pyarrow itself, imported when needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict

from ..core.packages import Need, require_all
from .rows import ACTION_COLUMNS, VERDICT_COLUMNS, ConversationRow, ExtraRow, TrackRow, UserRow

Kind = str | list["Kind"] | dict[str, "Kind"]
"""A name of a primitive type, a list of one kind, or a struct."""

_PRIMITIVES: Final = {str: "string", int: "int64", float: "float64", bool: "bool"}


def kinds_of(row: type) -> dict[str, Kind]:
    """Column -> kind, as the fields of the `TypedDict` are declared."""
    return {name: _kind(hint) for name, hint in get_type_hints(row).items()}


def _kind(hint: Any) -> Kind:
    if is_typeddict(hint):
        return kinds_of(hint)
    if get_origin(hint) is Literal:
        return "string"
    arguments = [argument for argument in get_args(hint) if argument is not type(None)]
    if get_origin(hint) is list:
        return [_kind(arguments[0])]
    return _kind(arguments[0]) if arguments else _PRIMITIVES[hint]


def without(columns: Mapping[str, Kind], names: tuple[str, ...]) -> Mapping[str, Kind]:
    """The columns but for `names`."""
    return {name: kind for name, kind in columns.items() if name not in names}


CONVERSATIONS: Final[Mapping[str, Kind]] = kinds_of(ConversationRow)
"""As `talkpl-ai/TalkPlayData-2` and the challenge's sets print it."""

_FEATURES: Final = ("tempo", "key", "chords")
TRACKS: Final = without(kinds_of(TrackRow), _FEATURES)
"""As `TalkPlayData-Challenge-Track-Metadata` prints it."""

TRACK_FEATURES: Final = {name: kinds_of(TrackRow)[name] for name in ("track_id", *_FEATURES)}
USERS: Final[Mapping[str, Kind]] = kinds_of(UserRow)
ALL_EXTRAS: Final[Mapping[str, Kind]] = kinds_of(ExtraRow)
EXTRAS: Final = without(ALL_EXTRAS, (*VERDICT_COLUMNS, *ACTION_COLUMNS))
"""Those that every conversation of ours has."""


PARQUET: Final = Need("pyarrow.parquet", extra="dataset", needed_by="parquet")
SCHEMA: Final = Need("datasets", extra="dataset", needed_by="an export")


def pyarrow() -> Any:
    """The package. Raises `ConfigError` where it is not installed."""
    require_all([PARQUET])
    return import_module("pyarrow")


def features(columns: Mapping[str, Kind]) -> Any:
    """`datasets.Features` of the columns. Raises `ConfigError` where `datasets` is not installed."""
    require_all([SCHEMA])
    datasets = import_module("datasets")

    def feature(kind: Kind) -> Any:
        if isinstance(kind, str):
            return datasets.Value(kind)
        if isinstance(kind, list):
            return datasets.List(feature(kind[0]))
        return {name: feature(inner) for name, inner in kind.items()}

    return datasets.Features({name: feature(kind) for name, kind in columns.items()})


def card_features(columns: Mapping[str, Kind]) -> Any:
    """The columns as a data set's card lists them. Raises `ConfigError` where `datasets` is not installed."""
    found = features(columns)
    info = import_module("datasets.info")
    card: dict[str, Any] = {}
    info.DatasetInfosDict(default=info.DatasetInfo(features=found)).to_dataset_card_data(card)
    return card["dataset_info"]["features"]

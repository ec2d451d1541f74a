"""The arrow types of the published schema and of our own columns, and pyarrow itself, imported when needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from ..core.errors import ConfigError

Kind = str | list["Kind"] | dict[str, "Kind"]
"""A name of a primitive type, a list of one kind, or a struct."""

_TEXTS: Final[Kind] = ["string"]

CONVERSATIONS: Final[Mapping[str, Kind]] = {
    "session_id": "string",
    "user_id": "string",
    "session_date": "string",
    "user_profile": {
        "age": "int64",
        "age_group": "string",
        "country_code": "string",
        "country_name": "string",
        "gender": "string",
        "preferred_language": "string",
        "preferred_musical_culture": "string",
        "user_id": "string",
        "user_split": "string",
    },
    "conversation_goal": {"category": "string", "listener_goal": "string", "specificity": "string"},
    "conversations": [{"content": "string", "role": "string", "thought": "string", "turn_number": "int64"}],
    "goal_progress_assessments": [{"goal_progress_assessment": "string", "turn_number": "int64"}],
}
"""As `talkpl-ai/TalkPlayData-2` and the challenge's sets print it."""

TRACKS: Final[Mapping[str, Kind]] = {
    "track_id": "string",
    "ISRC": _TEXTS,
    "track_name": _TEXTS,
    "artist_name": _TEXTS,
    "album_name": _TEXTS,
    "tag_list": _TEXTS,
    "popularity": "float64",
    "release_date": "string",
    "duration": "int64",
    "artist_id": _TEXTS,
    "album_id": _TEXTS,
}
"""As `TalkPlayData-Challenge-Track-Metadata` prints it."""

TRACK_FEATURES: Final[Mapping[str, Kind]] = {
    "track_id": "string",
    "tempo": "float64",
    "key": "string",
    "chords": _TEXTS,
}

USERS: Final[Mapping[str, Kind]] = {
    "user_id": "string",
    "age": "int64",
    "age_group": "string",
    "country_code": "string",
    "country_name": "string",
    "gender": "string",
}

EXTRAS: Final[Mapping[str, Kind]] = {
    "session_id": "string",
    "thread_id": "string",
    "run_id": "string",
    "source_session_id": "string",
    "parent": "string",
    "fork_turn": "int64",
    "altered": "bool",
    "simulated": "bool",
    "seed": "int64",
    "pool": _TEXTS,
    "profiling_tracks": _TEXTS,
    "goal_templates": _TEXTS,
    "template_id": "string",
    "category_description": "string",
    "target_turn_count": "int64",
    "listener_expertise": "string",
    "examples": {"initial": _TEXTS, "iteration": _TEXTS, "achieved": _TEXTS},
    "profile": {
        "age": "int64",
        "age_group": "string",
        "country_code": "string",
        "country_name": "string",
        "gender": "string",
        "preferred_language": "string",
        "preferred_musical_culture": "string",
        "top_1_artist": "string",
        "top_1_genre": "string",
    },
    "listener_words": "int64",
    "listener_register": "string",
    "listener_thoughts": _TEXTS,
    "recsys_thoughts": _TEXTS,
    "closing_assessment": "string",
    "closing_thought": "string",
    "modalities": _TEXTS,
    "models": [{"agent": "string", "model": "string"}],
    "template_digests": [{"name": "string", "digest": "string"}],
    "usage": [
        {
            "agent": "string",
            "model": "string",
            "calls": "int64",
            "text": "int64",
            "image": "int64",
            "audio": "int64",
            "cached": "int64",
            "thinking": "int64",
            "output": "int64",
        }
    ],
    "cost_usd": "float64",
    "repairs": "int64",
    "absent": _TEXTS,
}


def pyarrow() -> Any:
    """The package. Raises `ConfigError` where it is not installed."""
    try:
        package = import_module("pyarrow")
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise ConfigError(
            "parquet needs pyarrow, which is not installed", hint="pip install 'segue[dataset]'"
        ) from error
    return package


def features(columns: Mapping[str, Kind]) -> Any:
    """`datasets.Features` of the columns. Raises `ConfigError` where `datasets` is not installed."""
    try:
        datasets = import_module("datasets")
    except ImportError as error:
        raise ConfigError(
            "an export needs the package `datasets`, which is not installed",
            hint="pip install 'segue[dataset]'",
        ) from error

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


def without(columns: Mapping[str, Kind], names: tuple[str, ...]) -> Mapping[str, Kind]:
    """The columns but for `names`."""
    return {name: kind for name, kind in columns.items() if name not in names}

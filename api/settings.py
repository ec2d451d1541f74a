"""The settings of what is played, each described once, for whoever derives something from them, such as flags."""

from __future__ import annotations

from typing import Any, TypeVar

from ..core.errors import ConfigError
from ..core.settings import Setting, Settings, settings_of
from ..recommenders.dual_encoder.encoder_settings import EncoderSettings
from ..recommenders.talkplay.training.train_settings import TrainSettings
from ..recommenders.walk.walk_settings import WalkSettings
from ..runs.settings.config import (
    SECTIONS,
    BudgetSettings,
    DataSettings,
    ExecutionSettings,
    PlaySettings,
    RunConfig,
)

__all__ = [
    "SECTIONS",
    "BudgetSettings",
    "DataSettings",
    "EncoderSettings",
    "ExecutionSettings",
    "PlaySettings",
    "RunConfig",
    "Setting",
    "Settings",
    "TrainSettings",
    "WalkSettings",
    "given",
    "settings_of",
]

S = TypeVar("S", bound=Settings)


def given(value: Any, kind: type[S]) -> S:
    """The settings that were given, or the defaults for None. Raises `ConfigError` for what is none."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        told = f"settings must be a {kind.__name__}, not a {type(value).__name__}"
        raise ConfigError(told, hint=f"such as segue.{kind.__name__}(max_cost=5)")
    return value

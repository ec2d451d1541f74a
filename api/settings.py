"""The settings of what is played, each described once, for whoever derives something from them, such as flags."""

from __future__ import annotations

from ..core.settings import Setting, Settings, settings_of
from ..runs.config import SECTIONS, BudgetSettings, DataSettings, ExecutionSettings, RunConfig

__all__ = [
    "SECTIONS",
    "BudgetSettings",
    "DataSettings",
    "ExecutionSettings",
    "RunConfig",
    "Setting",
    "Settings",
    "settings_of",
]

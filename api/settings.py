"""The settings of what is played, each described once, for whoever derives something from them, such as flags."""

from __future__ import annotations

from ..runs.config import SECTIONS, BudgetSettings, DataSettings, ExecutionSettings, RunConfig
from ..runs.settings import Setting, Settings, settings_of

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

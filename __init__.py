"""segue: four agents, each seeing its own part of the truth, talk about music; every step is kept.

What is named here is the library's face (docs/python.md); the rooms behind it may change from version to version.
Each name is imported when it is first used, so that `import segue` alone is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.audits import DataAudits as DataAudits
    from .api.audits import audit as audit
    from .api.audits import audit_data as audit_data
    from .api.conversation import Conversation as Conversation
    from .api.conversation import Turn as Turn
    from .api.datasets import ExportSummary as ExportSummary
    from .api.datasets import ImportSummary as ImportSummary
    from .api.datasets import export as export
    from .api.datasets import import_ as import_
    from .api.estimates import Estimate as Estimate
    from .api.estimates import estimate as estimate
    from .api.estimates import estimate_async as estimate_async
    from .api.experiments import AblationReport as AblationReport
    from .api.experiments import Replayed as Replayed
    from .api.experiments import ablate as ablate
    from .api.experiments import ablate_async as ablate_async
    from .api.experiments import replay as replay
    from .api.experiments import verify as verify
    from .api.experiments import verify_async as verify_async
    from .api.judge_reports import JudgeReport as JudgeReport
    from .api.judge_reports import agreement as agreement
    from .api.judge_reports import judge_report as judge_report
    from .api.judging import JudgeResult as JudgeResult
    from .api.judging import judge as judge
    from .api.judging import judge_async as judge_async
    from .api.playing import Events as Events
    from .api.playing import PlayResult as PlayResult
    from .api.playing import branch as branch
    from .api.playing import branch_async as branch_async
    from .api.playing import play as play
    from .api.playing import play_async as play_async
    from .api.playing import retry as retry
    from .api.playing import retry_async as retry_async
    from .api.reports import Comparison as Comparison
    from .api.reports import CostReport as CostReport
    from .api.reports import Statistics as Statistics
    from .api.reports import compare as compare
    from .api.reports import cost as cost
    from .api.reports import stats as stats
    from .api.store import STANDINGS as STANDINGS
    from .api.store import Failures as Failures
    from .api.store import OpenStore as OpenStore
    from .api.store import open_store as open_store
    from .api.tables import Tables as Tables
    from .core.errors import SegueError as SegueError
    from .core.places import DEFAULT_STORE as DEFAULT_STORE
    from .runs.config import PlaySettings as PlaySettings
    from .runs.config import RunConfig as RunConfig

__version__ = "0.1.0"
"""Semantic: the face, the command line, what a store and an export hold keep working within a major version; while
it is 0, a minor version may change them and says so. A patch mends."""

_FACE = {
    "api.audits": ("DataAudits", "audit", "audit_data"),
    "api.conversation": ("Conversation", "Turn"),
    "api.datasets": ("ExportSummary", "ImportSummary", "export", "import_"),
    "api.estimates": ("Estimate", "estimate", "estimate_async"),
    "api.experiments": (
        "AblationReport",
        "Replayed",
        "ablate",
        "ablate_async",
        "replay",
        "verify",
        "verify_async",
    ),
    "api.judge_reports": ("JudgeReport", "agreement", "judge_report"),
    "api.judging": ("JudgeResult", "judge", "judge_async"),
    "api.playing": (
        "Events",
        "PlayResult",
        "branch",
        "branch_async",
        "play",
        "play_async",
        "retry",
        "retry_async",
    ),
    "api.reports": ("Comparison", "CostReport", "Statistics", "compare", "cost", "stats"),
    "api.store": ("Failures", "OpenStore", "STANDINGS", "open_store"),
    "api.tables": ("Tables",),
    "core.errors": ("SegueError",),
    "core.places": ("DEFAULT_STORE",),
    "runs.config": ("PlaySettings", "RunConfig"),
}
_PLACES = {name: module for module, names in _FACE.items() for name in names}

__all__ = ["__version__", *sorted(_PLACES)]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""segue: four agents, each seeing its own part of the truth, talk about music; every step is kept.

What is named here is the library's face (docs/python.md); the rooms behind it may change from version to version.
Each name is imported when it is first used, so that `import segue` alone is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.conversation import Conversation as Conversation
    from .api.conversation import Turn as Turn
    from .api.data.datasets import ExportSummary as ExportSummary
    from .api.data.datasets import export as export
    from .api.data.imports import ImportSummary as ImportSummary
    from .api.data.imports import import_ as import_
    from .api.evaluation.audits import DataAudits as DataAudits
    from .api.evaluation.audits import audit as audit
    from .api.evaluation.audits import audit_data as audit_data
    from .api.evaluation.benching import BenchPlan as BenchPlan
    from .api.evaluation.benching import BenchReport as BenchReport
    from .api.evaluation.benching import bench as bench
    from .api.evaluation.benching import bench_async as bench_async
    from .api.evaluation.experiments import AblationReport as AblationReport
    from .api.evaluation.experiments import Replayed as Replayed
    from .api.evaluation.experiments import ablate as ablate
    from .api.evaluation.experiments import ablate_async as ablate_async
    from .api.evaluation.experiments import replay as replay
    from .api.evaluation.experiments import verify as verify
    from .api.evaluation.experiments import verify_async as verify_async
    from .api.evaluation.judge_reports import JudgeReport as JudgeReport
    from .api.evaluation.judge_reports import agreement as agreement
    from .api.evaluation.judge_reports import judge_report as judge_report
    from .api.evaluation.judging import JudgeResult as JudgeResult
    from .api.evaluation.judging import judge as judge
    from .api.evaluation.judging import judge_async as judge_async
    from .api.evaluation.reports import Comparison as Comparison
    from .api.evaluation.reports import CostReport as CostReport
    from .api.evaluation.reports import Statistics as Statistics
    from .api.evaluation.reports import compare as compare
    from .api.evaluation.reports import cost as cost
    from .api.evaluation.reports import stats as stats
    from .api.evaluation.studies import Study as Study
    from .api.evaluation.studies import new_study as new_study
    from .api.evaluation.studies import study_links as study_links
    from .api.evaluation.studies import study_progress as study_progress
    from .api.evaluation.study_results import StudyReport as StudyReport
    from .api.evaluation.study_results import export_study as export_study
    from .api.evaluation.study_results import import_ratings as import_ratings
    from .api.evaluation.study_results import studies_that_find as studies_that_find
    from .api.evaluation.study_results import study_report as study_report
    from .api.planning.estimates import Estimate as Estimate
    from .api.planning.estimates import estimate as estimate
    from .api.planning.estimates import estimate_async as estimate_async
    from .api.planning.plans import write_plan as write_plan
    from .api.planning.preflight import ServerFinding as ServerFinding
    from .api.planning.preflight import preflight as preflight
    from .api.planning.preflight import preflight_async as preflight_async
    from .api.playing import Events as Events
    from .api.playing import PlayResult as PlayResult
    from .api.playing import branch as branch
    from .api.playing import branch_async as branch_async
    from .api.playing import play as play
    from .api.playing import play_async as play_async
    from .api.playing import retry as retry
    from .api.playing import retry_async as retry_async
    from .api.reading.opening import open_searchable as open_searchable
    from .api.reading.searching import IndexReport as IndexReport
    from .api.recommenders import ClarifyingQuestion as ClarifyingQuestion
    from .api.recommenders import Recommendation as Recommendation
    from .api.recommenders import Recommender as Recommender
    from .api.recommenders import RecommenderCheck as RecommenderCheck
    from .api.recommenders import RecommenderView as RecommenderView
    from .api.recommenders import check_recommender as check_recommender
    from .api.recommenders import check_recommender_async as check_recommender_async
    from .api.store import STANDINGS as STANDINGS
    from .api.store import Failures as Failures
    from .api.store import OpenStore as OpenStore
    from .api.store import open_store as open_store
    from .api.tables import Tables as Tables
    from .api.talkplay.data import TrainingSummary as TrainingSummary
    from .api.talkplay.data import talkplay_data as talkplay_data
    from .api.talkplay.evaluating import NextTrackReport as NextTrackReport
    from .api.talkplay.evaluating import talkplay_evaluate as talkplay_evaluate
    from .api.talkplay.reproducing import Reproduction as Reproduction
    from .api.talkplay.reproducing import talkplay_reproduce as talkplay_reproduce
    from .api.talkplay.talking import TalkAnswer as TalkAnswer
    from .api.talkplay.talking import TalkPlayTalk as TalkPlayTalk
    from .api.talkplay.talking import talkplay_talk as talkplay_talk
    from .api.talkplay.tokenizing import TrackCodes as TrackCodes
    from .api.talkplay.tokenizing import talkplay_tokenize as talkplay_tokenize
    from .api.talkplay.training import TrainedSummary as TrainedSummary
    from .api.talkplay.training import TrainingPlan as TrainingPlan
    from .api.talkplay.training import TrainSettings as TrainSettings
    from .api.talkplay.training import talkplay_plan as talkplay_plan
    from .api.talkplay.training import talkplay_train as talkplay_train
    from .api.walk.generating import WalkModel as WalkModel
    from .api.walk.generating import WalkSettings as WalkSettings
    from .api.walk.generating import WalkSummary as WalkSummary
    from .api.walk.generating import walk_generate as walk_generate
    from .api.walk.generating import walk_generate_async as walk_generate_async
    from .api.walk.generating import walk_model as walk_model
    from .api.walk.generating import walk_phrases as walk_phrases
    from .api.walk.reproducing import WalkStudy as WalkStudy
    from .api.walk.reproducing import walk_reproduce as walk_reproduce
    from .api.walk.sessions import SimulatedSessions as SimulatedSessions
    from .api.walk.sessions import walk_sessions as walk_sessions
    from .api.walk.talking import ShownTrack as ShownTrack
    from .api.walk.talking import WalkTalk as WalkTalk
    from .api.walk.training import EncoderCard as EncoderCard
    from .api.walk.training import EncoderSettings as EncoderSettings
    from .api.walk.training import walk_train as walk_train
    from .api.walk.walking import CpcdReport as CpcdReport
    from .api.walk.walking import FoundCollections as FoundCollections
    from .api.walk.walking import walk_collections as walk_collections
    from .api.walk.walking import walk_evaluate as walk_evaluate
    from .checkpoints.store.upkeep.deletion import Deletion as Deletion
    from .core.errors import SegueError as SegueError
    from .core.places import DEFAULT_STORE as DEFAULT_STORE
    from .runs.settings.config import PlaySettings as PlaySettings
    from .runs.settings.config import RunConfig as RunConfig

__version__ = "0.1.0"
"""Semantic: the face, the command line, what a store and an export hold keep working within a major version; while
it is 0, a minor version may change them and says so. A patch mends."""

_FACE = {
    "api.evaluation.audits": ("DataAudits", "audit", "audit_data"),
    "api.evaluation.benching": ("BenchPlan", "BenchReport", "bench", "bench_async"),
    "api.conversation": ("Conversation", "Turn"),
    "api.data.datasets": ("ExportSummary", "export"),
    "api.data.imports": ("ImportSummary", "import_"),
    "api.planning.estimates": ("Estimate", "estimate", "estimate_async"),
    "api.evaluation.experiments": (
        "AblationReport",
        "Replayed",
        "ablate",
        "ablate_async",
        "replay",
        "verify",
        "verify_async",
    ),
    "api.evaluation.judge_reports": ("JudgeReport", "agreement", "judge_report"),
    "api.evaluation.judging": ("JudgeResult", "judge", "judge_async"),
    "api.planning.plans": ("write_plan",),
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
    "api.planning.preflight": ("ServerFinding", "preflight", "preflight_async"),
    "api.reading.opening": ("open_searchable",),
    "api.reading.searching": ("IndexReport",),
    "api.recommenders": (
        "ClarifyingQuestion",
        "Recommendation",
        "Recommender",
        "RecommenderCheck",
        "RecommenderView",
        "check_recommender",
        "check_recommender_async",
    ),
    "api.evaluation.reports": ("Comparison", "CostReport", "Statistics", "compare", "cost", "stats"),
    "api.evaluation.studies": ("Study", "new_study", "study_links", "study_progress"),
    "api.evaluation.study_results": (
        "StudyReport",
        "export_study",
        "import_ratings",
        "studies_that_find",
        "study_report",
    ),
    "api.store": ("Failures", "OpenStore", "STANDINGS", "open_store"),
    "api.tables": ("Tables",),
    "api.talkplay.data": ("TrainingSummary", "talkplay_data"),
    "api.talkplay.evaluating": ("NextTrackReport", "talkplay_evaluate"),
    "api.talkplay.reproducing": ("Reproduction", "talkplay_reproduce"),
    "api.talkplay.talking": ("TalkAnswer", "TalkPlayTalk", "talkplay_talk"),
    "api.talkplay.tokenizing": ("TrackCodes", "talkplay_tokenize"),
    "api.talkplay.training": (
        "TrainSettings",
        "TrainedSummary",
        "TrainingPlan",
        "talkplay_plan",
        "talkplay_train",
    ),
    "api.walk.generating": (
        "WalkModel",
        "WalkSettings",
        "WalkSummary",
        "walk_generate",
        "walk_generate_async",
        "walk_model",
        "walk_phrases",
    ),
    "api.walk.reproducing": ("WalkStudy", "walk_reproduce"),
    "api.walk.sessions": ("SimulatedSessions", "walk_sessions"),
    "api.walk.talking": ("ShownTrack", "WalkTalk"),
    "api.walk.training": ("EncoderCard", "EncoderSettings", "walk_train"),
    "api.walk.walking": (
        "CpcdReport",
        "FoundCollections",
        "walk_collections",
        "walk_evaluate",
    ),
    "checkpoints.store.upkeep.deletion": ("Deletion",),
    "core.errors": ("SegueError",),
    "core.places": ("DEFAULT_STORE",),
    "runs.settings.config": ("PlaySettings", "RunConfig"),
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
